package transport

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"strconv"
	"sync"
	"time"

	"tandem/signal"
)

const (
	dialTimeout = 5 * time.Second
	// silentFactor times HeaderTimeout is how long a connection that was opened to us may stay
	// without its first byte: who connects has something to say.
	silentFactor = 3
)

// listener takes the connections of one address and transport.
type listener struct {
	net.Listener
	transport string
}

// bindStream opens one listener and returns its port.
func (s *Set) bindStream(transport string, addr netip.Addr, port int) (int, error) {
	network := "tcp6"
	if addr.Is4() {
		network = "tcp4"
	}
	at := net.JoinHostPort(addr.String(), strconv.Itoa(port))
	l, err := net.Listen(network, at)
	if err != nil {
		return 0, fmt.Errorf("sip: listen on %s %s: %w", transport, at, err)
	}
	s.listeners = append(s.listeners, listener{l, transport})
	return l.Addr().(*net.TCPAddr).Port, nil
}

// accept takes connections until the listener is closed. Only entering the table happens here:
// whatever waits for the peer, a TLS handshake too, is done on the connection's own goroutine.
func (s *Set) accept(l listener) {
	for {
		nc, err := l.Accept()
		if err != nil {
			if errors.Is(err, net.ErrClosed) {
				return
			}
			s.count.readErrors.Add(1) // out of descriptors, most likely: it passes
			s.pause(errorPause)
			continue
		}
		c, err := s.enter(l.transport, nc, "", false)
		if err != nil {
			s.count.refused.Add(1)
			_ = nc.Close()
			continue
		}
		go s.serve(c, true)
	}
}

// pause waits for d, or until the set is closed.
func (s *Set) pause(d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-s.ctx.Done():
	}
}

// enter makes a connection of nc, which may be one that we opened, and gives it its flow. Who gets one
// must serve it.
func (s *Set) enter(transport string, nc net.Conn, name string, ours bool) (*conn, error) {
	flow := signal.Flow{Edge: s.edge, Transport: transport,
		Local: tcpAddr(nc.LocalAddr()), Remote: tcpAddr(nc.RemoteAddr())}
	if _, already := nc.(*tls.Conn); transport == "TLS" && !already {
		nc = tls.Server(nc, s.server)
	}
	c := &conn{flow: flow, ours: ours, name: name, out: streamOutlet{nc, s}, set: s}
	return c, s.conns.add(c, &s.wg)
}

func tcpAddr(a net.Addr) netip.AddrPort { return unmap(a.(*net.TCPAddr).AddrPort()) }

// streamOutlet writes to a TCP or TLS connection. A peer that takes nothing for as long as a header
// may take has its connection ended.
type streamOutlet struct {
	net.Conn
	set *Set
}

func (o streamOutlet) write(message []byte) error {
	if err := o.SetWriteDeadline(time.Now().Add(o.set.live.Load().HeaderTimeout)); err != nil {
		return err
	}
	_, err := o.Write(message)
	return err
}

func (o streamOutlet) close() error {
	if t, ok := o.Conn.(*tls.Conn); ok {
		// Close would first send an alert and wait for a peer that does not read.
		return t.NetConn().Close()
	}
	return o.Close()
}

// serve reads messages from a connection until it ends or breaks a limit.
func (s *Set) serve(c *conn, accepted bool) {
	defer s.wg.Done()
	defer c.end()
	nc := c.out.(streamOutlet).Conn
	if t, ok := nc.(*tls.Conn); ok && accepted {
		if err := s.handshake(t); err != nil {
			return
		}
	}
	f := framer{limit: s.conf.MaxMessage}
	deadline := s.quietDeadline(accepted)
	for {
		if err := nc.SetReadDeadline(deadline); err != nil {
			return
		}
		started, passed := f.started(), f.passed
		n, err := nc.Read(f.room())
		f.filled(n)
		if n > 0 && !s.frames(c, &f) {
			return
		}
		if err != nil {
			s.readFailed(c, &f, err)
			return
		}
		switch {
		case !f.started():
			deadline = s.quietDeadline(false)
		case !started || passed != f.passed:
			deadline = time.Now().Add(s.live.Load().HeaderTimeout)
		}
	}
}

// quietDeadline is until when a connection may stay without a byte between messages.
func (s *Set) quietDeadline(first bool) time.Time {
	c := s.live.Load()
	if first {
		return time.Now().Add(min(silentFactor*c.HeaderTimeout, c.IdleTimeout))
	}
	return time.Now().Add(c.IdleTimeout)
}

