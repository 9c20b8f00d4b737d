package table

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
)

// server is a PostgreSQL of the tests' own: its files in a directory that is deleted, reached by a socket there.
type server struct {
	dir string
	run *exec.Cmd
	why string // it is not there
	n   int    // databases so far
}

var (
	theServer server
	startOnce sync.Once
)

func TestMain(m *testing.M) {
	code := m.Run()
	theServer.stop()
	os.Exit(code)
}

// newDatabase gives the DSN of an empty database. The test is skipped where there is no PostgreSQL.
func newDatabase(t testing.TB) string {
	t.Helper()
	startOnce.Do(func() {
		if err := theServer.start(); err != nil {
			theServer.why = err.Error()
		}
	})
	if theServer.why != "" {
		t.Skip("PostgreSQL (Debian: postgresql) is not there:", theServer.why)
	}
	theServer.n++
	name := fmt.Sprintf("t%d", theServer.n)
	s := Tables{}
	if err := s.openPostgreSQL(theServer.dsn("postgres")); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	if _, err := s.write.Exec("create database " + name); err != nil {
		t.Fatal(err)
	}
	return theServer.dsn(name)
}

func (s *server) dsn(database string) string {
	return fmt.Sprintf("host=%s user=tandem dbname=%s sslmode=disable", s.dir, database)
}

// program finds one of PostgreSQL's, which Debian keeps out of the path.
func program(name string) (string, error) {
	if path, err := exec.LookPath(name); err == nil {
		return path, nil
	}
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/" + name)
	if len(found) == 0 {
		return "", errors.New("no program " + name)
	}
	return slices.Max(found), nil
}

// start makes the files and starts the server, as somebody else than root, whom it refuses.
func (s *server) start() error {
	initdb, err := program("initdb")
	if err != nil {
		return err
	}
	postgres, err := program("postgres")
	if err != nil {
		return err
	}
	if s.dir, err = os.MkdirTemp("/tmp", "pg"); err != nil { // a socket's path must be short
		return err
	}
	who, err := s.owner()
	if err != nil {
		return err
	}
	files := filepath.Join(s.dir, "files")
	setUp := exec.CommandContext(context.Background(), initdb, "-D", files, "-A", "trust", "-U", "tandem", "-E", "UTF8", "--locale=C",
		"--no-sync")
	setUp.SysProcAttr, setUp.Dir = who, s.dir
	if out, err := setUp.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w: %s", err, out)
	}
	s.run = exec.CommandContext(context.Background(), postgres, "-D", files, "-k", s.dir, "-c", "listen_addresses=", "-c", "fsync=off",
		"-c", "lc_messages=C")
	s.run.SysProcAttr, s.run.Dir = who, s.dir
	log, err := s.run.StderrPipe()
	if err != nil {
		return err
	}
	if err := s.run.Start(); err != nil {
		return err
	}
	said := ""
	lines := bufio.NewScanner(log)
	for lines.Scan() {
		said += lines.Text() + "\n"
		if strings.Contains(lines.Text(), "ready to accept connections") {
			go func() {
				for lines.Scan() {
				}
			}()
			return nil
		}
	}
	return errors.New("it ended: " + said)
}

// owner is as whom the server runs, and gives him the directory.
func (s *server) owner() (*syscall.SysProcAttr, error) {
	if os.Getuid() != 0 {
		return nil, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, _ := strconv.Atoi(u.Uid)
		gid, _ := strconv.Atoi(u.Gid)
		return &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}, os.Chown(s.dir, uid, gid)
	}
	return nil, errors.New("root can not run it, and there is no user postgres")
}

func (s *server) stop() {
	if s.run != nil && s.run.Process != nil {
		_ = s.run.Process.Signal(syscall.SIGINT)
		_ = s.run.Wait()
	}
	if s.dir != "" {
		_ = os.RemoveAll(s.dir)
	}
}

// TestOneDatabaseForAll: one member writes and another one reads; then that one goes on where the first has been.
func TestOneDatabaseForAll(t *testing.T) {
	dsn := newDatabase(t)
	open := func() *Tables {
		t.Helper()
		tables, err := Open(t.Context(), Options{DSN: dsn})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = tables.Close() })
		return tables
	}
	one, two := open(), open()
	all := logs(t, "ast22-r2")
	half := len(all["A"]) / 2
	for _, err := range []error{one.Prepare(t.Context()), one.Add(t.Context(), "A", 0, all["A"][:half]), one.Reached(t.Context(), "store", 7),
		one.Add(t.Context(), "B", 0, all["B"])} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if m, err := two.Have(t.Context(), "A"); err != nil || m.Lines != uint64(half) {
		t.Errorf("%+v, %v", m, err)
	}
	if n, err := two.Place(t.Context(), "store"); err != nil || n != 7 {
		t.Errorf("it goes on at %d: %v", n, err)
	}
	if n, err := two.Place(t.Context(), "another store"); err != nil || n != 0 {
		t.Errorf("another one goes on at %d: %v", n, err)
	}
	for _, err := range []error{two.Prepare(t.Context()), two.Add(t.Context(), "A", 0, all["A"]), two.Add(t.Context(), "C", 0, all["C"]),
		one.Add(t.Context(), "A", 10, all["A"][10:]), two.Reached(t.Context(), "store", 9)} { // the first one does not know yet
		if err != nil {
			t.Fatal(err)
		}
	}
	check(t, one, "ast22-r2")
	check(t, two, "ast22-r2")
}
