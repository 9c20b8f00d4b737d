package ami

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"runtime/debug"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"tandem/conf"
	"tandem/ximss/guess"
)

// How long, and for how much, a connection is read on that is over.
const (
	lingerTime  = 200 * time.Millisecond
	lingerBytes = 1 << 20
)

// strangerShare is which part of the connections those may have that are not logged in. When they crowd the door the
// one who stands there longest must go.
const strangerShare = 2

// Options are what a Server is made with.
type Options struct {
	AMI           conf.AMI
	Authenticator Authenticator
	House         House
	Wrong         time.Duration // how much later a wrong login is answered; 0: as usual
	Log           *slog.Logger
}

// Snapshot is what a Server has counted.
type Snapshot struct {
	Connections int
	Turned      uint64 // connections beyond the limit
	Failed      uint64 // logins that failed
	Refused     uint64 // actions that were not done
	Slow        uint64 // clients cut off because they did not read
	Events      uint64
}

// Server is the listener of the manager interface.
type Server struct {
	options Options
	conf    atomic.Pointer[conf.AMI]
	guesses *guess.Book[netip.Prefix]
	began   time.Time

	ctx    context.Context
	cancel context.CancelFunc
	work   sync.WaitGroup
	failed chan error

	mu        sync.Mutex
	listeners []net.Listener
	sessions  map[*session]time.Time // since when each is there
	counts    Snapshot
}

// New makes a server that does not listen yet.
func New(o Options) *Server {
	if o.Wrong == 0 {
		o.Wrong = wrongTime
	}
	s := &Server{options: o, guesses: guess.New[netip.Prefix](guess.Limit), began: time.Now(), failed: make(chan error, 1),
		sessions: map[*session]time.Time{}}
	s.conf.Store(&o.AMI)
	s.ctx, s.cancel = context.WithCancel(context.Background())
	return s
}

// Apply takes changed settings on. Those of addresses need a new start.
func (s *Server) Apply(c conf.AMI) { s.conf.Store(&c) }

// Listen opens the listener on every address. Port 0 is the same free one on all of them, -1 opens none.
func (s *Server) Listen() error {
	c := s.conf.Load()
	if c.Port < 0 {
		return nil
	}
	port := c.Port
	for _, host := range c.Bind {
		l, err := net.Listen("tcp", net.JoinHostPort(host, strconv.Itoa(port)))
		if err != nil {
			return errors.Join(err, s.Close(context.Background()))
		}
		port = l.Addr().(*net.TCPAddr).Port
		s.mu.Lock()
		s.listeners = append(s.listeners, l)
		s.mu.Unlock()
		s.work.Go(func() { s.accept(l) })
	}
	return nil
}

// Port is the port really bound; 0: none.
func (s *Server) Port() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.listeners) == 0 {
		return 0
	}
	return s.listeners[0].Addr().(*net.TCPAddr).Port
}

// Failed brings the error of a listener that broke.
func (s *Server) Failed() <-chan error { return s.failed }

// Snapshot is what was counted so far.
func (s *Server) Snapshot() Snapshot {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.counts
	c.Connections = len(s.sessions)
	return c
}

func (s *Server) count(f func(*Snapshot)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f(&s.counts)
}

