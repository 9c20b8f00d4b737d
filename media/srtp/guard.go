package srtp

import (
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"tandem/media/rtp"
	"tandem/media/sdp"
)

// Guard stands before the ports of one stream: what goes out is encrypted and what comes in is decrypted with the keys
// that were agreed on last. Without keys all passes as it is; a port that has had keys lets nothing pass without.
//
//	plain ──Agree──► guarded ──Agree: another key of the peer──► the old one is good for a while
//	                         ──Agree: no keys──► plain
type Guard struct {
	out atomic.Pointer[Sealer]
	on  atomic.Bool

	mu     sync.Mutex // of the rest
	keys   sdp.Keys
	in     *Opener
	former *Opener // of the key before
	until  time.Time
	room   []byte // for a copy that the key before is tried on
}

// Agree takes over what an exchange of SDP settled; the zero value is no encryption. A key that stays goes on counting:
// begun anew, two packets would be encrypted alike (RFC 3711 section 9.1).
func (g *Guard) Agree(k sdp.Keys, now time.Time) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if k == g.keys {
		return nil
	}
	if k == (sdp.Keys{}) {
		g.keys, g.in, g.former = k, nil, nil
		g.out.Store(nil)
		g.on.Store(false)
		return nil
	}
	in, out := g.in, g.out.Load()
	var err error
	if in == nil || k.Suite != g.keys.Suite || k.Remote != g.keys.Remote {
		if in, err = NewOpener(k.Suite, k.Remote); err != nil {
			return err
		}
		g.former, g.until = g.in, now.Add(grace)
	}
	if out == nil || k.Suite != g.keys.Suite || k.Local != g.keys.Local {
		if out, err = NewSealer(k.Suite, k.Local); err != nil {
			return err
		}
	}
	g.keys, g.in = k, in
	g.out.Store(out)
	g.on.Store(true)
	return nil
}

// open decrypts a datagram; false: it is nobody's that we know.
func (g *Guard) open(datagram []byte, now time.Time) ([]byte, bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	switch {
	case g.in == nil:
		return nil, false
	case g.former == nil:
		return g.in.Open(datagram, now)
	}
	g.room = append(g.room[:0], datagram...)
	if plain, ok := g.in.Open(datagram, now); ok {
		return plain, true
	}
	if now.After(g.until) {
		g.former, g.room = nil, nil
		return nil, false
	}
	plain, ok := g.former.Open(g.room, now)
	return datagram[:copy(datagram, plain)], ok
}

// Before puts the guard before a port.
func (g *Guard) Before(c rtp.Conn) rtp.Conn { return &guarded{Conn: c, guard: g} }

// guarded is a port with the guard before it.
type guarded struct {
	rtp.Conn
	guard *Guard

	// Of the goroutine that delivers:
	handle rtp.Handler
	heard  netip.AddrPort // where the last authentic datagram came from
	since  time.Time      // of the second in which those from elsewhere are counted
	others int
}

// Serve implements rtp.Conn.
func (c *guarded) Serve(handle rtp.Handler) {
	c.handle = handle
	c.Conn.Serve(c.take)
}

func (c *guarded) take(datagram []byte, from netip.AddrPort) {
	if !c.guard.on.Load() {
		c.handle(datagram, from)
		return
	}
	now := time.Now()
	if from != c.heard && !c.tries(now) {
		return
	}
	if plain, ok := c.guard.open(datagram, now); ok {
		c.heard = from
		c.handle(plain, from)
	}
}

// tries counts a datagram that comes from where the peer was not heard last: strangers must not use up what may be
// decrypted of the peer's.
func (c *guarded) tries(now time.Time) bool {
	if now.Sub(c.since) >= time.Second {
		c.since, c.others = now, 0
	}
	c.others++
	return c.others <= maxOthers
}

// Send implements rtp.Conn.
func (c *guarded) Send(datagram []byte, to netip.AddrPort) error {
	if out := c.guard.out.Load(); out != nil {
		return out.Send(datagram, c.Conn, to)
	}
	return c.Conn.Send(datagram, to)
}
