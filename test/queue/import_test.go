package queue

import (
	"fmt"
	"strings"
	"testing"

	"tandem/test/lab"
)

// TestImport loads the table that a server of another make has written, with the times of its place, out of MariaDB: twice,
// the second time with a longer one. The report is that of the file which it would have written.
func TestImport(t *testing.T) {
	lab.Long(t)
	m := lab.Start(t, lab.Options{})
	address, lines := lab.MariaDB(t), bigLog(t, 4)
	lab.MariaDBDo(t, address, "create table queue_log (id int auto_increment primary key, time datetime, callid varchar(80), queuename varchar(80), "+
		"agent varchar(80), event varchar(80), data1 varchar(100), data2 varchar(100), data3 varchar(100), data4 varchar(100), data5 varchar(100))")
	half := len(lines) / 2
	for n, part := range [][]string{lines[:half], lines[half:]} {
		lab.MariaDBDo(t, address, rowsOf(part))
		m.Tandem("queuelog", "import", "--partition", "A", "--zone", "Europe/Berlin", address)
		want := []int{half, len(lines)}[n]
		lab.Wait(t, patience, "all are in the tables", func() bool { s := standOf(m, "A"); return s.Lines == want && s.Rows == want })
	}
	sameAsFile(t, m, "A", lines)
}

// rowsOf writes lines into the table, as their server does: with the time in Berlin.
func rowsOf(lines []string) string {
	var all strings.Builder
	all.WriteString("set time_zone = '+01:00';\n") // it is winter in the log
	for _, l := range lines {
		fields := strings.SplitN(strings.TrimRight(l, "\n"), "|", 10)
		for len(fields) < 10 {
			fields = append(fields, "")
		}
		fmt.Fprintf(&all, "insert into queue_log (time, callid, queuename, agent, event, data1, data2, data3, data4, data5) values (from_unixtime(%s)", fields[0])
		for _, f := range fields[1:] {
			fmt.Fprintf(&all, ", '%s'", strings.ReplaceAll(f, "'", "''"))
		}
		all.WriteString(");\n")
	}
	return all.String()
}
