package media

import (
	"net/netip"
	"sync"
	"time"

	"tandem/media/dtmf"
	"tandem/media/rtp"
)

// comfortNoise is the static payload number of RFC 3389. SDP never agrees on it, but some peers send
// it. It is counted and goes nowhere: it says that there is nothing to hear.
const comfortNoise = 13

// kind is what an admitted packet carries.
type kind uint8

const (
	refused kind = iota
	audio
	telephoneEvent
	changed // audio in another codec than the one in use, and agreed on as well
	nothing
)

// receiver is the incoming half of a stream: it decides which datagrams are the peer's and counts
// them.
type receiver struct {
	mu      sync.Mutex
	plan    *plan
	latch   rtp.Latch
	counted rtp.Reception
	start   time.Time

	waiting time.Time // since when we wait for packets: opened, direction changed, last packet
	silent  bool      // Silent was told, or no packet came yet: the next one is Heard

	octets, discarded uint64
	budget            budget
	changes           budget
	control           control
	fax               faxing
	keys              *dtmf.Receiver // nil before the first plan
}

// control is what RTCP told.
type control struct {
	lastSender  uint32 // middle of the NTP time of the peer's last SR
	lastArrival time.Time
	roundTrip   time.Duration
	remoteLoss  float64       // of our stream, at the peer
	remoteJit   time.Duration // likewise
	budget      budget
	peer        netip.AddrPort // where RTCP goes: from SDP, or where the peer's own came from
}

// budget bounds what is taken in a second.
type budget struct {
	since time.Time
	used  int
}

func (b *budget) allow(limit int, now time.Time) bool {
	if now.Sub(b.since) >= time.Second {
		*b = budget{since: now}
	}
	b.used++
	return b.used <= limit
}

// arrival is the verdict on a datagram.
type arrival struct {
	kind   kind
	packet rtp.Packet
	order  rtp.Order
	plan   *plan
	heard  bool // the first after opening or silence
	moved  bool // the stream latched onto the address it came from
}

func newReceiver(symmetric bool, peer netip.Addr, now time.Time) *receiver {
	return &receiver{latch: rtp.Latch{Symmetric: symmetric, Peer: peer}, start: now, waiting: now, silent: true}
}

// apply takes over what SDP settled and returns where to send to.
func (r *receiver) apply(p *plan, now time.Time) netip.AddrPort {
	r.mu.Lock()
	defer r.mu.Unlock()
	// A party that holds the call may go on saying that it sends, and sends nothing.
	resumed := r.plan != nil && p.hears && (!r.plan.hears || r.plan.Held && !p.Held)
	if r.plan == nil || r.plan.hears != p.hears || resumed {
		r.waiting = now
	}
	if r.plan == nil || r.plan.RemoteRTCP != p.RemoteRTCP || r.plan.Mux != p.Mux {
		r.control.peer = p.RemoteRTCP
	}
	if r.plan == nil || r.plan.EventClock != p.EventClock {
		r.keys = dtmf.NewReceiver(p.EventClock)
	}
	r.plan = p
	r.latch.Signal(p.Remote)
	if resumed {
		r.latch.Unsettle()
	}
	return r.latch.Remote()
}

// admit judges a datagram that came to the RTP port.
func (r *receiver) admit(datagram []byte, from netip.AddrPort, now time.Time) arrival {
	packet, err := rtp.Parse(datagram)
	r.mu.Lock()
	defer r.mu.Unlock()
	a := arrival{packet: packet, plan: r.plan}
	before := r.latch.Remote()
	if err == nil && r.plan != nil {
		a.kind = r.kind(packet.Payload)
	}
	// The budget is the peer's: strangers do not get at it.
	if a.kind == refused || !r.latch.Accept(from, packet.Header) || !r.budget.allow(maxPackets, now) ||
		!r.count(&a, now) {
		r.discarded++
		a.kind = refused
		return a
	}
	a.moved = before != from
	a.heard, r.silent = r.silent, false
	r.waiting = now
	if a.kind == changed && !r.changes.allow(maxChanges, now) {
		a.kind = nothing
	}
	r.octets += uint64(packet.End - packet.Start)
	return a
}

func (r *receiver) kind(payload uint8) kind {
	switch {
	case !r.plan.hears:
		return refused
	case payload == r.plan.RecvPayload:
		return audio
	case payload == r.plan.RecvEvent && payload != 0:
		return telephoneEvent
	case r.plan.agreed(payload) >= 0:
		return changed
	case payload == comfortNoise:
		return nothing
	}
	return refused
}

// count takes the packet into the statistics; false when its sequence number cannot be trusted yet.
func (r *receiver) count(a *arrival, now time.Time) bool {
	h := a.packet.Header
	if a.kind == audio {
		units := now.Sub(r.start).Microseconds() * int64(r.plan.Codec.Clock) / 1e6
		a.order = r.counted.Update(h.SSRC, h.Sequence, h.Timestamp, uint32(units))
	} else {
		a.order = r.counted.Count(h.SSRC, h.Sequence)
	}
	return a.order != rtp.Suspect
}

// watch tells since when nothing came, once, when that is longer than the limit.
func (r *receiver) watch(now time.Time, limit time.Duration) (time.Duration, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	since := now.Sub(r.waiting)
	if limit <= 0 || r.plan == nil || !r.plan.hears || since < limit {
		return 0, false
	}
	// Told again only after as long again, so that an owner who lets it pass is reminded.
	r.waiting, r.silent = now, true
	return since, true
}