func (s *Set) handshake(t *tls.Conn) error {
	ctx, cancel := context.WithTimeout(s.ctx, s.live.Load().HeaderTimeout)
	defer cancel()
	return t.HandshakeContext(ctx)
}

// frames hands over every whole message that is there; false means that the stream is at its end.
func (s *Set) frames(c *conn, f *framer) bool {
	for {
		frame, kind, err := f.next()
		switch {
		case err != nil:
			s.broken(c, frame, err)
			return false
		case kind == framePing:
			s.count.keepalives.Add(1)
			if c.send(crlfcrlf[:2]) != nil {
				return false
			}
		case kind == frameMessage:
			s.throttle(c)
			s.handler.Message(c.flow, frame)
		default:
			return true
		}
	}
}

// throttle delays a stream that sends more than its source may: TCP then slows the sender down, and
// no message is lost.
func (s *Set) throttle(c *conn) {
	for {
		wait := s.sources.take(c.flow.Remote.Addr(), time.Now())
		if wait == 0 || s.ctx.Err() != nil {
			return
		}
		s.count.limited.Add(1)
		s.pause(wait)
	}
}

// readFailed ends a stream; one that stopped within a message is reported.
func (s *Set) readFailed(c *conn, f *framer, err error) {
	if errors.Is(err, os.ErrDeadlineExceeded) && f.started() {
		s.broken(c, f.rest(), ErrTruncated)
	}
}

// broken reports a framing fault; what is answered meanwhile leaves before the connection is closed.
func (s *Set) broken(c *conn, rest []byte, cause error) {
	s.count.broken.Add(1)
	s.handler.Broken(c.flow, rest, cause)
}

// dials are connections that are being opened, so that two requests to one peer share one.
type dials struct {
	mu      sync.Mutex
	pending map[peer]*dial
}

type dial struct {
	done chan struct{}
	flow signal.Flow
	err  error
}

// Dial returns a flow to remote over TCP or TLS: an existing connection, or a new one. It blocks.
// The name is what the peer's certificate must be made out to; it is used for TLS only.
func (s *Set) Dial(ctx context.Context, transport string, remote netip.AddrPort, name string) (signal.Flow, error) {
	p := peer{transport: transport, remote: unmap(remote)}
	if transport == "TLS" {
		p.name = name
	}
	if c := s.conns.to(p); c != nil {
		return c.flow, nil
	}
	d, err := s.dial(p)
	if err != nil {
		return signal.Flow{}, err
	}
	select {
	case <-d.done:
		return d.flow, d.err
	case <-ctx.Done():
		return signal.Flow{}, ctx.Err()
	}
}

// dial begins to open a connection, or finds it begun. It belongs to nobody: when the one who wanted
// it first gives up, the others still get it.
func (s *Set) dial(p peer) (*dial, error) {
	s.dials.mu.Lock()
	defer s.dials.mu.Unlock()
	if d := s.dials.pending[p]; d != nil {
		return d, nil
	}
	if s.ctx.Err() != nil {
		return nil, ErrClosed
	}
	d := &dial{done: make(chan struct{})}
	if s.dials.pending == nil {
		s.dials.pending = map[peer]*dial{}
	}
	s.dials.pending[p] = d
	s.wg.Go(func() {
		d.flow, d.err = s.open(s.ctx, p)
		s.dials.mu.Lock()
		delete(s.dials.pending, p)
		s.dials.mu.Unlock()
		close(d.done)
	})
	return d, nil
}

// open makes a new connection, from the address that we are bound to when there is such.
func (s *Set) open(ctx context.Context, p peer) (signal.Flow, error) {
	ctx, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	nc, err := s.dialer(p.remote.Addr()).DialContext(ctx, "tcp", p.remote.String())
	if err != nil {
		return signal.Flow{}, err
	}
	if p.transport == "TLS" {
		cfg := s.client.Clone()
		cfg.ServerName = p.name
		t := tls.Client(nc, cfg)
		if err := t.HandshakeContext(ctx); err != nil {
			return signal.Flow{}, errors.Join(err, nc.Close())
		}
		nc = t
	}
	c, err := s.enter(p.transport, nc, p.name, true)
	if err != nil {
		return signal.Flow{}, errors.Join(err, nc.Close())
	}
	go s.serve(c, false)
	return c.flow, nil
}

func (s *Set) dialer(remote netip.Addr) *net.Dialer {
	for _, text := range s.conf.Bind {
		a, err := netip.ParseAddr(text)
		if err == nil && !a.IsUnspecified() && a.Unmap().Is4() == remote.Is4() {
			return &net.Dialer{LocalAddr: &net.TCPAddr{IP: a.AsSlice()}}
		}
	}
	return &net.Dialer{}
}
