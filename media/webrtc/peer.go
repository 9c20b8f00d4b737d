package webrtc

import (
	"errors"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"tandem/media/rtp"
	"tandem/media/sdp"
)

// Event is what a peer tells its owner. The set is closed.
type Event interface{ event() }

// The events of a peer, each told once for each agreement that it is about.
type (
	// Secured: the keys are there, audio can flow.
	Secured struct{ Profile string }
	// Failed: there will be no keys, and why.
	Failed struct{ Reason string }
	// Lost: no sign of life came for so long.
	Lost struct{ Since time.Duration }
)

func (Secured) event() {}
func (Failed) event()  {}
func (Lost) event()    {}

// errNotSecured tells that the keys are not there yet, or that nobody is known to send to.
var errNotSecured = errors.New("webrtc: nothing can be sent before DTLS is done")

// Peer is one leg's end of a browser's audio. It is an rtp.Conn: Send ignores where to, since the checks say that.
type Peer struct {
	port *Port
	told func(Event)

	keys  atomic.Pointer[cipher]
	to    atomic.Pointer[netip.AddrPort] // nil: nobody is known yet
	alive atomic.Int64                   // the last sign of life, nanoseconds since the dawn of the port

	mu        sync.Mutex
	closed    bool
	agreed    *agreement
	former    *agreement // before an ICE restart, until an address has proved itself by the new one
	paths     paths
	since     time.Time // when we began to wait for keys, or for a restart
	handshake *handshake
	failure   error // of the last handshake that failed
	over      bool  // Failed or Lost was told

	in     sync.Mutex // held while the handler runs
	handle rtp.Handler
}

// agreement is what an exchange of SDP settled.
type agreement struct {
	sdp.Secure
	mac *integrity // by our password
}

func agree(s sdp.Secure) *agreement {
	return &agreement{s, newIntegrity(s.Local.Password)}
}

// Agree takes over what an exchange of SDP settled; the same again changes nothing.
func (p *Peer) Agree(s sdp.Secure) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed || p.agreed != nil && p.agreed.Secure == s {
		return
	}
	before := p.agreed
	p.agreed = agree(s)
	if before == nil || before.Fingerprint != s.Fingerprint || before.Active != s.Active {
		p.begin()
		if before != nil && before.Local.Ufrag != s.Local.Ufrag {
			p.port.unname(before.Local.Ufrag, p)
		}
	} else if before.Local.Ufrag != s.Local.Ufrag {
		p.dropFormer()
		p.former = before
	}
	p.since = time.Now()
	p.port.name(s.Local.Ufrag, p)
}

// begin forgets the party that was there: another one, or the same page loaded again, is to come.
func (p *Peer) begin() {
	p.over, p.failure = false, nil
	p.keys.Store(nil)
	p.to.Store(nil)
	p.dropFormer()
	if p.handshake != nil {
		p.handshake.end()
		p.handshake = nil
	}
	p.forgetPaths()
}

func (p *Peer) forgetPaths() {
	for _, x := range p.paths {
		p.port.disclaim(p, x.address)
	}
	p.paths = nil
}

func (p *Peer) dropFormer() {
	if p.former != nil {
		p.port.unname(p.former.Local.Ufrag, p)
		p.former = nil
	}
}

// lives reports a sign of life that is not too long ago.
func (p *Peer) lives(now time.Time) bool {
	return p.quiet(now) < Consent
}

// quiet is how long there has been no sign of life.
func (p *Peer) quiet(now time.Time) time.Duration {
	return now.Sub(p.port.dawn) - time.Duration(p.alive.Load())
}

func (p *Peer) livedAt(now time.Time) { p.alive.Store(int64(now.Sub(p.port.dawn))) }

// by is the agreement that a check names; nil: none.
func (p *Peer) by(c *check) *agreement {
	for _, a := range [...]*agreement{p.agreed, p.former} {
		if a != nil && string(c.local) == a.Local.Ufrag && string(c.remote) == a.Remote.Ufrag {
			return a
		}
	}
	return nil
}

// check answers a check, and learns from it where the peer is.
func (p *Peer) check(c check, datagram []byte, from netip.AddrPort, answer []byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	a := p.by(&c)
	if p.closed || a == nil || !c.proves(datagram, a.mac) {
		return
	}
	if c.controlled {
		p.write(c.refuse(answer, a.mac), from)
		return
	}
	now := time.Now()
	if !p.learn(from, c.use, now) {
		return
	}
	p.livedAt(now)
	if c.use {
		p.reached(a, from)
	}
	p.write(c.answer(answer, from, a.mac), from)
}

// write sends what is lost without harm: it will be asked for again.
func (p *Peer) write(datagram []byte, to netip.AddrPort) {
	_ = p.port.socket.Send(datagram, to)
}

// learn keeps the address that a check came from; false: it is another peer's.
func (p *Peer) learn(from netip.AddrPort, use bool, now time.Time) bool {
	i := p.paths.find(from)
	if i < 0 {
		if !p.port.claim(from, p, now) {
			return false
		}
		if len(p.paths) == maxPaths {
			p.forgetOldest()
		}
		p.paths = append(p.paths, path{address: from})
		i = len(p.paths) - 1
	}
	p.paths[i].seen = now
	p.paths[i].nominated = p.paths[i].nominated || use
	return true
}

// forgetOldest makes room: of the addresses not in use the one that was silent longest goes.
func (p *Peer) forgetOldest() {
	oldest, used := -1, p.remote()
	for i, x := range p.paths {
		if x.address != used && (oldest < 0 || x.seen.Before(p.paths[oldest].seen)) {
			oldest = i
		}
	}
	p.port.disclaim(p, p.paths[oldest].address)
	p.paths = append(p.paths[:oldest], p.paths[oldest+1:]...)
}

