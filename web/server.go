package web

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"tandem/conf"
	"tandem/web/feed"
	"tandem/web/login"
)

// Limits that no setting changes.
const (
	maxHeader  = 64 << 10         // bytes of a request's header
	maxPlain   = 4096             // connections at once that are no WebSockets (yet)
	answerTime = 60 * time.Second // an answer must be written within it
)

// Options are what a Server is made of.
type Options struct {
	HTTP    conf.HTTP
	SIP     conf.SIP      // message size, connections per address and time-outs of WebSockets at /sip
	XIMSS   conf.XIMSS    // the same of those at /ximss
	Adapter conf.Adapters // connections per address of WebSockets of sources
	Token   string        // control token, see WriteToken; "" accepts none
	Hint    string        // shown below the login form: what everybody may know
	Metrics *Metrics
	Log     *slog.Logger
}

// Server is the HTTP listener of a member.
type Server struct {
	bound    conf.HTTP // as it was at the start, for what needs a restart
	live     atomic.Pointer[limits]
	token    string
	log      *slog.Logger
	services Services
	metrics  *Metrics
	now      func() time.Time

	trails       trails // of statistics, for charts
	guesses      *guesses
	programs     programs // passwords of loaders that were right
	joins        *guesses // tries to join without a right ticket
	logins       *login.Book
	feed         *feed.Feed
	beatEvery    time.Duration // between two signs that a stream lives, and looks at the right of whoever follows it
	hint         string
	stopping     context.Context // ended when the member stops: streams of events end, and polls
	stop         context.CancelFunc
	checks       *checks
	authFailures atomic.Uint64
	answered     responseClasses
	sockets      *sockets
	plain        atomic.Int64 // connections that are no WebSockets
	handler      http.Handler

	servers []*http.Server
	ports   map[string]int
	failed  chan error
	serving sync.WaitGroup
}

// New makes a server that does not listen yet. It fails when the metrics have a listener already.
func New(o Options, services Services) (*Server, error) {
	s := &Server{
		bound: o.HTTP, token: o.Token, log: o.Log, services: services.whole(),
		metrics: o.Metrics, now: time.Now,
		guesses: newGuesses(), joins: newGuesses(), checks: newChecks(), sockets: newSockets(o.HTTP.Timeout),
		logins: login.NewBook(), feed: feed.New(feedEvery, time.Now), beatEvery: beatEvery, hint: o.Hint,
		ports: map[string]int{}, failed: make(chan error, 1),
	}
	s.stopping, s.stop = context.WithCancel(context.Background())
	s.Apply(o.HTTP, o.SIP, o.XIMSS, o.Adapter)
	s.handler = s.routes()
	return s, s.registerMetrics()
}

// limits are what a reload changes.
type limits struct {
	maxBody  int64
	origins  []string
	hosts    hostnames
	sip      socketLimits
	ximss    socketLimits
	adapters socketLimits
}

// Apply obeys new settings from the next request or WebSocket on. What needs a restart, such as
// ports, it leaves as it is.
func (s *Server) Apply(h conf.HTTP, sip conf.SIP, ximss conf.XIMSS, adapters conf.Adapters) {
	s.live.Store(&limits{
		maxBody: int64(h.MaxBody), origins: h.Origins, hosts: newHostnames(h.Hosts),
		sip: socketLimits{total: h.MaxWebSockets, perSource: sip.MaxConnsPerIP, size: int64(sip.MaxMessage),
			message: sip.HeaderTimeout, ping: s.bound.Timeout},
		ximss: socketLimits{total: h.MaxWebSockets, perSource: ximss.MaxConnsPerIP, size: int64(ximss.MaxMessage),
			message: ximss.MessageTime, ping: ximss.PingEvery},
		adapters: socketLimits{total: h.MaxWebSockets, perSource: adapters.MaxConnsPerIP, size: maxSourceBody, message: adapterMessage,
			ping: adapterPing},
	})
}

// Handler is everything that the server answers, for tests without a listener.
func (s *Server) Handler() http.Handler { return s.handler }

