package lab

import (
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"
)

// apart is what a test has for itself in a namespace of the kernel's.
type apart struct {
	what string  // as a reason to skip the test says it
	mark string  // in the environment it says that the test runs there
	flag uintptr // of clone(2)
	try  string  // a shell's command that succeeds where it is allowed
}

// again runs the test a second time, in a process that stands apart.
func again(t *testing.T, a apart) {
	t.Helper()
	flags, err := a.allowed()
	if err != nil {
		t.Skipf("needs %s, which is not allowed here: %v", a.what, err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	args := []string{"-test.run=^" + strings.ReplaceAll(t.Name(), "/", "$/^") + "$", "-test.v", "-test.count=1"}
	if end, ok := t.Deadline(); ok {
		args = append(args, "-test.timeout="+time.Until(end).String())
	}
	env := append(os.Environ(), a.mark+"=1", "TANDEM_TEST_BINARY="+Binary(t))
	p, err := launch(Command{Path: self, Args: args, flags: flags, env: env})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Kill)
	<-p.Ended()
	out := p.Output()
	switch {
	case p.cmd.ProcessState.ExitCode() != 0:
		t.Fatalf("in %s:\n%s", a.what, out)
	case strings.Contains(out, "--- SKIP: "+t.Name()+" "):
		t.Skipf("in %s:\n%s", a.what, out)
	case !strings.Contains(out, "--- PASS: "+t.Name()+" "):
		t.Fatalf("it did not run in %s:\n%s", a.what, out)
	}
	t.Logf("in %s:\n%s", a.what, out)
}

// allowed finds out how this user may make the namespace: as root, or as root of a user namespace.
func (a apart) allowed() (flags uintptr, err error) {
	for _, flags = range []uintptr{a.flag, a.flag | syscall.CLONE_NEWUSER} {
		var p *Process
		p, err = launch(Command{Path: "/bin/sh", Args: []string{"-c", a.try}, flags: flags})
		if err != nil {
			continue
		}
		<-p.Ended()
		if code := p.cmd.ProcessState.ExitCode(); code == 0 {
			return flags, nil
		}
		err = fmt.Errorf("%s", p.Output())
	}
	return 0, err
}
