package lab

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// maxKept is how much of a child's output is kept, bytes; of more, the beginning is forgotten.
const maxKept = 1 << 20

// Command describes a child.
type Command struct {
	Path string
	Args []string
	Dir  string   // working directory, "" for the test's own
	Env  []string // beside our own
	// Talk leaves the child's standard input open for Say; else it is empty.
	Talk bool
	// Group puts the child into a process group of its own, so that Kill takes what it has started
	// as well. A member's supervisor needs none.
	Group bool
	// Files are open in the child from descriptor 3 on.
	Files []*os.File
	// In runs the child in a namespace of the network.
	In *Namespace

	flags uintptr  // of clone(2)
	env   []string // all of its environment, instead of ours and Env
}

// Process is one running child. It dies with the tests, whatever ends them.
type Process struct {
	Name  string
	cmd   *exec.Cmd
	group bool
	in    io.WriteCloser // with Talk
	out   kept
	ended chan struct{}
	err   error // valid after ended
}

// Go starts a child and ends it when the test is over. If the test has failed then, the child's
// output is in its log.
func Go(t testing.TB, c Command) *Process {
	t.Helper()
	p, err := launch(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		p.Kill()
		if t.Failed() {
			t.Logf("%s (%v) said:\n%s", p.Name, p.err, p.Output())
		}
	})
	return p
}

func launch(c Command) (*Process, error) {
	if err := admit(); err != nil {
		return nil, err
	}
	cmd := exec.Command(c.Path, c.Args...)
	p := &Process{Name: cmd.String(), cmd: cmd, group: c.Group, ended: make(chan struct{})}
	cmd.Dir, cmd.Env, cmd.ExtraFiles = c.Dir, childEnv(c.Env), c.Files
	if c.env != nil {
		cmd.Env = c.env
	}
	cmd.Stdout, cmd.Stderr = &p.out, &p.out
	cmd.WaitDelay = 5 * time.Second // a grandchild that holds the pipe must not hold the test
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: c.Group, Cloneflags: c.flags}
	if c.flags&syscall.CLONE_NEWUSER != 0 { // root there, ourselves here
		cmd.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{HostID: os.Getuid(), Size: 1}}
		cmd.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{HostID: os.Getgid(), Size: 1}}
	}
	if c.Talk {
		var err error
		if p.in, err = cmd.StdinPipe(); err != nil {
			return nil, err
		}
	}
	began := make(chan error)
	go func() {
		// The kernel sends the death signal when the thread that forked dies, not the process: this
		// one lives as long as the child.
		runtime.LockOSThread()
		defer alive.Add(-1)
		var err error
		if c.In == nil {
			defer runtime.UnlockOSThread()
		} else {
			err = c.In.enter() // and the thread ends with this goroutine
		}
		if err == nil {
			err = cmd.Start()
		}
		began <- err
		if err == nil {
			p.err = cmd.Wait()
			close(p.ended)
		}
	}()
	if err := <-began; err != nil {
		return nil, fmt.Errorf("cannot start %s: %w", c.Path, err)
	}
	return p, nil
}

// PID is the child's process id.
func (p *Process) PID() int { return p.cmd.Process.Pid }

// Ended is closed when the child has ended.
func (p *Process) Ended() <-chan struct{} { return p.ended }

// Output is what the child has written so far, both streams.
func (p *Process) Output() string { return p.out.String() }

// Say writes a line to the standard input of a child that was started with Talk. One that has ended
// does not hear it.
func (p *Process) Say(line string) { _, _ = io.WriteString(p.in, line+"\n") }

// Signal sends a signal; a child that has ended ignores it.
func (p *Process) Signal(s os.Signal) { _ = p.cmd.Process.Signal(s) }

// Wait waits for the end and returns the exit code, -1 after a signal.
func (p *Process) Wait(t testing.TB, most time.Duration) int {
	t.Helper()
	select {
	case <-p.ended:
	case <-time.After(most):
		t.Fatalf("%s has not ended after %v; it said:\n%s", p.Name, most, p.Output())
	}
	return p.cmd.ProcessState.ExitCode()
}

// Kill ends the child at once and waits until it is gone.
func (p *Process) Kill() {
	select {
	case <-p.ended:
		return
	default:
	}
	if p.group {
		_ = syscall.Kill(-p.PID(), syscall.SIGKILL)
	}
	_ = p.cmd.Process.Kill()
	<-p.ended
}

// WaitLine waits until the child's output holds text.
func (p *Process) WaitLine(t testing.TB, most time.Duration, text string) {
	t.Helper()
	if !poll(most, p.ended, func() bool { return bytes.Contains(p.out.bytes(), []byte(text)) }) {
		t.Fatalf("%s has not said %q after at most %v but:\n%s", p.Name, text, most, p.Output())
	}
}

// gone waits for the end of a process that is not our child. Its number cannot be taken by another
// while we wait, since a descriptor of the kernel stands for it.
func gone(pid int, most time.Duration) error {
	fd, err := unix.PidfdOpen(pid, 0)
	if err == unix.ESRCH {
		return nil
	}
	if err != nil {
		return fmt.Errorf("process %d: %w", pid, err)
	}
	defer func() { _ = unix.Close(fd) }()
	over := time.Now().Add(most)
	for {
		left := time.Until(over)
		if left <= 0 {
			return fmt.Errorf("process %d still runs after %v", pid, most)
		}
		n, err := unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}, int(left.Milliseconds())+1)
		if err != nil && err != unix.EINTR {
			return fmt.Errorf("process %d: %w", pid, err)
		}
		if n > 0 {
			return nil
		}
	}
}

// kept collects output, at most twice maxKept of it.
type kept struct {
	mu   sync.Mutex
	text []byte
}

func (k *kept) Write(b []byte) (int, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.text = append(k.text, b...)
	if len(k.text) > 2*maxKept {
		k.text = append([]byte("...\n"), k.text[len(k.text)-maxKept:]...)
	}
	return len(b), nil
}

func (k *kept) bytes() []byte {
	k.mu.Lock()
	defer k.mu.Unlock()
	return bytes.Clone(k.text)
}

func (k *kept) String() string { return string(k.bytes()) }
