package media

import (
	"fmt"
	"net/netip"
	"sync/atomic"
	"time"

	"tandem/media/rtp"
	"tandem/media/sdp"
	"tandem/media/srtp"
	"tandem/media/webrtc"
)

// encryption is how the audio of a stream with ports of its own is encrypted.
type encryption struct {
	guard srtp.Guard                     // before the ports
	plain rtp.Conn                       // the RTP port behind it, for the datagrams of DTLS
	at    atomic.Pointer[netip.AddrPort] // where those of the peer came from last

	// Guarded by engine.topology:
	met   sdp.DTLS
	phone *webrtc.Phone // nil: no DTLS so far
}

// encrypt takes over the keys of SDP, or the way to agree on them. Called with the topology locked.
func (s *Stream) encrypt(p *plan) error {
	e := &s.encryption
	if p.DTLS == e.met && p.DTLS != (sdp.DTLS{}) {
		return nil
	}
	if e.phone == nil && p.DTLS != (sdp.DTLS{}) {
		e.phone = webrtc.NewPhone(s.engine.identity, netip.AddrPortFrom(s.local, uint16(s.port)), s.greet, s.keyed, s.onPeer)
	}
	e.met = p.DTLS
	if p.DTLS == (sdp.DTLS{}) {
		if e.phone != nil {
			e.phone.Meet(p.DTLS)
		}
		if err := e.guard.Agree(p.Keys, time.Now()); err != nil {
			return fmt.Errorf("media: %w", err)
		}
		return nil
	}
	e.guard.Await(s.hello)
	e.at.Store(&p.Remote)
	e.phone.Meet(p.DTLS)
	return nil
}

// hello takes a datagram of DTLS. Where it comes from proves nothing; but from elsewhere than the peer's host it is not
// looked at.
func (s *Stream) hello(datagram []byte, from netip.AddrPort) {
	if s.receiver.knows(from.Addr()) {
		s.encryption.at.Store(&from)
		s.encryption.phone.Hello(datagram)
	}
}

// greet sends one of ours.
func (s *Stream) greet(datagram []byte) error {
	return s.encryption.plain.Send(datagram, *s.encryption.at.Load())
}

// keyed takes the keys of a handshake.
func (s *Stream) keyed(k sdp.Keys) {
	_ = s.encryption.guard.Handshake(k, time.Now()) // they are as long as their suite wants
}

// knows tells whether an address is of the host that the peer's audio, or its signalling, comes from.
func (r *receiver) knows(host netip.Addr) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return host == r.latch.Remote().Addr() || r.latch.Symmetric && host == r.latch.Peer
}
