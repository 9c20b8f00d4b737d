package table

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"tandem/test/lab"
)

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
	t.Run("SQLite", func(t *testing.T) {
		testImport(t, Foreign{File: filepath.Join(t.TempDir(), "asterisk.db")}, "datetime")
	})
	t.Run("PostgreSQL", func(t *testing.T) { testImport(t, Foreign{DSN: lab.PostgreSQL(t)}, "timestamp") })
	t.Run("MySQL", func(t *testing.T) { testImport(t, Foreign{MySQL: newMySQL(t)}, "datetime(6)") })
}

func testImport(t *testing.T, f Foreign, stamp string) {
	statements(t, f,
		"create table queue_log (id integer, time "+stamp+", callid varchar(80), queuename varchar(256), agent varchar(80),"+
			"event varchar(32), data1 varchar(100), data2 varchar(100), data3 varchar(100), data4 varchar(100), data5 varchar(100))",
		"insert into queue_log values (2, '2026-01-01 01:00:05.5', 'c', 'q', 'Agent/1', 'ATTENDEDTRANSFER', 'LINK', 'a', 'b', '9', '60|1')",
		"insert into queue_log values (1, '2026-01-01 01:00:05.5', 'c', 'q', 'Agent/1', 'CONNECT', '9', 'c2', '', null, null)",
		"insert into queue_log values (0, '2026-01-01 01:00:00', 'NONE', 'NONE', 'NONE', 'QUEUESTART', '', '', '', '', '')",
		"create table old_log (time varchar(30), callid varchar(50), queuename varchar(50), agent varchar(50), event varchar(20), data varchar(50))",
		"insert into old_log values ('1767229205', 'c', 'q', 'Agent/1', 'CONNECT', '9|c2')",
		"create table qm (\"partition\" varchar(20), time_id integer, call_id varchar(30), queue varchar(30), agent varchar(30),"+
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
}

// statements does something in another program's database.
func statements(t *testing.T, f Foreign, all ...string) {
	t.Helper()
	if f.File != "" {
		if err := os.WriteFile(f.File, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	open := f.open
	if f.File != "" {
		open = func() (*sql.DB, error) { return sql.Open("sqlite", "file:"+f.File) }
	}
	db, err := open()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	for _, s := range all {
		if _, err := db.Exec(s); err != nil {
			t.Fatal(s, err)
		}
	}
}
