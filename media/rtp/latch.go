package rtp

import "net/netip"

// latchAfter is how many packets in sequence, of one SSRC and from one address, move a stream to
// an address that SDP did not name, or confirm the one that it named.
const latchAfter = 4

// Latch decides whose packets a stream believes, and where it sends to. The address from SDP comes
// first. A phone behind a NAT sends from another port, or from the address that its signalling comes
// from: in symmetric mode the first such one that sends latchAfter good packets in a row is learned,
// once. When the signalled address has proved itself, or another was learned, nothing moves the
// stream until SDP names a new address, or Unsettle, but the signalled address itself. A stranger
// who finds the port can neither listen in nor be heard, not even while the phone is silent. The
// zero value believes nobody.
type Latch struct {
	Symmetric bool
	Proven    bool       // the datagrams have proved to be the peer's, wherever they come from
	Peer      netip.Addr // where the peer's signalling comes from; not valid: unknown

	signalled netip.AddrPort
	current   netip.AddrPort
	settled   bool
	candidate netip.AddrPort
	ssrc      uint32
	next      uint16
	count     int
}

// Signal sets the address of SDP. The same address again changes nothing that was learned.
func (l *Latch) Signal(remote netip.AddrPort) {
	if remote == l.signalled {
		return
	}
	l.signalled, l.current, l.settled, l.count = remote, remote, false, 0
}

// Unsettle lets another address be learned again, of those that may be at first, and keeps to the one in use until then. A
// NAT forgets a phone that sends nothing for a while, and gives it another port when it begins again: so a hold may end
// with the same SDP and from elsewhere.
func (l *Latch) Unsettle() { l.settled, l.count = false, 0 }

// Remote is where to send to; not valid when there is nowhere.
func (l *Latch) Remote() netip.AddrPort { return l.current }

// Accept tells whether the packet may be used; the caller has already checked that it is RTP with
// a payload number that was agreed.
func (l *Latch) Accept(from netip.AddrPort, h Header) bool {
	if l.Proven {
		l.current = from
		return true
	}
	if from == l.current {
		if !l.settled && l.follow(from, h) {
			l.settled = true
		}
		return true
	}
	if !l.mayMove(from) || !l.follow(from, h) {
		return false
	}
	l.current, l.settled = from, true
	return true
}

// mayMove tells whether packets from there may move the stream at all.
func (l *Latch) mayMove(from netip.AddrPort) bool {
	switch {
	case !l.Symmetric || !l.signalled.IsValid():
		return false
	case from == l.signalled:
		return true
	}
	return !l.settled && (from.Addr() == l.signalled.Addr() || from.Addr() == l.Peer)
}

// follow counts packets in sequence from one address and source, and tells when there are enough.
func (l *Latch) follow(from netip.AddrPort, h Header) bool {
	if from != l.candidate || h.SSRC != l.ssrc || h.Sequence != l.next {
		l.candidate, l.ssrc, l.count = from, h.SSRC, 0
	}
	l.next = h.Sequence + 1
	l.count++
	return l.count >= latchAfter
}