// Close ends the listener and every dialogue.
func (s *Server) Close(ctx context.Context) error {
	s.cancel()
	s.mu.Lock()
	for _, l := range s.listeners {
		_ = l.Close()
	}
	for session := range s.sessions {
		_ = session.out.conn.Close()
	}
	s.mu.Unlock()
	done := make(chan struct{})
	go func() { s.work.Wait(); close(done) }()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (s *Server) accept(l net.Listener) {
	for {
		conn, err := l.Accept()
		switch {
		case s.ctx.Err() != nil:
			if err == nil {
				_ = conn.Close()
			}
			return
		case errors.Is(err, net.ErrClosed):
			select {
			case s.failed <- err:
			default:
			}
			return
		case err != nil:
			s.options.Log.Warn("the manager interface can not accept a connection", "err", err)
			select {
			case <-time.After(100 * time.Millisecond):
			case <-s.ctx.Done():
			}
			continue
		}
		s.work.Go(func() { s.serve(conn) })
	}
}

// serve holds the dialogue of one connection.
func (s *Server) serve(conn net.Conn) {
	defer conn.Close()
	address := sourceOf(conn)
	source := guess.Network(address)
	timed := &timedConn{Conn: conn, login: time.Now().Add(s.conf.Load().LoginTime)}
	session := &session{server: s, in: newReader(timed), source: address.String(),
		out: newOutbox(conn, func() int { return s.conf.Load().MaxUnread }),
		guess: func() (func(), time.Duration) {
			return func() { s.guesses.Right(source) }, s.guesses.Try(source, time.Now())
		}}
	timed.in = func() bool { return session.account.Load() != nil }
	if !s.enter(session) {
		_ = conn.SetWriteDeadline(time.Now().Add(time.Second))
		_, _ = conn.Write(Packet{{"Response", "Error"}, {"Message", "Too many connections, try again later"}}.Append(nil))
		return
	}
	defer s.leave(session)
	written := make(chan struct{})
	s.work.Go(func() { defer close(written); session.out.run() })
	defer func() {
		session.out.close()
		<-written
		linger(conn)
	}()
	if err := session.run(s.ctx); err != nil && !errors.Is(err, os.ErrDeadlineExceeded) && s.ctx.Err() == nil {
		s.options.Log.Debug("a manager connection broke", "source", session.source, "err", err)
	}
}

// linger lets a client read the last answer, which it would not get if what it has sent meanwhile were refused.
func linger(conn net.Conn) {
	if c, ok := conn.(*net.TCPConn); ok && c.CloseWrite() == nil {
		_ = conn.SetReadDeadline(time.Now().Add(lingerTime))
		_, _ = io.CopyN(io.Discard, conn, lingerBytes)
	}
}

// enter counts a connection in; false: there are too many.
func (s *Server) enter(session *session) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	most := s.conf.Load().MaxConns
	if s.ctx.Err() != nil || len(s.sessions) >= most {
		s.counts.Turned++
		return false
	}
	var strangers []*sessionSince
	for other, since := range s.sessions {
		if other.account.Load() == nil {
			strangers = append(strangers, &sessionSince{other, since})
		}
	}
	if len(strangers) > most/strangerShare {
		oldest := slices.MinFunc(strangers, func(a, b *sessionSince) int { return a.since.Compare(b.since) })
		s.counts.Turned++
		_ = oldest.out.conn.Close()
		delete(s.sessions, oldest.session)
	}
	s.sessions[session] = time.Now()
	return true
}

type sessionSince struct {
	*session
	since time.Time
}

func (s *Server) leave(session *session) {
	s.mu.Lock()
	delete(s.sessions, session)
	slow := session.out.wasSlow()
	if slow {
		s.counts.Slow++
	}
	s.mu.Unlock()
	if slow {
		s.options.Log.Warn("a manager client did not read and is cut off", "source", session.source, "account", session.who())
	}
}

func (s *Server) loggedIn(session *session) {
	s.options.Log.Info("login at the manager interface", "account", session.who(), "source", session.source)
}

// Publish tells an event to all clients who want it and may know it. It never waits.
func (s *Server) Publish(e Event) { s.publish(e, nil) }

// publish is Publish of an event of what one session has ordered, which may know it anyhow; nil: none has.
func (s *Server) publish(e Event, by *session) {
	s.mu.Lock()
	s.counts.Events++
	all := make([]*session, 0, len(s.sessions))
	for session := range s.sessions {
		if session.account.Load() != nil {
			all = append(all, session)
		}
	}
	s.mu.Unlock()
	if len(all) == 0 {
		return
	}
	text := e.packet().Append(nil)
	for _, session := range all {
		if session == by {
			session.hearOwn(e, text)
		} else {
			session.hear(e, text)
		}
	}
}

// Heard tells whether anybody is logged in who could hear an event.
func (s *Server) Heard() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for session := range s.sessions {
		if m := session.wants.Load(); m != nil && !m.none() {
			return true
		}
	}
	return false
}

// guarded keeps a fault of ours from ending more than the action.
func (s *Server) guarded(f func() error) (err error) {
	defer func() {
		if cause := recover(); cause != nil {
			s.options.Log.Error("an action has failed by a fault of the program", "fault", fmt.Sprint(cause), "stack", string(debug.Stack()))
			err = errors.New("fault of the program")
		}
	}()
	return f()
}

func sourceOf(conn net.Conn) netip.Addr {
	a, _ := netip.ParseAddrPort(conn.RemoteAddr().String())
	return a.Addr().Unmap()
}

// timedConn bounds the wait for a login; who is in may be silent as long as he likes.
type timedConn struct {
	net.Conn
	login time.Time
	in    func() bool
}

func (c *timedConn) Read(b []byte) (int, error) {
	until := c.login
	if c.in() {
		until = time.Time{}
	}
	if err := c.SetReadDeadline(until); err != nil {
		return 0, err
	}
	return c.Conn.Read(b)
}
