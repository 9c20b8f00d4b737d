package cluster

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tandem/test/lab"
)

// TestReportsInOneDatabase has all members keep the tables of queue logs in one PostgreSQL, which the Controller writes. It
// is killed while a log is loaded. In the end each line is there once, and all members say the same of them.
func TestReportsInOneDatabase(t *testing.T) {
	lab.Long(t)
	all := start(t, lab.ClusterOptions{Set: []string{"reports.dsn=" + lab.PostgreSQL(t)}})
	file, lines := filepath.Join(t.TempDir(), "queue_log"), ""
	const calls = 2000
	for n := range calls {
		at := 1700000000 + 10*n
		lines += fmt.Sprintf("%d|c.%d|sales|NONE|ENTERQUEUE||030|1\n%d|c.%d|sales|Agent/101|CONNECT|4|m.%d|2\n%d|c.%d|sales|Agent/101|COMPLETECALLER|4|5|1\n",
			at, n, at+4, n, n, at+9, n)
	}
	if err := os.WriteFile(file, []byte(lines), 0o600); err != nil {
		t.Fatal(err)
	}
	rows := func(m *lab.Member) int {
		var p struct{ Rows int }
		_ = m.Ask("GET", "queuelog/partitions/A", nil, &p) // none until there are lines
		return p.Rows
	}
	leader, _, _ := controller(all)
	rest := others(all, leader)
	loading := lab.Go(t, lab.Command{Path: lab.Binary(t), Args: []string{"queuelog", "load", "--partition", "A", "--batch", "100", "--data", rest[0].Data, file}})
	lab.Wait(t, settle, "some lines are in the tables", func() bool { return rows(rest[0]) > 0 })
	leader.Kill()
	if code := loading.Wait(t, 2*settle); code != 0 {
		t.Fatalf("the load ended with code %d", code)
	}
	for _, m := range rest {
		lab.Wait(t, 2*settle, m.Name+" sees all lines", func() bool { return rows(m) == 3*calls })
	}
	leader.Restart()
	awaitAll(t, all)
	lab.Wait(t, settle, "the killed one sees all lines", func() bool { return rows(leader) == 3*calls })
	want := all[0].Tandem("queuelog", "report", "sql:A", "--output", "json", "--file", "A="+file)
	for _, m := range all {
		if got := m.Tandem("queuelog", "report", "sql:A", "--output", "json"); got != want || !strings.Contains(got, fmt.Sprintf(`"offered": %d`, calls)) {
			t.Errorf("%s:\n%.400s\nwant\n%.400s", m.Name, got, want)
		}
	}
}
