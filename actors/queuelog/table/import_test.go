package table

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"
)

// foreign makes tables as other programs do, and says where they are.
func foreign(t *testing.T, o Options, statements ...string) Foreign {
	t.Helper()
	tables := open(t, o)
	defer func() { _ = tables.Close() }()
	for _, s := range statements {
		if _, err := tables.write.Exec(s); err != nil {
			t.Fatal(s, err)
		}
	}
	return Foreign{File: o.File, DSN: o.DSN}
}

func imported(t *testing.T, f Foreign) (all []string) {
	t.Helper()
	err := Import(context.Background(), f, func(partition, text string) error {
		all = append(all, partition+": "+text)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// TestImport: lines come out of tables of other programs as they were in the file.
func TestImport(t *testing.T) {
	everywhere(t, func(t *testing.T, o Options) {
		stamp := "timestamp"
		if o.DSN == "" {
			stamp = "datetime"
		}
		f := foreign(t, o,
			"create table queue_log (id integer, time "+stamp+", callid varchar(80), queuename varchar(256), agent varchar(80),"+
				"event varchar(32), data1 varchar(100), data2 varchar(100), data3 varchar(100), data4 varchar(100), data5 varchar(100))",
			"insert into queue_log values (2, '2026-01-01 01:00:05.5', 'c', 'q', 'Agent/1', 'ATTENDEDTRANSFER', 'LINK', 'a', 'b', '9', '60|1')",
			"insert into queue_log values (1, '2026-01-01 01:00:05.5', 'c', 'q', 'Agent/1', 'CONNECT', '9', 'c2', '', null, null)",
			"insert into queue_log values (0, '2026-01-01 01:00:00', 'NONE', 'NONE', 'NONE', 'QUEUESTART', '', '', '', '', '')",
			"create table old_log (time varchar(30), callid varchar(50), queuename varchar(50), agent varchar(50), event varchar(20), data varchar(50))",
			"insert into old_log values ('1767229205', 'c', 'q', 'Agent/1', 'CONNECT', '9|c2')",
			"create table qm (partition varchar(20), time_id integer, call_id varchar(30), queue varchar(30), agent varchar(30),"+
				"verb varchar(30), data1 varchar(30), data2 varchar(30), data3 varchar(30), data4 varchar(30), unique_row_count integer)",
			"insert into qm values ('P2', 5, 'c', 'q', 'NONE', 'ABANDON', '1', '1', '4', '', 1)",
			"insert into qm values ('P1', 7, 'c', 'q', 'NONE', 'ABANDON', '1', '1', '6', '', 2)",
			"insert into qm values ('P1', 7, 'c', 'q', 'NONE', 'ENTERQUEUE', '', '100', '1', '', 1)",
			"create table other (x integer)")
		berlin, err := time.LoadLocation("Europe/Berlin")
		if err != nil {
			t.Fatal(err)
		}
		f.Zone = berlin
		for table, want := range map[string][]string{
			"": {": 1767225600|NONE|NONE|NONE|QUEUESTART|", ": 1767225605|c|q|Agent/1|CONNECT|9|c2",
				": 1767225605|c|q|Agent/1|ATTENDEDTRANSFER|LINK|a|b|9|60|1"},
			"old_log": {": 1767229205|c|q|Agent/1|CONNECT|9|c2"},
			"qm": {"P1: 7|c|q|NONE|ENTERQUEUE||100|1", "P1: 7|c|q|NONE|ABANDON|1|1|6",
				"P2: 5|c|q|NONE|ABANDON|1|1|4"},
		} {
			f.Table = table
			if got := imported(t, f); !slices.Equal(got, want) {
				t.Errorf("%s:\n%s", table, strings.Join(got, "\n"))
			}
		}
		f.Table = "other"
		if err := Import(t.Context(), f, nil); !errors.Is(err, ErrForeign) {
			t.Error(err)
		}
		f.Table = "x; drop table qm"
		if err := Import(t.Context(), f, nil); err == nil {
			t.Error("anything is a name")
		}
	})
}