// Start opens the listeners and serves. When one cannot be opened, none stays open.
func (s *Server) Start() error {
	plain, err := s.listen(s.bound.Port, "http.port")
	if err != nil {
		return err
	}
	secure, err := s.listenTLS()
	if err != nil {
		closeAll(plain)
		return err
	}
	s.serve("http", s.orXIMSS(plain))
	s.serve("https", secure)
	return nil
}

// listenTLS opens the TLS listeners, none without a certificate.
func (s *Server) listenTLS() ([]net.Listener, error) {
	if s.bound.Cert == "" && s.bound.Key == "" {
		return nil, nil
	}
	pair, err := tls.LoadX509KeyPair(s.bound.Cert, s.bound.Key)
	if err != nil {
		return nil, fmt.Errorf("http.cert, http.key: %w", err)
	}
	plain, err := s.listen(s.bound.TLSPort, "http.tls_port")
	if err != nil {
		return nil, err
	}
	// WebSockets are HTTP/1.1 (RFC 6455), and so is all that this member's clients speak.
	config := &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12,
		NextProtos: []string{"http/1.1"}}
	secure := make([]net.Listener, len(plain))
	for i, l := range plain {
		secure[i] = tls.NewListener(l, config)
	}
	return secure, nil
}

// listen opens one listener per address, all on one port: the first address chooses it when port
// is 0. A negative port opens none.
func (s *Server) listen(port int, key string) ([]net.Listener, error) {
	if port < 0 {
		return nil, nil
	}
	var open []net.Listener
	for _, host := range s.bound.Bind {
		l, err := net.Listen("tcp", net.JoinHostPort(host, strconv.Itoa(port)))
		if err != nil {
			closeAll(open)
			return nil, fmt.Errorf("%s: cannot listen on port %d of %s: %w", key, port, host, err)
		}
		open = append(open, l)
		port = portOf(l)
	}
	return open, nil
}

func portOf(l net.Listener) int { return l.Addr().(*net.TCPAddr).Port }

func closeAll(listeners []net.Listener) {
	for _, l := range listeners {
		_ = l.Close()
	}
}

// serve serves the listeners under one name of Ports.
func (s *Server) serve(name string, listeners []net.Listener) {
	if len(listeners) == 0 {
		return
	}
	s.ports[name] = portOf(listeners[0])
	server := &http.Server{
		Handler:           s.handler,
		ReadHeaderTimeout: s.bound.Timeout,
		ReadTimeout:       s.bound.Timeout,
		WriteTimeout:      answerTime,
		IdleTimeout:       s.bound.Timeout,
		MaxHeaderBytes:    maxHeader,
		ConnState:         s.connState,
		ErrorLog:          slog.NewLogLogger(s.log.Handler(), slog.LevelDebug),
	}
	s.servers = append(s.servers, server)
	for _, l := range listeners {
		s.serving.Go(func() {
			if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
				s.fail(fmt.Errorf("%s listener: %w", name, err))
			}
		})
	}
}

// connState counts connections and closes a new one that is too many. A WebSocket leaves this count
// and has its own.
func (s *Server) connState(c net.Conn, state http.ConnState) {
	switch state {
	case http.StateNew:
		if s.plain.Add(1) > maxPlain {
			_ = c.Close()
		}
	case http.StateHijacked, http.StateClosed:
		s.plain.Add(-1)
	}
}

// fail reports the first failure; later ones follow from it.
func (s *Server) fail(err error) {
	select {
	case s.failed <- err:
	default:
	}
}

// Failed brings the error of a listener that stopped by itself.
func (s *Server) Failed() <-chan error { return s.failed }

// Ports are the ports really bound, by name: "http" and "https".
func (s *Server) Ports() map[string]int { return s.ports }

// Stop closes the listeners and the WebSockets, and waits until the requests under way are
// answered or ctx ends.
func (s *Server) Stop(ctx context.Context) error {
	s.stop()
	s.sockets.closeAll()
	var errs []error
	for _, server := range s.servers {
		if err := server.Shutdown(ctx); err != nil {
			errs = append(errs, err, server.Close())
		}
	}
	s.serving.Wait()
	return errors.Join(errs...)
}
