package sip

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"tandem/conf"
	"tandem/signal"
	"tandem/sip/auth"
	"tandem/sip/guard"
	"tandem/sip/transport"
	"tandem/sip/txn"
)

// FrameConn is one WebSocket connection as the HTTP side hands it over, after the upgrade.
type FrameConn = transport.FrameConn

// Ports are the ports really bound.
type Ports = transport.Ports

// Server is the SIP edge of one member. It implements signal.Edge.
type Server struct {
	conf     conf.SIP
	member   string
	receiver signal.Receiver
	auth     *auth.Authenticator
	log      *slog.Logger

	guard      *guard.Guard
	transports *transport.Set
	txns       *txn.Table

	closing  sync.Once
	draining atomic.Bool
	lookups  chan struct{} // one place per request whose target is being found
	work     sync.WaitGroup
	ctx      context.Context // ends with Close
	cancel   context.CancelFunc
	count    counters
}

var _ signal.Edge = (*Server)(nil)

// maxLookups is how many requests at once may wait for a name or for a connection to be opened.
const maxLookups = 1000

// New makes the edge of the named member. Requests go to receiver from Listen on.
func New(c conf.SIP, member string, receiver signal.Receiver, a *auth.Authenticator, log *slog.Logger) *Server {
	ctx, cancel := context.WithCancel(context.Background())
	s := &Server{conf: c, member: member, receiver: receiver, auth: a, log: log,
		guard:   guard.New(guard.Limits{MaxMessage: c.MaxMessage}),
		lookups: make(chan struct{}, maxLookups), ctx: ctx, cancel: cancel}
	s.transports = transport.New(c, member, s.arrivals(), nil, log)
	s.txns = txn.New(txn.NewTimes(c.T1, c.T2, c.T4), c.MaxTransactions, s.sendBytes, transport.Reliable)
	return s
}

// Listen binds the addresses of the settings and begins to take messages.
func (s *Server) Listen() error { return s.transports.Listen() }

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
	s.work.Wait()
	err := s.transports.Close()
	s.txns.Close()
	return err
}

// sendBytes hands a message to the transports.
func (s *Server) sendBytes(flow signal.Flow, data []byte) error {
	s.wire("sent", flow, data)
	return s.transports.Send(flow, data)
}