// remote is where to send to; not valid when nobody is known.
func (p *Peer) remote() netip.AddrPort {
	if to := p.to.Load(); to != nil {
		return *to
	}
	return netip.AddrPort{}
}

// reached: the peer wants to be sent to at the address.
func (p *Peer) reached(by *agreement, at netip.AddrPort) {
	if by == p.agreed {
		p.dropFormer()
	} else if p.former != nil && p.remote().IsValid() {
		return // the old way does not move any more
	}
	if p.remote() != at {
		p.to.Store(&at)
	}
	if p.agreed.Active && p.handshake == nil && p.keys.Load() == nil && !p.over {
		p.handshake = p.shake(at)
	}
}

// hello takes a datagram of DTLS. One that comes from an address that the peer did not name is nobody's.
func (p *Peer) hello(datagram []byte, from netip.AddrPort) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed || p.over || !p.paths.nominated(from) {
		return
	}
	if p.handshake == nil && p.keys.Load() == nil && !p.agreed.Active {
		p.handshake = p.shake(from)
	}
	if p.handshake != nil {
		p.handshake.put(datagram)
	}
}

// shake begins a handshake. Called with the peer locked.
func (p *Peer) shake(at netip.AddrPort) *handshake {
	h := &handshake{owner: p, proven: true, local: net.UDPAddrFromAddrPort(p.port.Local()), at: net.UDPAddrFromAddrPort(at)}
	return h.begin(p.port.identity, sdp.DTLS{Fingerprint: p.agreed.Fingerprint, Active: p.agreed.Active}, &p.port.ended)
}

// say sends a datagram of DTLS.
func (p *Peer) say(datagram []byte) error {
	if to := p.to.Load(); to != nil {
		return p.port.socket.Send(datagram, *to)
	}
	return nil
}

// secured takes the keys of a handshake.
func (p *Peer) secured(h *handshake, k sdp.Keys) {
	keys, err := newCipher(k)
	if err != nil {
		p.refused(h, err)
		return
	}
	p.mu.Lock()
	current := p.handshake == h && !p.closed
	if current {
		p.keys.Store(keys)
		h.until = time.Now().Add(linger)
	}
	p.mu.Unlock()
	if current {
		p.told(Secured{string(k.Suite)})
	} else {
		h.end()
	}
}

// refused takes the failure of a handshake. After a wrong certificate there is no other try; after anything else the
// peer may begin again, as long as our patience lasts.
func (p *Peer) refused(h *handshake, err error) {
	p.mu.Lock()
	final := false
	if p.handshake == h {
		p.handshake, p.failure = nil, err
		final = errors.Is(err, errFingerprint) && !p.over
		p.over = p.over || final
	}
	p.mu.Unlock()
	h.end()
	if final {
		p.told(Failed{err.Error()})
	}
}

// hear takes a datagram of audio or of its reports.
func (p *Peer) hear(datagram []byte, from netip.AddrPort) {
	p.in.Lock()
	defer p.in.Unlock()
	keys := p.keys.Load()
	if keys == nil || p.handle == nil {
		return
	}
	now := time.Now()
	if plain, ok := keys.in.Open(datagram, now); ok {
		p.livedAt(now)
		p.handle(plain, from)
	}
}

// watch looks after the peer once in a while.
func (p *Peer) watch(now time.Time) {
	p.mu.Lock()
	said := p.judge(now)
	for _, a := range p.paths.stale(now, p.remote()) {
		p.port.disclaim(p, a)
		p.paths = p.paths.without(a)
	}
	if h := p.handshake; h != nil && !h.until.IsZero() && now.After(h.until) {
		h.end()
		p.handshake = nil
	}
	p.mu.Unlock()
	if said != nil {
		p.told(said)
	}
}

// judge is the event that it is time for, or nil.
func (p *Peer) judge(now time.Time) Event {
	waited := now.Sub(p.since)
	switch {
	case p.closed || p.over || p.agreed == nil:
		return nil
	case p.keys.Load() == nil && waited > Patience:
		p.over = true
		if p.to.Load() == nil {
			return Failed{"the peer has not shown itself by a connectivity check (ICE) in " + Patience.String()}
		}
		return Failed{p.unagreed()}
	case p.keys.Load() != nil && !p.lives(now):
		p.over = true
		p.to.Store(nil) // without consent nothing is sent (RFC 7675 section 5.1)
		return Lost{p.quiet(now)}
	}
	return nil
}

// unagreed says why there are no keys, as far as we know.
func (p *Peer) unagreed() string {
	reason := "the peer has not agreed on keys (DTLS) in " + Patience.String()
	if p.failure != nil {
		reason += ": " + p.failure.Error()
	}
	return reason
}

// Serve implements rtp.Conn.
func (p *Peer) Serve(handle rtp.Handler) {
	p.in.Lock()
	defer p.in.Unlock()
	p.handle = handle
}

// Send implements rtp.Conn. Before the keys are there it fails.
func (p *Peer) Send(datagram []byte, _ netip.AddrPort) error {
	keys, to := p.keys.Load(), p.to.Load()
	if keys == nil || to == nil {
		return errNotSecured
	}
	return keys.out.Send(datagram, p.port.socket, *to)
}

// Close implements rtp.Conn.
func (p *Peer) Close() error {
	p.mu.Lock()
	if p.closed {
		p.mu.Unlock()
		return nil
	}
	p.closed = true
	p.begin()
	if p.agreed != nil {
		p.port.unname(p.agreed.Local.Ufrag, p)
	}
	p.mu.Unlock()
	p.port.forget(p)
	p.Serve(nil) // waits for a call that is under way
	return nil
}
