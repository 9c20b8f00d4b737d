package media

import (
	"math/rand/v2"
	"net/netip"
	"sync"
	"time"

	"tandem/media/rtp"
	"tandem/media/sdp"
)

// reports is when a stream sends RTCP.
type reports struct {
	next time.Time // the shard's own

	mu   sync.Mutex
	sent uint64 // packets sent when the last report was made
	made bool   // there was a report
}

// rooms are where reports are written: each stream makes one now and then, and none keeps room of its own for that.
var rooms = sync.Pool{New: func() any { return new([256]byte) }}

// feedback takes in a datagram of RTCP, from its own port or from that of RTP (RFC 5761). It is
// believed when it comes from the host that RTP is exchanged with. A BYE ends nothing: only
// signalling does, since anybody can forge one.
func (s *Stream) feedback(datagram []byte, from netip.AddrPort, now time.Time) {
	r := s.receiver
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.plan == nil || !r.latch.Proven && from.Addr() != r.latch.Remote().Addr() || !r.control.budget.allow(maxFeedback, now) {
		r.discarded++
		return
	}
	f, err := rtp.ParseFeedback(datagram, s.sender.ssrc)
	if err != nil {
		r.discarded++
		return
	}
	r.control.take(f, r.plan.Codec.Clock, now)
	if ssrc, known := r.counted.SSRC(); r.latch.Symmetric && known && ssrc == f.SSRC {
		r.control.peer = from
	}
}

// receiveControl is called by the RTCP socket.
func (s *Stream) receiveControl(datagram []byte, from netip.AddrPort) {
	s.feedback(datagram, from, time.Now())
}

func (c *control) take(f rtp.Feedback, clock int, now time.Time) {
	if f.IsSR {
		c.lastSender, c.lastArrival = rtp.Middle(f.Sender.NTP), now
	}
	if !f.About {
		return
	}
	c.remoteLoss = float64(f.Block.Fraction) / 256
	c.remoteJit = time.Duration(f.Block.Jitter) * time.Second / time.Duration(clock)
	if trip, ok := rtp.RoundTrip(f.Block, now); ok {
		c.roundTrip = trip
	}
}

// report sends RTCP when it is time.
func (s *Stream) report(at time.Time) {
	switch {
	case s.reports.next.IsZero():
		// The first comes after half the time (RFC 3550 section 6.2).
		s.reports.next = at.Add(spread(s.engine.reportEvery / 2))
	case !at.Before(s.reports.next):
		s.reports.next = at.Add(spread(s.engine.reportEvery))
		s.sendControl(false)
	}
}

func spread(d time.Duration) time.Duration { return d/2 + rand.N(d) }

// bye says good-bye to the peer's RTCP. Who has never sent anything must leave in silence (RFC 3550 section 6.3.7).
func (s *Stream) bye() {
	if s.plan.Load() != nil {
		s.sendControl(true)
	}
}

// sendControl sends a compound packet: report, CNAME, and BYE at the end.
func (s *Stream) sendControl(last bool) {
	now := time.Now()
	block, to, mux := s.receiver.block(now)
	if !s.sender.placed && (!reachable(to) || s.sender.doors.shun(to)) {
		return
	}
	sender := s.sender.report(now)
	s.reports.mu.Lock()
	defer s.reports.mu.Unlock()
	if last && sender == nil && !s.reports.made {
		return
	}
	s.reports.made = true
	if sender != nil && !last && uint64(sender.Packets) == s.reports.sent {
		sender = nil // nothing was sent since the last report
	}
	if sender != nil {
		s.reports.sent = uint64(sender.Packets)
	}
	room := rooms.Get().(*[256]byte)
	defer rooms.Put(room)
	out := rtp.AppendReport(room[:0], s.sender.ssrc, sender, block)
	out = rtp.AppendSource(out, s.sender.ssrc, s.cname)
	if last {
		out = rtp.AppendBye(out, s.sender.ssrc)
	}
	conn := s.control
	if mux {
		conn = s.conn
	}
	// A lost report is made good by the next.
	_ = conn.Send(out, to)
}

// block is what we report of the peer's stream, and where to.
func (r *receiver) block(now time.Time) (*rtp.Block, netip.AddrPort, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.plan == nil {
		return nil, netip.AddrPort{}, false
	}
	to := r.reportTo()
	ssrc, heard := r.counted.SSRC()
	if !heard {
		return nil, to, r.plan.Mux
	}
	b := &rtp.Block{
		SSRC: ssrc, Fraction: r.counted.Fraction(), Lost: int32(min(r.counted.Lost(), 1<<23-1)),
		Highest: r.counted.Highest(), Jitter: uint32(r.counted.Jitter),
	}
	if !r.control.lastArrival.IsZero() {
		b.LastSender = r.control.lastSender
		b.Delay = uint32(now.Sub(r.control.lastArrival) << 16 / time.Second)
	}
	return b, to, r.plan.Mux
}

// reportTo is where RTCP goes. A peer behind a NAT named an address in SDP that leads nowhere; until
// its own RTCP shows the right one, the port above that of RTP is the best guess. A fax has no RTCP, and the port
// above its own may be anybody's. The keys of a handshake are for the port that it was made on.
func (r *receiver) reportTo() netip.AddrPort {
	if r.plan.Fax != "" || !r.plan.Mux && r.plan.DTLS != (sdp.DTLS{}) {
		return netip.AddrPort{}
	}
	remote := r.latch.Remote()
	if r.plan.Mux || !remote.IsValid() {
		return remote
	}
	if r.control.peer.Addr() == remote.Addr() {
		return r.control.peer
	}
	return netip.AddrPortFrom(remote.Addr(), remote.Port()+1)
}

// report is the sender part of an SR; nil when nothing was ever sent.
func (s *sender) report(now time.Time) *rtp.SenderPart {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.packets == 0 {
		return nil
	}
	return &rtp.SenderPart{
		NTP: rtp.NTP(now), Timestamp: s.line.at(now),
		Packets: uint32(s.packets), Octets: uint32(s.octets),
	}
}
