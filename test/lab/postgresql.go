package lab

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

// postgreSQL is a server of the tests' own: its files in a directory that is deleted, reached by a socket there.
type postgreSQL struct {
	once sync.Once
	dir  string
	run  *exec.Cmd
	why  string // it is not there
	n    int    // databases so far
}

var thePostgreSQL postgreSQL

// PostgreSQL gives the DSN of an empty database, which is there until Run ends. The test is skipped where there is no
// PostgreSQL.
func PostgreSQL(t testing.TB) string {
	t.Helper()
	s := &thePostgreSQL
	s.once.Do(func() {
		if err := s.start(); err != nil {
			s.why = err.Error()
		}
	})
	if s.why != "" {
		t.Skip("PostgreSQL (Debian: postgresql) is not there:", s.why)
	}
	s.n++
	name := fmt.Sprintf("t%d", s.n)
	create, err := postgreSQLProgram("createdb")
	if err != nil {
		t.Fatal(err)
	}
	if out, err := exec.CommandContext(t.Context(), create, "-h", s.dir, "-U", "tandem", name).CombinedOutput(); err != nil {
		t.Fatalf("createdb: %v: %s", err, out)
	}
	return fmt.Sprintf("host=%s user=tandem dbname=%s sslmode=disable", s.dir, name)
}

// postgreSQLProgram finds one of PostgreSQL's, which Debian keeps out of the path.
func postgreSQLProgram(name string) (string, error) {
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
func (s *postgreSQL) start() error {
	initdb, err := postgreSQLProgram("initdb")
	if err != nil {
		return err
	}
	postgres, err := postgreSQLProgram("postgres")
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
func (s *postgreSQL) owner() (*syscall.SysProcAttr, error) {
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

func (s *postgreSQL) stop() {
	if s.run != nil && s.run.Process != nil {
		_ = s.run.Process.Signal(syscall.SIGINT)
		_ = s.run.Wait()
	}
	if s.dir != "" {
		_ = os.RemoveAll(s.dir)
	}
}
