package sip

import (
	"bytes"
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"tandem/conf"
	"tandem/signal"
	"tandem/sip/auth"
	"tandem/sip/border"
	"tandem/sip/guard"
	"tandem/sip/overload"
	"tandem/sip/resolve"
	"tandem/sip/transport"
	"tandem/sip/txn"
)

// FrameConn is one WebSocket connection as the HTTP side hands it over, after the upgrade.
type FrameConn = transport.FrameConn

// Ports are the ports really bound.
type Ports = transport.Ports

// Server is the SIP edge of one member. It implements signal.Edge.
type Server struct {
	conf     conf.SIP                 // what is fixed at the start
	live     atomic.Pointer[conf.SIP] // what may change while we run: see Apply
	member   string
	receiver signal.Receiver
	auth     *auth.Authenticator
	log      *slog.Logger

	guard      *guard.Guard
	transports *transport.Set
	txns       *txn.Table
	governor   *overload.Governor

	closing  sync.Once
	draining atomic.Bool
	farm     farmPart
	lookups  lookups
	sick     resolve.Sick
	deaf     resolve.Sick // by TCP: see byTCP
	kept     resolve.Kept // where names led
	border   atomic.Pointer[border.Border]
	work     work
	ctx      context.Context // ends with Close
	cancel   context.CancelFunc
	count    counters
}

var _ signal.Edge = (*Server)(nil)

// New makes the edge of the named member. Requests go to receiver from Listen on.
func New(c conf.SIP, member string, receiver signal.Receiver, a *auth.Authenticator, log *slog.Logger) *Server {
	ctx, cancel := context.WithCancel(context.Background())
	s := &Server{conf: c, member: member, receiver: receiver, auth: a, log: log,
		guard: guard.New(guard.Limits{MaxMessage: c.MaxMessage}),
		ctx:   ctx, cancel: cancel, deaf: resolve.Sick{For: deafFor}}
	s.live.Store(&c)
	s.border.Store(border.New(c.Trusted))
	s.transports = transport.New(c, member, s.arrivals(), nil, log)
	s.transports.Urgent(s.urgent)
	s.txns = txn.New(txn.NewTimes(c.T1, c.T2, c.T4), c.MaxTransactions, s.sendBytes, transport.Reliable)
	s.txns.OnOrphan(s.orphaned)
	s.txns.OnTrying(s.trying)
	s.governor = overload.New(c.LateAfter)
	return s
}

// Listen binds the addresses of the settings and begins to take messages. After an error nothing is
// bound, and the server can only be closed.
func (s *Server) Listen() error {
	if err := s.transports.Listen(); err != nil {
		return err
	}
	s.work.start(s.beat)
	return nil
}

// Apply takes the settings that may change while the server runs: the timers, the public address, the
// caps and limits of connections, transactions and sources. The others need a restart.
func (s *Server) Apply(c conf.SIP) {
	s.live.Store(&c)
	s.border.Store(border.New(c.Trusted))
	s.transports.Apply(c)
	s.txns.Apply(txn.NewTimes(c.T1, c.T2, c.T4), c.MaxTransactions)
	s.governor.Aim(c.LateAfter)
}

// Ports returns the ports really bound; of several addresses, those of the first.
func (s *Server) Ports() Ports { return s.transports.Ports() }

// ServeWebSocket reads messages from a WebSocket with the subprotocol "sip" until it ends; it
// blocks.
func (s *Server) ServeWebSocket(c FrameConn) error { return s.transports.ServeFrames(c) }

// Close refuses new requests at once, waits at most drain until every request has its final
// response, and ends all sockets. Only the first call has an effect.
func (s *Server) Close(drain time.Duration) (err error) {
	s.closing.Do(func() { err = s.close(drain) })
	return err
}

func (s *Server) close(drain time.Duration) error {
	s.draining.Store(true)
	ctx, stop := context.WithTimeout(s.ctx, drain)
	defer stop()
	s.txns.Settle(ctx)
	s.cancel()
	s.work.end()
	err := s.transports.Close()
	s.txns.Close()
	return err
}

// sendBytes hands a message to the transports, ours or those of the member that holds the flow.
func (s *Server) sendBytes(flow signal.Flow, data []byte) error {
	if flow.Edge != s.member {
		return s.sendElsewhere(flow, data)
	}
	s.wire("sent", flow, data)
	if registered(data) {
		s.transports.Know(flow)
	}
	return s.transports.Send(flow, data)
}

// registered tells that a message grants a registration, wherever in the cluster that was judged: whoever it goes to has
// proved to be there.
func registered(data []byte) bool {
	if !bytes.HasPrefix(data, []byte("SIP/2.0 200 ")) {
		return false
	}
	head, _, _ := bytes.Cut(data, []byte("\r\n\r\n"))
	_, rest, _ := bytes.Cut(head, []byte("\r\nCSeq:"))
	value, _, _ := bytes.Cut(rest, []byte("\r\n"))
	return bytes.HasSuffix(value, []byte(" REGISTER"))
}

// work is the goroutines that Close waits for.
type work struct {
	mu    sync.Mutex
	ended bool
	group sync.WaitGroup
}

// start runs f. When the server is being closed nobody waits for it any more.
func (w *work) start(f func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.ended {
		go f()
		return
	}
	w.group.Go(f)
}

func (w *work) end() {
	w.mu.Lock()
	w.ended = true
	w.mu.Unlock()
	w.group.Wait()
}
