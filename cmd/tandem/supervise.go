package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"syscall"
	"time"

	"tandem/conf"
)

const (
	// memberMark in the environment marks the process of a member, so that it never supervises.
	memberMark = "TANDEM_DEV_MEMBER"
	// memberPipe is the file descriptor on which a member tells that it is ready.
	memberPipe = 3
	// killTime is how long a member may take to end before it is killed: dev ends within 5 s.
	killTime = 4 * time.Second
	// The pause before a failed member is started again grows from the first to the last.
	firstPause, lastPause = 100 * time.Millisecond, 5 * time.Second
)

// supervisor runs one member in a child process, and again when it ends by itself with an error.
type supervisor struct {
	name     string
	command  func() *exec.Cmd
	restarts int // most in a minute
	err      io.Writer
	ready    func(ports)    // called each time that it is
	gone     func()         // called each time that it has ended
	signals  chan os.Signal // to be passed on

	started []time.Time // restarts of the last minute
	pause   time.Duration
	wasUp   bool
}

// memberCommand is how a member is started: this same program, in a process group of its own, so
// that a Ctrl-C at the terminal reaches it through the supervisor alone.
func (a *app) memberCommand(p conf.DevPlan, number int, f devFlags) func() *exec.Cmd {
	return func() *exec.Cmd {
		self, err := os.Executable()
		if err != nil {
			self = os.Args[0]
		}
		c := exec.Command(self, memberArgs(p, number, f)...)
		c.Env = append(os.Environ(), memberMark+"=1")
		c.Stdout, c.Stderr = a.out, a.err
		return c
	}
}

// child is one life of the member.
type child struct {
	cmd   *exec.Cmd
	ready chan ports // once, or never
	ended chan error
}

// run supervises until ctx ends it, or the member cannot be kept alive. The thread of the caller must be locked.
func (s *supervisor) run(ctx context.Context) error {
	for {
		c, err := s.spawn()
		if err != nil {
			return err
		}
		stopped, err := s.watch(ctx, c)
		s.gone()
		if stopped {
			return err
		}
		select {
		case <-time.After(s.pause):
		case <-ctx.Done():
			return nil
		}
	}
}

// spawn starts the child. It dies with this process, whatever ends that.
func (s *supervisor) spawn() (*child, error) {
	read, write, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer func() { _ = write.Close() }()
	c := &child{cmd: s.command(), ready: make(chan ports, 1), ended: make(chan error, 1)}
	c.cmd.ExtraFiles = []*os.File{write}
	c.cmd.SysProcAttr = diesWithParent()
	if err := c.cmd.Start(); err != nil {
		_ = read.Close()
		return nil, fmt.Errorf("cannot start the member: %w", err)
	}
	go func() {
		defer func() { _ = read.Close() }()
		var p ports
		if json.NewDecoder(read).Decode(&p) == nil {
			c.ready <- p
		}
	}()
	go func() { c.ended <- c.cmd.Wait() }()
	return c, nil
}

// watch follows one life of the child. It reports true when the supervisor shall end too.
func (s *supervisor) watch(ctx context.Context, c *child) (bool, error) {
	for {
		select {
		case p := <-c.ready:
			s.up(p)
		case err := <-c.ended:
			return s.down(err)
		case <-ctx.Done():
			c.stop()
			return true, nil
		case sig := <-s.signals:
			_ = c.cmd.Process.Signal(sig)
		}
	}
}

// stop asks the child to end, and kills it if it takes too long.
func (c *child) stop() {
	_ = c.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-c.ended:
	case <-time.After(killTime):
		_ = c.cmd.Process.Kill()
		<-c.ended
	}
}

// up notes that the member is ready.
func (s *supervisor) up(p ports) {
	s.pause = 0
	again := s.wasUp
	s.wasUp = true
	s.ready(p)
	if again {
		_, _ = fmt.Fprintf(s.err, "tandem: %s runs again\n", s.name)
	}
}

// down decides what follows the end of a child. One that was never ready would not be the next
// time either; one that fails too often is given up.
func (s *supervisor) down(err error) (stop bool, _ error) {
	var exit *exec.ExitError
	switch {
	case err == nil:
		return true, nil
	case !errors.As(err, &exit):
		return true, err
	case !s.wasUp:
		return true, &failure{code: max(exit.ExitCode(), codeFailed)} // the child has said why
	case !s.mayRestart(time.Now()):
		return true, fmt.Errorf("%s failed more than %d times in a minute (%w) and is given up: "+
			"its last words are above", s.name, s.restarts, err)
	}
	s.pause = min(max(2*s.pause, firstPause), lastPause)
	_, _ = fmt.Fprintf(s.err, "tandem: %s ended by itself (%v); it is started again in %v\n",
		s.name, err, s.pause)
	return false, nil
}

// mayRestart counts a restart unless there were too many within the last minute.
func (s *supervisor) mayRestart(now time.Time) bool {
	recent := s.started[:0]
	for _, t := range s.started {
		if now.Sub(t) < time.Minute {
			recent = append(recent, t)
		}
	}
	s.started = recent
	if len(recent) >= s.restarts {
		return false
	}
	s.started = append(s.started, now)
	return true
}
