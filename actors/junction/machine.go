package junction

import (
	"log/slog"
	"net/netip"
	"time"

	"tandem/actors/msg"
	"tandem/media/sdp"
)

// machine is the pure machine of one end. What must be done is collected and taken with effects.
type machine struct {
	log   *slog.Logger
	state state
	over  bool // it was closed: it never opens again
	first bool // our party's codec comes first
	near  side
	far   side
	role  *msg.MixRole
	stale bool       // the other end has an older word of ours
	sent  sdp.Params // what the stream was told last
	out   []effect
}

// effect is what must be done, in order. The set is closed.
type effect interface{ effect() }

type (
	tell  struct{ message *msg.LegJunction }
	apply struct{ params sdp.Params }
	// arm asks for late after a while.
	arm struct{}
	// ended gives the stream back; status 300 and above: it has failed.
	ended struct {
		status int32
		reason string
	}
)

func (tell) effect()  {}
func (apply) effect() {}
func (arm) effect()   {}
func (ended) effect() {}

func (m *machine) do(e effect) { m.out = append(m.out, e) }

// effects hands over what is to be done, and forgets it.
func (m *machine) effects() []effect {
	out := m.out
	m.out = nil
	return out
}

// open asks the other end.
func (m *machine) open() {
	if m.become(asked, "opened") {
		m.tell()
		m.do(arm{})
	}
}

// tell says how our end stands.
func (m *machine) tell() {
	m.stale = false
	m.do(tell{&msg.LegJunction{
		Junction: m.near.number, Seen: m.far.number, Address: m.near.address.Addr().String(),
		Port: uint32(m.near.address.Port()), Codec: m.near.codec, PacketMs: int32(m.near.packet / time.Millisecond),
		Knows: m.near.knows, Role: m.role,
	}})
}

// heard takes a word of the other end.
func (m *machine) heard(w *msg.LegJunction) {
	switch {
	case m.over:
	case w.Over:
		m.heardLast(w)
	case w.Seen != 0 && w.Seen != m.near.number:
		// it answers an earlier junction of ours
	case w.Junction < m.far.number || w.Junction == 0:
		// of an earlier one of its own
	default:
		m.take(w)
	}
}

// heardLast: the other end is closed, if it is the one that ours belongs to. Where it had not heard of ours yet it will,
// and may begin another one for it, which has to end too.
func (m *machine) heardLast(w *msg.LegJunction) {
	switch {
	case w.Junction == 0 && w.Seen != m.near.number, w.Junction != 0 && m.far.number != 0 && w.Junction != m.far.number,
		w.Junction != 0 && m.far.number == 0 && w.Seen != m.near.number:
		return // of another junction
	case w.Seen != m.near.number:
		m.last(0, "")
	}
	m.close("the other end: "+w.Reason, w.Status, w.Reason)
}

// take takes what the other end says of itself.
func (m *machine) take(w *msg.LegJunction) {
	address, ok := takes(w)
	if !ok {
		m.refuse(400, "The other member does not say where it takes audio")
		return
	}
	m.far = side{number: w.Junction, address: address, codec: w.Codec, knows: w.Knows[:min(len(w.Knows), maxKnows)],
		packet: time.Duration(w.PacketMs) * time.Millisecond}
	if m.state != up {
		m.become(up, "the other end is known")
	}
	if w.Seen == 0 || m.stale {
		m.tell()
	}
	m.tune()
}

// takes is where the other end takes audio.
func takes(w *msg.LegJunction) (netip.AddrPort, bool) {
	a, err := netip.ParseAddr(w.Address)
	if err != nil || a.IsUnspecified() || a.IsMulticast() || w.Port == 0 || w.Port >= 1<<16-1 {
		return netip.AddrPort{}, false
	}
	return netip.AddrPortFrom(a.Unmap(), uint16(w.Port)), true
}

// tune lets the stream do what both have said, if that is new.
func (m *machine) tune() {
	first, second := m.near, m.far
	if !m.first {
		first, second = second, first
	}
	c, packet := choose(first, second)
	p := faxParams(params(c, packet, m.far.address), first, second)
	if p.Fax != m.sent.Fax || p.Remote != m.sent.Remote || p.Codec != m.sent.Codec || p.Ptime != m.sent.Ptime {
		m.sent = p
		m.do(apply{p})
	}
}

// retune: our party talks another way, or takes part in the mixer in another way.
func (m *machine) retune(p Party) {
	same := m.near.codec == p.name() && m.near.packet == p.Packet && sameRole(m.role, p.Role)
	m.near.codec, m.near.packet, m.role = p.name(), p.Packet, p.Role
	switch {
	case same:
	case m.state == up:
		m.tell()
		m.tune()
	default: // it asks once: a second question might meet an end that has answered the first and is closed
		m.stale = m.state == asked
	}
}

func sameRole(a, b *msg.MixRole) bool {
	return a.GetMuted() == b.GetMuted() && a.GetSpecial() == b.GetSpecial() &&
		a.GetHearsSpecial() == b.GetHearsSpecial() && a.GetDeaf() == b.GetDeaf() && a.GetAttends() == b.GetAttends()
}

// late: the other end had its time.
func (m *machine) late() {
	if m.state == asked {
		m.refuse(504, "The other member does not answer for its audio")
	}
}

// refuse closes our end, and says why.
func (m *machine) refuse(status int32, reason string) {
	m.last(status, reason)
	m.close(reason, status, reason)
}

// leave closes our end: the other one is not needed any more.
func (m *machine) leave() {
	if m.over {
		return
	}
	m.last(0, "")
	m.close("not needed any more", 0, "")
}

func (m *machine) last(status int32, reason string) {
	m.do(tell{&msg.LegJunction{Junction: m.near.number, Seen: m.far.number, Over: true, Status: status, Reason: reason}})
}

func (m *machine) close(because string, status int32, reason string) {
	if m.state != closed {
		m.become(closed, because)
	}
	m.over = true
	m.do(ended{status, reason})
}
