package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"tandem/conf"
)

// actAs in the environment makes the test binary act as the program tandem, with a member that only
// pretends; its value says how that member behaves. It is looked for before any test runs, and a
// value that is unknown ends the process, so that no child can run the tests and start children
// again.
const actAs = "TANDEM_TEST_ACT"

// maxChildren bounds how many children live at once.
const maxChildren = 40

// living holds a token for each child.
var living = make(chan struct{}, maxChildren)

func TestMain(m *testing.M) {
	behaviour, acting := os.LookupEnv(actAs)
	if !acting {
		os.Exit(m.Run())
	}
	start := pretenders[behaviour]
	if start == nil {
		fmt.Fprintf(os.Stderr, "%s=%q is unknown\n", actAs, behaviour)
		os.Exit(99)
	}
	a := newApp(os.Stdin, os.Stdout, os.Stderr)
	a.start = start
	os.Exit(a.run(os.Args[1:]))
}

// pretender is a member without calls.
type pretender struct {
	failed  chan error
	stopped func(context.Context) error
}

func (p *pretender) Ports() map[string]int          { return map[string]int{"http": 1, "sip_udp": 2} }
func (p *pretender) Stop(ctx context.Context) error { return p.stopped(ctx) }
func (p *pretender) Failed() <-chan error           { return p.failed }

// pretenders are the behaviours.
var pretenders = map[string]starter{
	"good": func(_ context.Context, l *conf.Live, log *slog.Logger) (house, error) {
		log.Info("pretending", slog.Int("pid", os.Getpid()), slog.String("agent", l.Conf().SIP.UserAgent))
		return &pretender{stopped: func(context.Context) error { return nil }}, nil
	},
	"cannot start": func(context.Context, *conf.Live, *slog.Logger) (house, error) {
		return nil, errors.New("no room at the inn")
	},
	"second cannot start": func(_ context.Context, l *conf.Live, _ *slog.Logger) (house, error) {
		if name := l.Conf().Member.Name; name == conf.DevName(2) {
			return nil, errors.New("no room for " + name)
		}
		return &pretender{stopped: func(context.Context) error { return nil }}, nil
	},
	"waits": func(ctx context.Context, _ *conf.Live, log *slog.Logger) (house, error) {
		log.Info("pretending", slog.Int("pid", os.Getpid()))
		<-ctx.Done()
		return nil, ctx.Err()
	},
	"fails": func(context.Context, *conf.Live, *slog.Logger) (house, error) {
		failed := make(chan error, 1)
		failed <- errors.New("the store is gone")
		return &pretender{failed: failed, stopped: func(context.Context) error { return nil }}, nil
	},
	"never stops": func(context.Context, *conf.Live, *slog.Logger) (house, error) {
		return &pretender{stopped: func(context.Context) error { select {} }}, nil
	},
	"hangs": func(context.Context, *conf.Live, *slog.Logger) (house, error) {
		signal.Ignore(syscall.SIGTERM) // and so does not even hear that it shall stop
		return &pretender{stopped: func(context.Context) error { select {} }}, nil
	},
	"drains": func(context.Context, *conf.Live, *slog.Logger) (house, error) {
		return &pretender{stopped: func(ctx context.Context) error { <-ctx.Done(); return nil }}, nil
	},
}

// program is a running tandem.
type program struct {
	cmd   *exec.Cmd
	lines chan string // of both outputs
	ended chan error
	all   bytes.Buffer // what was read from lines, for the log of a failed test
}

// patience is how long a test waits for what must come.
const patience = 15 * time.Second

// launch starts tandem with a pretending member.
func launch(t *testing.T, behaviour string, args ...string) *program {
	t.Helper()
	if _, nested := os.LookupEnv(actAs); nested {
		t.Fatal("a child may not start children")
	}
	select {
	case living <- struct{}{}:
	default:
		t.Fatalf("more than %d children", maxChildren)
	}
	t.Cleanup(func() { <-living })
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	read, write := io.Pipe()
	p := &program{cmd: exec.Command(self, args...), lines: make(chan string, 1000), ended: make(chan error, 1)}
	p.cmd.Env = append(os.Environ(), actAs+"="+behaviour, "XDG_STATE_HOME="+t.TempDir(),
		"GORACE=atexit_sleep_ms=0") // else each exit under the race detector takes a second
	p.cmd.Stdout, p.cmd.Stderr = write, write
	p.cmd.WaitDelay = time.Second
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		for s := bufio.NewScanner(read); s.Scan(); {
			p.lines <- s.Text()
		}
		close(p.lines)
	}()
	go func() { p.ended <- p.cmd.Wait(); _ = write.Close() }()
	t.Cleanup(func() {
		_ = p.cmd.Process.Kill()
		if t.Failed() {
			t.Logf("output so far:\n%s", &p.all)
		}
	})
	return p
}

// line waits for a line that holds text and returns it.
func (p *program) line(t *testing.T, text string) string {
	t.Helper()
	timeout := time.After(patience)
	for {
		select {
		case l, ok := <-p.lines:
			if !ok {
				t.Fatalf("ended without the line %q", text)
			}
			p.all.WriteString(l + "\n")
			if strings.Contains(l, text) {
				return l
			}
		case <-timeout:
			t.Fatalf("no line %q in time", text)
		}
	}
}

// exit waits for the end and returns the exit code.
func (p *program) exit(t *testing.T) int {
	t.Helper()
	select {
	case <-p.ended:
		return p.cmd.ProcessState.ExitCode()
	case <-time.After(patience):
		t.Fatal("the program does not end")
		return -1
	}
}

func (p *program) signal(t *testing.T, s syscall.Signal) {
	t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil {
		t.Fatal(err)
	}
}

// pid reads the process id of a pretending member from its line of the log.
func pid(t *testing.T, line string) int {
	t.Helper()
	_, rest, _ := strings.Cut(line, "pid=")
	var n int
	if _, err := fmt.Sscan(rest, &n); err != nil {
		t.Fatalf("no pid in %q", line)
	}
	return n
}

// gone waits until a process that is no child of ours has ended.
func gone(t *testing.T, pid int) {
	t.Helper()
	fd, err := unix.PidfdOpen(pid, 0)
	if errors.Is(err, unix.ESRCH) {
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = unix.Close(fd) }()
	ended := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}} // readable at its end
	for {
		n, err := unix.Poll(ended, int(patience.Milliseconds()))
		if errors.Is(err, unix.EINTR) {
			continue
		}
		if n == 0 || err != nil {
			_ = syscall.Kill(pid, syscall.SIGKILL)
			t.Fatalf("process %d lives on (%v)", pid, err)
		}
		return
	}
}
