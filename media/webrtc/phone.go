package webrtc

import (
	"errors"
	"net"
	"net/netip"
	"sync"
	"time"

	"tandem/media/sdp"
)

// Phone agrees on keys with a peer that has no ICE, by DTLS on the port of its stream (RFC 5763). Who it is its
// fingerprint shows, and nothing else: where it is the stream says, and learns only from what is authentic.
//
//	NewPhone ──Meet──► waits ──hello, or at once if we begin──► shakes ──► Secured, or Failed
//	             ▲                                                             │
//	             └──────── Meet: another fingerprint, another role ◄───────────┘
type Phone struct {
	identity *Identity
	local    netip.AddrPort
	send     func(datagram []byte) error // to where the stream has its peer
	keys     func(sdp.Keys)              // called with the lock held
	told     func(Event)
	ended    sync.WaitGroup

	mu        sync.Mutex
	agreed    sdp.DTLS
	handshake *handshake
	done      bool // there are keys, or will be none
	patience  *time.Timer
}

// NewPhone makes one that waits for Meet. The functions are called from goroutines of its own and must not block.
func NewPhone(i *Identity, local netip.AddrPort, send func([]byte) error, keys func(sdp.Keys), told func(Event)) *Phone {
	return &Phone{identity: i, local: local, send: send, keys: keys, told: told}
}

// Meet takes over what an exchange of SDP settled, anew; the zero value ends what was.
func (p *Phone) Meet(d sdp.DTLS) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.drop()
	p.agreed, p.done = d, false
	if d == (sdp.DTLS{}) {
		return
	}
	p.patience = time.AfterFunc(Patience, func() { p.give(d) })
	if d.Active {
		p.shake()
	}
}

func (p *Phone) shake() {
	// It never asks where the peer is: the stream knows, and it may move.
	h := &handshake{owner: p, local: net.UDPAddrFromAddrPort(p.local), at: net.UDPAddrFromAddrPort(p.local)}
	p.handshake = h.begin(p.identity, p.agreed, &p.ended)
}

// drop ends the handshake. Called with the lock held.
func (p *Phone) drop() {
	if p.patience != nil {
		p.patience.Stop()
	}
	if p.handshake != nil {
		p.handshake.end()
		p.handshake = nil
	}
}

// give gives up when there are no keys after all that time.
func (p *Phone) give(d sdp.DTLS) {
	p.mu.Lock()
	failed := p.agreed == d && !p.done
	p.done = p.done || failed
	p.mu.Unlock()
	if failed {
		p.told(Failed{"the peer has not agreed on keys (DTLS) in " + Patience.String()})
	}
}

// Hello takes a datagram of DTLS.
func (p *Phone) Hello(datagram []byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.handshake == nil && !p.done && p.agreed != (sdp.DTLS{}) && !p.agreed.Active {
		p.shake()
	}
	if p.handshake != nil {
		p.handshake.put(datagram)
	}
}

func (p *Phone) say(datagram []byte) error { return p.send(datagram) }

func (p *Phone) secured(h *handshake, k sdp.Keys) {
	p.mu.Lock()
	current := p.handshake == h && !p.done
	if current {
		p.done = true
		p.keys(k) // with the lock: what is agreed on next has its keys later
		p.patience.Stop()
		p.patience = time.AfterFunc(linger, func() { p.finish(h) })
	}
	p.mu.Unlock()
	if !current {
		h.end()
		return
	}
	p.told(Secured{string(k.Suite)})
}

// finish lets a handshake go whose last flight nobody asks for again.
func (p *Phone) finish(h *handshake) {
	p.mu.Lock()
	if p.handshake == h {
		p.handshake = nil
	}
	p.mu.Unlock()
	h.end()
}

// refused takes the failure of a handshake. After a wrong certificate there is no other try.
func (p *Phone) refused(h *handshake, err error) {
	p.mu.Lock()
	final := false
	if p.handshake == h && !p.done {
		p.handshake = nil
		final = errors.Is(err, errFingerprint)
		p.done = final
	}
	p.mu.Unlock()
	h.end()
	if final {
		p.told(Failed{err.Error()})
	}
}

// Close ends it, and returns when its goroutines have ended.
func (p *Phone) Close() {
	p.mu.Lock()
	p.drop()
	p.agreed, p.done = sdp.DTLS{}, true
	p.mu.Unlock()
	p.ended.Wait()
}
