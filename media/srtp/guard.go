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
//	plain ──Await──► deaf and dumb, but for DTLS ──Agree──► guarded
type Guard struct {
	out   atomic.Pointer[Sealer]
	on    atomic.Bool
	hello atomic.Pointer[func(datagram []byte, from netip.AddrPort)]

	mu     sync.Mutex // of the rest
	keys   sdp.Keys
	in     *Opener
	former *Opener // of the key before
	until  time.Time
	room   []byte // for a copy that the key before is tried on

	openers kept[*Opener] // of the peer's keys in SDP
	sealers kept[*Sealer] // of ours
}

// Agree takes over what an exchange of SDP settled; the zero value is no encryption. A key that stays goes on counting,
// and so does one that comes back when an exchange is undone: begun anew, two packets would be encrypted alike (RFC 3711
// section 9.1), and old packets of the peer's would be heard again. Errors: ErrSuite, ErrKey.
func (g *Guard) Agree(k sdp.Keys, now time.Time) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if k == (sdp.Keys{}) {
		g.forget()
		g.hello.Store(nil)
		g.on.Store(false)
		return nil
	}
	in, err := g.openers.of(k.Suite, k.Remote, NewOpener)
	if err != nil {
		return err
	}
	out, err := g.sealers.of(k.Suite, k.Local, NewSealer)
	if err != nil {
		return err
	}
	g.sealers.keep(k.Suite, k.Local, out)
	g.openers.keep(k.Suite, k.Remote, in)
	g.hello.Store(nil)
	g.use(k, in, out, now)
	return nil
}

// Handshake takes over the keys of a DTLS handshake, which are new each time: nothing of them is kept once they are
// left.
func (g *Guard) Handshake(k sdp.Keys, now time.Time) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if k == g.keys {
		return nil
	}
	in, err := NewOpener(k.Suite, k.Remote)
	if err != nil {
		return err
	}
	out, err := NewSealer(k.Suite, k.Local)
	if err != nil {
		return err
	}
	g.use(k, in, out, now)
	return nil
}

// use takes up keys. Called with the lock held.
func (g *Guard) use(k sdp.Keys, in *Opener, out *Sealer, now time.Time) {
	if in != g.in {
		g.former, g.until = g.in, now.Add(grace)
	}
	g.keys, g.in = k, in
	g.out.Store(out)
	g.on.Store(true)
}

// Await lets nothing pass until keys are there, but what is of DTLS, on its way to agree on them: that goes to hello, then
// and later.
func (g *Guard) Await(hello func(datagram []byte, from netip.AddrPort)) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.forget()
	g.hello.Store(&hello)
	g.on.Store(true)
}

// forget lets go of the keys, but for what is kept of those in SDP. Called with the lock held.
func (g *Guard) forget() {
	g.keys, g.in, g.former, g.room = sdp.Keys{}, nil, nil, nil
	g.out.Store(nil)
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

// Beside puts it before a port for RTCP. A handshake that is begun there would be one of its own (RFC 5764 section 4.2):
// nobody answers it.
func (g *Guard) Beside(c rtp.Conn) rtp.Conn { return &guarded{Conn: c, guard: g, mute: true} }

// guarded is a port with the guard before it.
type guarded struct {
	rtp.Conn
	guard *Guard
	mute  bool // no handshakes

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
	if hello := c.guard.hello.Load(); hello != nil && isDTLS(datagram) {
		if !c.mute {
			(*hello)(datagram, from)
		}
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

// isDTLS tells by the first octet (RFC 7983 section 7).
func isDTLS(datagram []byte) bool { return len(datagram) > 0 && datagram[0] >= 20 && datagram[0] <= 63 }

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
	if c.guard.on.Load() {
		return ErrNoKeys
	}
	return c.Conn.Send(datagram, to)
}
