package table

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// newMySQL starts a MariaDB of the test's own, reached by a socket alone, and gives the address of an empty database.
func newMySQL(t *testing.T) string {
	t.Helper()
	if testing.Short() {
		t.Skip("MariaDB takes some seconds to begin")
	}
	install, err := exec.LookPath("mariadb-install-db")
	server, failed := exec.LookPath("mariadbd")
	if failed != nil { // Debian keeps it where only root looks
		server = "/usr/sbin/mariadbd"
		_, failed = os.Stat(server)
	}
	if err = errors.Join(err, failed); err != nil {
		t.Skip("MariaDB (Debian: mariadb-server) is not there:", err)
	}
	dir, err := os.MkdirTemp("/tmp", "my") // a socket's path must be short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	files, socket := filepath.Join(dir, "files"), filepath.Join(dir, "socket")
	common := []string{"--no-defaults", "--datadir=" + files, "--innodb-log-file-size=4M", "--innodb-flush-method=nosync"}
	if os.Getuid() == 0 {
		common = append(common, "--user=root")
	}
	setUp := exec.CommandContext(t.Context(), install, append(slices.Clone(common), "--auth-root-authentication-method=normal", "--skip-test-db")...)
	if out, err := setUp.CombinedOutput(); err != nil {
		t.Fatalf("mariadb-install-db: %v: %s", err, out)
	}
	run := exec.CommandContext(context.WithoutCancel(t.Context()), server, append(common, "--socket="+socket, "--skip-networking", "--skip-grant-tables")...)
	log, err := run.StderrPipe()
	if err == nil {
		err = run.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = run.Process.Signal(os.Interrupt); _ = run.Process.Kill(); _ = run.Wait() })
	said := ""
	lines := bufio.NewScanner(log)
	for !strings.Contains(said, "ready for connections") {
		if !lines.Scan() {
			t.Fatal("MariaDB ended: ", said)
		}
		said += lines.Text() + "\n"
	}
	go func() {
		for lines.Scan() {
		}
	}()
	address := func(name string) string { return fmt.Sprintf("mysql://tandem@/%s?socket=%s", name, socket) }
	statements(t, Foreign{MySQL: address("mysql")}, "create database asterisk")
	return address("asterisk")
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
