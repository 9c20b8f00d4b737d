package lab

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// MariaDB starts a server of the test's own, reached by a socket alone, and gives the address of an empty database there,
// mysql://tandem@/asterisk?socket=PATH. The test is skipped where there is no MariaDB.
func MariaDB(t testing.TB) (address string) {
	t.Helper()
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
	run := Go(t, Command{Path: server, Args: append(common, "--socket="+socket, "--skip-networking", "--skip-grant-tables")})
	run.WaitLine(t, readyTime, "ready for connections")
	mariaDB(t, socket, "mysql", "create database asterisk")
	return fmt.Sprintf("mysql://tandem@/asterisk?socket=%s", socket)
}

// MariaDBDo performs statements in a database whose address MariaDB has given.
func MariaDBDo(t testing.TB, address, statements string) {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	mariaDB(t, u.Query().Get("socket"), u.Path[1:], statements)
}

func mariaDB(t testing.TB, socket, name, statements string) {
	t.Helper()
	client := Tool(t, "mariadb-client", "mariadb", "mysql")
	do := exec.CommandContext(t.Context(), client, "--no-defaults", "--socket="+socket, "--user=tandem", name)
	do.Stdin = strings.NewReader(statements)
	if out, err := do.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
}
