package rtp

import (
	"errors"
	"fmt"
	"net/netip"
	"os"
	"runtime"
	"slices"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"
)

const (
	// maxReady is how many ports one look at the kernel names.
	maxReady = 128
	// maxVisits is after how many looks in a row that found something others have their turn. Fewer would cost us our own
	// turn too often where all are busy.
	maxVisits = 16
	// maxPass is how many ports are read in a pass: what is sent from a port that gathers does not wait for longer.
	maxPass = 16
)

// Loop is the Network of one goroutine that reads many ports: a port costs its socket and no stack, and what has come
// to all of them since the last look is taken in one go. It waits in Go's own poller, for the kernel's list of ports
// that have something (epoll(7)), so that no thread is held.
//
//	Listen ──► bound ──Serve──► in the kernel's list ──Close──► out of it, then the socket is freed
type Loop struct {
	*Gathering
	epoll  *os.File
	fd     int
	ready  [maxReady]unix.EpollEvent
	inbox  *inbox
	ended  chan struct{}
	found  [maxReady]*port
	mu     sync.Mutex // of ports; nothing else is locked while it is held
	ports  []*port    // by descriptor; nil: not ours
	closed bool
}

// newLoop starts a reader; it ends with Close. An error means that the kernel has no such lists for us.
func newLoop(g *Gathering) (Network, error) {
	fd, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("rtp: epoll: %w", err)
	}
	err = unix.SetNonblock(fd, true) // else Go's poller would not take it
	l := &Loop{Gathering: g, fd: fd, epoll: os.NewFile(uintptr(fd), "epoll"), inbox: newInbox(), ended: make(chan struct{})}
	raw, rawErr := l.epoll.SyscallConn()
	if err = errors.Join(err, rawErr, l.epoll.SetReadDeadline(noDeadline)); err != nil {
		_ = l.epoll.Close() // the other error says more
		return nil, fmt.Errorf("rtp: epoll: %w", err)
	}
	go l.run(raw)
	return l, nil
}

// run reads until the list is closed.
func (l *Loop) run(raw syscall.RawConn) {
	defer close(l.ended)
	_ = raw.Read(func(uintptr) bool { // its only error is that of Close
		for n := 1; l.visit(); n++ {
			if n%maxVisits == 0 {
				runtime.Gosched()
			}
		}
		return false
	})
}

// visit takes what has come to the ports that are ready; false: there was none.
func (l *Loop) visit() bool {
	n, err := unix.EpollWait(l.fd, l.ready[:], 0)
	if err != nil || n <= 0 {
		return errors.Is(err, unix.EINTR)
	}
	l.mu.Lock()
	for i := range l.ready[:n] {
		l.found[i] = nil
		if fd := int(l.ready[i].Fd); fd < len(l.ports) {
			l.found[i] = l.ports[fd] // nil: it was closed since
		}
	}
	l.mu.Unlock()
	for some := range slices.Chunk(l.found[:n], maxPass) {
		pass := l.Begin()
		for _, p := range some {
			if p != nil {
				p.read(l.inbox)
			}
		}
		pass.End()
	}
	return true
}

// Close ends the reader.
func (l *Loop) Close() error {
	l.mu.Lock()
	closed := l.closed
	l.closed = true
	l.mu.Unlock()
	if closed {
		return nil
	}
	err := l.epoll.Close()
	<-l.ended
	return err
}

// Listen binds the address.
func (l *Loop) Listen(local netip.AddrPort) (Socket, error) {
	fd, at, err := bind(local)
	if err != nil {
		return nil, fmt.Errorf("rtp: bind %s: %w", local, err)
	}
	return &port{loop: l, fd: fd, at: at, six: !at.Addr().Is4()}, nil
}

// watch puts a port into the kernel's list.
func (l *Loop) watch(p *port) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return os.ErrClosed
	}
	for len(l.ports) <= p.fd {
		l.ports = append(l.ports, nil)
	}
	l.ports[p.fd] = p
	return unix.EpollCtl(l.fd, unix.EPOLL_CTL_ADD, p.fd, &unix.EpollEvent{Events: unix.EPOLLIN, Fd: int32(p.fd)})
}

// forget lets go of a port that is about to be closed: with its last descriptor the kernel takes it out by itself
// (epoll(7)). What it may still name then is looked up as the port that has the number by now, and finds nothing.
func (l *Loop) forget(p *port) (known bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	known = p.fd < len(l.ports) && l.ports[p.fd] == p
	if known {
		l.ports[p.fd] = nil
	}
	return known && !l.closed
}

// unwatch takes a port out that stays open.
func (l *Loop) unwatch(p *port) {
	if l.forget(p) {
		_ = unix.EpollCtl(l.fd, unix.EPOLL_CTL_DEL, p.fd, nil)
	}
}
