package table

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"tandem/test/lab"
)

// newMySQL gives the address of an empty database.
func newMySQL(t *testing.T) string {
	t.Helper()
	if testing.Short() {
		t.Skip("MariaDB takes some seconds to begin")
	}
	return lab.MariaDB(t)
}

// TestImportOfTimestamps: a column of MySQL that has a zone is read in it, whatever zone is named.
func TestImportOfTimestamps(t *testing.T) {
	f := Foreign{MySQL: newMySQL(t)}
	statements(t, f, "create table queue_log (time timestamp, callid varchar(9), queuename varchar(9), agent varchar(9), event varchar(9))",
		"insert into queue_log values ('2026-01-01 00:00:00', 'c', 'q', 'NONE', 'ABANDON')")
	if got := imported(t, f); !slices.Equal(got, []string{": 1767225600|c|q|NONE|ABANDON"}) {
		t.Error(got)
	}
}

// TestMySQLAddress: what an address may be, and that nobody is shown the password of one that is wrong.
func TestMySQLAddress(t *testing.T) {
	for text, want := range map[string]string{
		"mysql://reader:secret@db.example.net/asterisk":               "tcp db.example.net:3306 asterisk reader secret",
		"mysql://reader:s%40cret@[::1]:3307/asterisk?tls=skip-verify": "tcp [::1]:3307 asterisk reader s@cret",
		"mysql://reader@/asterisk?socket=/run/mysqld/mysqld.sock":     "unix /run/mysqld/mysqld.sock asterisk reader ",
		"mysql://reader:secret@db.example.net/":                       "",
		"mysql://reader:secret@/asterisk":                             "",
		"mysql://reader:secret@db.example.net/asterisk?multi=yes":     "",
		"mysql://reader:secret@db:x/asterisk":                         "",
		"postgres://reader:secret@db.example.net/asterisk":            "",
	} {
		c, err := mysqlConfig(text)
		got := ""
		if err == nil {
			got = fmt.Sprint(c.Net, " ", c.Addr, " ", c.DBName, " ", c.User, " ", c.Passwd)
		}
		if got != want || err != nil && (!errors.Is(err, ErrMySQL) || strings.Contains(err.Error(), "secret")) {
			t.Errorf("%s: %q, %v", text, got, err)
		}
	}
}
