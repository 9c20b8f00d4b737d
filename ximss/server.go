package ximss

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"tandem/conf"
	"tandem/ximss/guess"
)

// Options are what a Server is made with.
type Options struct {
	XIMSS conf.XIMSS
	Door  Door
	Log   *slog.Logger
	Now   func() time.Time // nil: time.Now
}

// Snapshot is what a Server has counted.
type Snapshot struct {
	Connections map[Binding]int // open ones
	Refused     uint64          // connections beyond a limit
	Logins      uint64
	Failed      uint64 // logins that failed
}

// Server serves clients in all bindings. TCP connections it accepts itself; WebSockets and HTTP requests come
// from the web listener.
type Server struct {
	porter *porter
	conf   atomic.Pointer[conf.XIMSS]
	log    *slog.Logger
	tls    *tls.Config // nil: no certificate

	ctx    context.Context
	cancel context.CancelFunc
	work   sync.WaitGroup
	failed chan error

	mu        sync.Mutex
	listeners []net.Listener
	ports     map[string]int
	open      map[wire]Binding
	sources   map[netip.Prefix]int
	tcp       int
	refused   uint64
}

// New makes a server that does not listen yet. It fails when the certificate can not be read.
func New(o Options) (*Server, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	s := &Server{log: o.Log, failed: make(chan error, 1), ports: map[string]int{}, open: map[wire]Binding{},
		sources: map[netip.Prefix]int{}}
	s.conf.Store(&o.XIMSS)
	if o.XIMSS.Cert != "" {
		pair, err := tls.LoadX509KeyPair(o.XIMSS.Cert, o.XIMSS.Key)
		if err != nil {
			return nil, fmt.Errorf("ximss.cert, ximss.key: %w", err)
		}
		s.tls = &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}
	}
	s.porter = newPorter(o, &s.conf, s.tls != nil)
	s.ctx, s.cancel = context.WithCancel(context.Background())
	return s, nil
}

// Apply takes changed settings on. Those of addresses and of TLS need a new start.
func (s *Server) Apply(c conf.XIMSS) { s.conf.Store(&c) }

// Listen opens the listeners on every address. Port 0 is the same free one on all of them. When one can not be
// opened, none stays open.
func (s *Server) Listen() error {
	c := s.conf.Load()
	err := s.listen("ximss", c.Bind, c.Port, false)
	if err == nil && s.tls != nil {
		err = s.listen("ximss_tls", c.Bind, c.TLSPort, true)
	}
	if err != nil {
		return errors.Join(err, s.Close(context.Background()))
	}
	return nil
}

func (s *Server) listen(name string, hosts []string, port int, secure bool) error {
	if port < 0 {
		return nil
	}
	for _, host := range hosts {
		l, err := net.Listen("tcp", net.JoinHostPort(host, strconv.Itoa(port)))
		if err != nil {
			return err
		}
		port = l.Addr().(*net.TCPAddr).Port
		s.mu.Lock()
		s.listeners = append(s.listeners, l)
		s.ports[name] = port
		s.mu.Unlock()
		s.work.Go(func() { s.accept(l, secure) })
	}
	return nil
}

// Ports are the ports really bound, by the names of the ports file: "ximss" and "ximss_tls".
func (s *Server) Ports() map[string]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make(map[string]int, len(s.ports))
	for name, port := range s.ports {
		out[name] = port
	}
	return out
}

// Failed brings the error of a listener that broke.
func (s *Server) Failed() <-chan error { return s.failed }

// Snapshot is what was counted so far.
func (s *Server) Snapshot() Snapshot {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := Snapshot{Connections: map[Binding]int{TCP: 0, WebSocket: 0}, Refused: s.refused,
		Logins: s.porter.succeeded.Load(), Failed: s.porter.failed.Load()}
	for _, b := range s.open {
		c.Connections[b]++
	}
	return c
}

// Close ends the listeners and every connection. The sessions hear that their lines are no more.
func (s *Server) Close(ctx context.Context) error {
	s.cancel()
	s.mu.Lock()
	for _, l := range s.listeners {
		_ = l.Close()
	}
	open := make([]wire, 0, len(s.open))
	for w := range s.open {
		open = append(open, w)
	}
	s.mu.Unlock()
	for _, w := range open {
		w.close()
	}
	done := make(chan struct{})
	go func() { s.work.Wait(); close(done) }()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (s *Server) accept(l net.Listener, secure bool) {
	for {
		conn, err := l.Accept()
		switch {
		case s.ctx.Err() != nil:
			if err == nil {
				_ = conn.Close()
			}
			return
		case err != nil && !errors.Is(err, net.ErrClosed): // the process has no file left, or a client has gone
			s.log.Warn("XIMSS can not accept a connection", "err", err)
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
		s.serveTCP(conn, secure)
	}
}

// ServeConn takes over a TCP connection that another listener accepted, and on which a client of ours speaks.
func (s *Server) ServeConn(conn net.Conn) { s.serveTCP(conn, false) }

// serveTCP serves a TCP connection on a goroutine of its own.
func (s *Server) serveTCP(conn net.Conn, secure bool) {
	st := &stream{conn: conn, closes: conn,
		whole: func() time.Duration { return s.conf.Load().MessageTime }}
	if secure {
		st.startTLS(s.tls)
	}
	c := s.connect(st, visit{binding: TCP, local: addrPort(conn.LocalAddr()), remote: addrPort(conn.RemoteAddr()), secure: secure})
	if s.tls != nil && !secure {
		c.secure = func(ctx context.Context) error {
			st.startTLS(s.tls)
			return st.conn.(*tls.Conn).HandshakeContext(ctx)
		}
	}
	s.start(c, func() {})
}

// connect makes the connection of a wire.
func (s *Server) connect(w wire, v visit) *connection {
	return &connection{porter: s.porter, visit: v, wire: w, line: &line{wire: w, limit: s.conf.Load().MaxUnread}}
}

// start serves a connection on a goroutine of its own, unless there are too many.
func (s *Server) start(c *connection, ended func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.enter(c) {
		s.refused++
		c.wire.close()
		ended()
		return
	}
	s.work.Go(func() {
		session, err := c.login(s.ctx)
		// Logging in goes deep. Another goroutine has a small stack again, for the long time of silence.
		s.work.Go(func() {
			defer ended()
			defer s.leave(c)
			c.serve(s.ctx, session, err)
		})
	})
}

// enter counts a connection in; false: there are too many. mu is held.
func (s *Server) enter(c *connection) bool {
	if s.ctx.Err() != nil {
		return false
	}
	if c.visit.binding == TCP {
		from, limits := guess.Network(c.visit.remote.Addr()), s.conf.Load()
		if s.tcp >= limits.MaxConns || s.sources[from] >= limits.MaxConnsPerIP {
			return false
		}
		s.tcp++
		s.sources[from]++
	}
	s.open[c.wire] = c.visit.binding
	return true
}

func (s *Server) leave(c *connection) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.open, c.wire)
	if c.visit.binding != TCP {
		return
	}
	s.tcp--
	from := guess.Network(c.visit.remote.Addr())
	if s.sources[from]--; s.sources[from] <= 0 {
		delete(s.sources, from)
	}
}

// addrPort is an address of the network without IPv6 clothes.
func addrPort(a net.Addr) netip.AddrPort {
	t, ok := a.(*net.TCPAddr)
	if !ok {
		return netip.AddrPort{}
	}
	at := t.AddrPort()
	return netip.AddrPortFrom(at.Addr().Unmap(), at.Port())
}
