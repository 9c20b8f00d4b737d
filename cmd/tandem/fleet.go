package main

import (
	"context"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"sync"
	"syscall"

	"tandem/conf"
)

// fleet is the members of dev, each with a supervisor. They start and end together.
type fleet struct {
	members []*supervisor
	err     io.Writer
	files   []string    // ports files: they hold the members that are ready
	ready   func(ports) // called once, when all are

	mu    sync.Mutex
	bound ports
	said  bool
}

// add adds a member.
func (l *fleet) add(m conf.Member, command func() *exec.Cmd) {
	l.members = append(l.members, &supervisor{
		name: m.Name, command: command, err: l.err, restarts: m.Restarts, signals: make(chan os.Signal, 4),
		ready: func(p ports) { l.up(m.Name, p[m.Name]) },
		gone:  func() { l.down(m.Name) },
	})
}

// run runs all members until a signal or ctx ends them, none is left, or one can not be kept alive: then the others
// end too, and the error is its.
func (l *fleet) run(ctx context.Context) (failed error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	signals := make(chan os.Signal, 4)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
	defer signal.Stop(signals)
	l.forget()
	defer l.forget()

	ended := make(chan error, len(l.members))
	for _, s := range l.members {
		go func() {
			runtime.LockOSThread() // the children die with the thread that has started them
			ended <- s.run(ctx)
		}()
	}
	for left := len(l.members); left > 0; {
		select {
		case err := <-ended:
			left--
			if err != nil && failed == nil {
				failed = err
				cancel()
			}
		case sig := <-signals:
			if sig != syscall.SIGHUP {
				cancel()
				continue
			}
			for _, s := range l.members {
				select {
				case s.signals <- sig:
				default: // it has as many already
				}
			}
		}
	}
	return failed
}

// up notes that a member is ready.
func (l *fleet) up(name string, bound map[string]int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.bound[name] = bound
	l.write()
	if !l.said && len(l.bound) == len(l.members) {
		l.said = true
		l.ready(l.bound)
	}
}

// down notes that a member has ended.
func (l *fleet) down(name string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.bound, name)
	l.write()
}

// write keeps the ports files right once all members were ready.
func (l *fleet) write() {
	if len(l.bound) == 0 {
		l.forget()
		return
	}
	if !l.said && len(l.bound) < len(l.members) {
		return
	}
	for _, f := range l.files {
		if err := l.bound.write(f); err != nil {
			_, _ = io.WriteString(l.err, "tandem: ports file: "+err.Error()+"\n")
		}
	}
}

// forget removes the ports files; one that cannot be removed will be replaced.
func (l *fleet) forget() {
	for _, f := range l.files {
		_ = os.Remove(f)
	}
}
