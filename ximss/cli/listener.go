package cli

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"tandem/conf"
	"tandem/ximss/guess"
)

// Times of a connection that are no settings.
const (
	loginTime = time.Minute      // for somebody to log in
	writeTime = 30 * time.Second // for a client to take an answer
)

// strangerShare is which part of the connections those may have that are not logged in: the rest stays
// free for administrators. When strangers crowd the door the one who stands there longest must go, for the
// next one may be an administrator.
const strangerShare = 2

// Options are what a Server is made with.
type Options struct {
	CLI           conf.CLI
	Host, Version string // for the greeting
	Executor      Executor
	Authenticator Authenticator
	Log           *slog.Logger
	Now           func() time.Time // nil: time.Now
}

// Snapshot is what a Server has counted.
type Snapshot struct {
	Connections int
	Refused     uint64         // connections beyond the limit
	Failed      uint64         // logins that failed
	Answers     map[int]uint64 // by code
}

// Server is the listener of the admin command line.
type Server struct {
	options Options
	conf    atomic.Pointer[conf.CLI]
	guesses *guess.Book[netip.Prefix]

	ctx    context.Context
	cancel context.CancelFunc
	work   sync.WaitGroup
	failed chan error

	mu        sync.Mutex
	listeners []net.Listener
	conns     map[net.Conn]visitor
	counts    Snapshot
}

// visitor is who is at the other end of a connection.
type visitor struct {
	in    bool // logged in
	since time.Time
}

// New makes a server that does not listen yet.
func New(o Options) *Server {
	if o.Now == nil {
		o.Now = time.Now
	}
	s := &Server{options: o, guesses: guess.New[netip.Prefix](guess.Limit), failed: make(chan error, 1), conns: map[net.Conn]visitor{},
		counts: Snapshot{Answers: map[int]uint64{}}}
	s.conf.Store(&o.CLI)
	s.ctx, s.cancel = context.WithCancel(context.Background())
	return s
}

// Apply takes changed settings on. Those of addresses need a new start.
func (s *Server) Apply(c conf.CLI) { s.conf.Store(&c) }

// Listen opens the listener on every address. Port 0 is the same free one on all of them.
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
	c.Connections = len(s.conns)
	c.Answers = make(map[int]uint64, len(s.counts.Answers))
	for code, n := range s.counts.Answers {
		c.Answers[code] = n
	}
	return c
}

// Close ends the listener and every dialogue; a command under way is given up.
func (s *Server) Close(ctx context.Context) error {
	s.cancel()
	s.mu.Lock()
	for _, l := range s.listeners {
		_ = l.Close()
	}
	for c := range s.conns {
		_ = c.Close()
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
		case err != nil && temporary(err):
			s.options.Log.Warn("the command line can not accept a connection", "err", err)
			select {
			case <-time.After(100 * time.Millisecond):
			case <-s.ctx.Done():
			}
			continue
		case err != nil:
			select {
			case s.failed <- err:
			default:
			}
			return
		}
		s.work.Go(func() { s.serve(conn) })
	}
}

// temporary tells whether Accept may succeed later: the process has no file left, or a client has gone.
func temporary(err error) bool { return !errors.Is(err, net.ErrClosed) }

// enter counts a connection in; false: there are too many.
func (s *Server) enter(conn net.Conn) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	strangers, oldest := 0, net.Conn(nil)
	for c, v := range s.conns {
		if v.in {
			continue
		}
		if strangers++; oldest == nil || v.since.Before(s.conns[oldest].since) {
			oldest = c
		}
	}
	most := s.conf.Load().MaxConns
	if s.ctx.Err() != nil || len(s.conns) >= most {
		s.counts.Refused++
		return false
	}
	if strangers > most/strangerShare {
		s.counts.Refused++
		_ = oldest.Close()
		delete(s.conns, oldest)
	}
	s.conns[conn] = visitor{since: time.Now()}
	return true
}

func (s *Server) leave(conn net.Conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.conns, conn)
}

// serve holds the dialogue of one connection.
func (s *Server) serve(conn net.Conn) {
	defer conn.Close()
	if !s.enter(conn) {
		_ = conn.SetWriteDeadline(time.Now().Add(time.Second))
		_, _ = fmt.Fprintf(conn, "%d too many connections, try again later\r\n", codeUnknown)
		return
	}
	defer s.leave(conn)
	source := guess.Network(sourceOf(conn))
	limits := DefaultLimits
	limits.Line = s.conf.Load().MaxLine
	timed := &timedConn{Conn: conn, login: time.Now().Add(loginTime)}
	session := &Session{
		Greeting:  fmt.Sprintf("Tandem at %s PWD Server %s", s.options.Host, s.options.Version),
		Challenge: fmt.Sprintf("<%s.%d@%s>", rand.Text(), s.options.Now().Unix(), s.options.Host),
		Executor:  s.options.Executor, Authenticator: s.options.Authenticator, Limits: limits,
		Guess: func() (func(), time.Duration) {
			return func() { s.guesses.Right(source) }, s.guesses.Try(source, s.options.Now())
		},
		LoggedIn: func(who Identity) { s.loggedIn(conn, timed, who) },
		Answered: func(code int) { s.answered(timed, code) },
	}
	err := session.Run(s.ctx, timed)
	if err != nil && !errors.Is(err, os.ErrDeadlineExceeded) && s.ctx.Err() == nil {
		s.options.Log.Debug("a command line connection broke", "source", source.String(), "err", err)
	}
}

func (s *Server) loggedIn(conn net.Conn, timed *timedConn, who Identity) {
	timed.idle = func() time.Duration { return s.conf.Load().IdleTimeout }
	s.mu.Lock()
	s.conns[conn] = visitor{in: true}
	s.mu.Unlock()
	s.options.Log.Info("command line login", "account", who.Account, "source", sourceOf(conn).String())
}

// answered counts an answer; a failure before login is one of login.
func (s *Server) answered(timed *timedConn, code int) {
	s.mu.Lock()
	s.counts.Answers[code]++
	failed := timed.idle == nil && code >= codeUnknown
	if failed {
		s.counts.Failed++
	}
	s.mu.Unlock()
	if failed {
		s.options.Log.Warn("command line login refused", "source", sourceOf(timed.Conn).String())
	}
}

func sourceOf(conn net.Conn) netip.Addr {
	a, _ := netip.ParseAddrPort(conn.RemoteAddr().String())
	return a.Addr().Unmap()
}

// timedConn bounds every wait for the client. A Session uses it from one goroutine.
type timedConn struct {
	net.Conn
	login time.Time            // until then somebody must be logged in
	idle  func() time.Duration // nil before that
}

func (c *timedConn) Read(b []byte) (int, error) {
	until := c.login
	if c.idle != nil {
		until = time.Now().Add(c.idle())
	}
	if err := c.SetReadDeadline(until); err != nil {
		return 0, err
	}
	return c.Conn.Read(b)
}

func (c *timedConn) Write(b []byte) (int, error) {
	if err := c.SetWriteDeadline(time.Now().Add(writeTime)); err != nil {
		return 0, err
	}
	return c.Conn.Write(b)
}
