package rtp

import "net/netip"

// latchAfter is how many packets in sequence, of one SSRC and from one address, move a stream to
// an address that SDP did not name, or confirm the one that it named.
const latchAfter = 4

// Latch decides whose packets a stream believes, and where it sends to. The address from SDP comes
// first. A phone behind a NAT sends from elsewhere: in symmetric mode the first address that sends
// latchAfter good packets in a row is learned, once. When the signalled address has proved itself,
// or another was learned, nothing moves the stream until SDP names a new address: a stranger who
// finds the port can neither listen in nor be heard. The zero value believes nobody.
type Latch struct {
	Symmetric bool

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

// Remote is where to send to; not valid when there is nowhere.
func (l *Latch) Remote() netip.AddrPort { return l.current }

// Accept tells whether the packet may be used; the caller has already checked that it is RTP with
// a payload number that was agreed.
func (l *Latch) Accept(from netip.AddrPort, h Header) bool {
	if from == l.current {
		if !l.settled && l.follow(from, h) {
			l.settled = true
		}
		return true
	}
	if !l.Symmetric || l.settled || !l.signalled.IsValid() || !l.follow(from, h) {
		return false
	}
	l.current, l.settled = from, true
	return true
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
