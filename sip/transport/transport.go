package transport

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"tandem/conf"
	"tandem/signal"
)

// Handler takes what arrives. Its methods are called on the goroutine that reads the flow, in the
// order of the wire, and must not block.
type Handler interface {
	// Message takes one whole message; data is valid during the call only.
	Message(flow signal.Flow, data []byte)
	// Broken tells of a stream that can not be read on; data is what there is of the message. What
	// is sent over the flow during the call still goes out before the connection is closed.
	Broken(flow signal.Flow, data []byte, cause error)
	// Closed tells that a connection is gone.
	Closed(flow signal.Flow)
}

// Set is all the transports of one member: its sockets, its connections, their limits.
type Set struct {
	conf    conf.SIP                 // what is fixed at the start: addresses, sizes
	live    atomic.Pointer[conf.SIP] // what may change while we run: see Apply
	edge    string
	handler Handler
	log     *slog.Logger

	server *tls.Config // of our listener, nil: no TLS listener
	client *tls.Config // for connections that we open

	udp       []*socket
	listeners []listener
	ports     Ports
	conns     *conns
	dials     dials
	sources   *sources
	urgent    func(data []byte) bool // see Urgent
	pleas     *sources               // of those who send too much and call for help
	waits     waits
	count     counters

	closing sync.Once
	wg      sync.WaitGroup
	ctx     context.Context // ends with Close
	cancel  context.CancelFunc
	known   known // who asks by STUN and is answered
}

// Ports are the ports really bound, 0 where there is no listener.
type Ports struct{ UDP, TCP, TLS int }

// New makes the transports of the member named edge. Nothing is bound yet. The client's TLS
// settings may be nil, which means the usual ones with the system's certificates.
func New(c conf.SIP, edge string, h Handler, client *tls.Config, log *slog.Logger) *Set {
	if client == nil {
		client = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	ctx, cancel := context.WithCancel(context.Background())
	s := &Set{conf: c, edge: edge, handler: h, log: log, client: client, conns: newConns(),
		sources: newSources(), urgent: func([]byte) bool { return false }, pleas: newSources(), ctx: ctx, cancel: cancel}
	s.pleas.limit(pleasPerSource)
	s.Apply(c)
	return s
}

// pleasPerSource is how many calls for help one address may make in a second, beside its rate.
const pleasPerSource = 10

// Urgent says how a datagram is known that calls for help: an address that sends more than it may is heard with it all
// the same, now and then. It must not wait, and be cheap. Before Listen.
func (s *Set) Urgent(is func(data []byte) bool) { s.urgent = is }

// Apply takes new caps, time limits and the rate of a source; they hold from the next connection,
// message or wait on. The other settings need a restart.
func (s *Set) Apply(c conf.SIP) {
	s.live.Store(&c)
	s.conns.limit(c.MaxConns, c.MaxConnsPerIP)
	s.sources.limit(c.RatePerSource)
}

// Listen binds every address of the settings and begins to read. After an error nothing is bound.
func (s *Set) Listen() error {
	if err := s.bind(); err != nil {
		return errors.Join(err, s.Close())
	}
	for _, u := range s.udp {
		s.wg.Go(u.read)
	}
	for _, l := range s.listeners {
		s.wg.Go(func() { s.accept(l) })
	}
	return nil
}

func (s *Set) bind() error {
	if err := s.loadCertificate(); err != nil {
		return err
	}
	for _, text := range s.conf.Bind {
		addr, err := netip.ParseAddr(text)
		if err != nil {
			return fmt.Errorf("sip: bind address %q: %w", text, err)
		}
		if err := s.bindAddr(addr.Unmap()); err != nil {
			return err
		}
	}
	return nil
}

// bindAddr binds the ports of one address.
func (s *Set) bindAddr(addr netip.Addr) error {
	if s.conf.UDP >= 0 {
		if err := s.bindUDP(addr); err != nil {
			return err
		}
	}
	if s.conf.TCP >= 0 {
		port, err := s.bindStream("TCP", addr, s.conf.TCP)
		if err != nil {
			return err
		}
		s.ports.TCP = firstPort(s.ports.TCP, port)
	}
	if s.conf.TLS >= 0 && s.server != nil {
		port, err := s.bindStream("TLS", addr, s.conf.TLS)
		if err != nil {
			return err
		}
		s.ports.TLS = firstPort(s.ports.TLS, port)
	}
	return nil
}

func firstPort(have, port int) int {
	if have != 0 {
		return have
	}
	return port
}

// loadCertificate reads the certificate of the TLS listener, when one is set.
func (s *Set) loadCertificate() error {
	if s.conf.TLS < 0 || s.conf.Cert == "" || s.conf.Key == "" {
		return nil
	}
	pair, err := tls.LoadX509KeyPair(s.conf.Cert, s.conf.Key)
	if err != nil {
		return fmt.Errorf("sip: certificate %s, key %s: %w", s.conf.Cert, s.conf.Key, err)
	}
	s.server = &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}
	return nil
}

// Ports returns the ports really bound; of several addresses, those of the first.
func (s *Set) Ports() Ports { return s.ports }

// Send sends one whole message over a flow. It returns at once; data must not change afterwards.
// An error means that the flow is closed, is not ours, or that the network refused.
func (s *Set) Send(flow signal.Flow, data []byte) error {
	if flow.Transport == "UDP" {
		u := s.socketFor(flow)
		if u == nil {
			return ErrClosed
		}
		if err := u.send(flow, data); err != nil {
			s.count.sendErrors.Add(1)
			return err
		}
		return nil
	}
	c := s.conns.get(flow)
	if c == nil {
		return ErrClosed
	}
	return c.send(data)
}

// End closes the connection of a flow once what is queued for it has left. UDP has none.
func (s *Set) End(flow signal.Flow) {
	if c := s.conns.get(flow); c != nil {
		c.end()
	}
}

// Holds reports whether the connection of a flow is there.
func (s *Set) Holds(flow signal.Flow) bool { return flow.Edge == s.edge && s.conns.get(flow) != nil }

// Reliable reports whether messages over a transport are not lost by the network, so that the
// transaction layer must not repeat them (RFC 3261 section 17).
func Reliable(transport string) bool { return transport != "UDP" }

// closeGrace is how long messages that are queued already may take to leave when the set is closed.
const closeGrace = time.Second

// Close ends everything and waits for it. Only the first call has an effect.
func (s *Set) Close() (err error) {
	s.closing.Do(func() { err = s.close() })
	return err
}

func (s *Set) close() error {
	s.dials.mu.Lock() // a dial is counted before this, or finds the context ended
	s.cancel()
	s.dials.mu.Unlock()
	var errs []error
	for _, l := range s.listeners {
		errs = append(errs, l.Close())
	}
	conns := s.conns.shutdown()
	for _, c := range conns {
		c.end()
	}
	late := time.AfterFunc(closeGrace, func() {
		for _, c := range conns {
			c.close()
		}
	})
	defer late.Stop()
	for _, u := range s.udp {
		errs = append(errs, u.conn.Close())
	}
	s.wg.Wait()
	return errors.Join(errs...)
}

// unmap writes an IPv4 address as such, whatever kind of socket it came from.
func unmap(a netip.AddrPort) netip.AddrPort {
	return netip.AddrPortFrom(a.Addr().Unmap(), a.Port())
}
