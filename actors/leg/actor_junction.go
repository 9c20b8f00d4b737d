package leg

import (
	"fmt"
	"net/netip"
	"time"

	"github.com/asynkron/protoactor-go/actor"

	"tandem/actors/junction"
	"tandem/actors/msg"
	"tandem/media"
)

// junctioned is the leg's end of a junction: it has one at a time, since its party is with one partner or mixer.
type junctioned struct {
	end   *junction.End // nil: none
	far   *actor.PID    // who has the other end
	role  *msg.MixRole  // where that is a mixer
	made  uint64
	early *msg.LegJunction // the wish of a leg that is no partner yet
}

// Messages that never leave the leg.
type (
	junctionLate struct{ number uint64 }
	noJunction   struct {
		far    *actor.PID
		reason string
	}
)

// to tells whether the end leads to that actor.
func (t *junctioned) to(far *actor.PID) bool { return t.end != nil && t.far.Equal(far) }

// bridge joins our stream with the one of that name, wherever it is.
func (a *legActor) bridge(stream string) error {
	if other, ok := a.floor.Engine.Find(stream); ok {
		a.closeJunction()
		return media.Bridge(a.stream, other)
	}
	far, err := a.floor.Member.Parse(stream)
	if err != nil || !a.elsewhere(far) {
		return nil // the partner is gone; it has told us so, or will be missed
	}
	return a.through(far, nil)
}

// elsewhere tells whether an actor lives on another member.
func (a *legActor) elsewhere(who *actor.PID) bool { return who.GetAddress() != a.self.GetAddress() }

// through joins our stream with a junction to an actor of another member, which is opened if it is not there.
func (a *legActor) through(far *actor.PID, role *msg.MixRole) error {
	t := &a.junction
	t.role = role
	if t.to(far) {
		t.end.Retune(a.talks())
	} else if err := a.openJunction(far); err != nil {
		a.floor.Member.Send(a.self, &noJunction{far, err.Error()})
		return err
	}
	if t.end == nil {
		return nil // the other end said what can not be taken, and that was told
	}
	return media.Bridge(a.stream, t.end.Stream())
}

// talks is what our party talks.
func (a *legActor) talks() junction.Party {
	p := a.machine.params
	return junction.Party{Codec: p.Codec, Packet: p.Ptime, Fax: p.Fax != "", Role: a.junction.role}
}

// openJunction makes our end of a junction, in place of one to somebody else. Where the other end has asked it is answered.
func (a *legActor) openJunction(far *actor.PID) error {
	a.closeJunction()
	t, member, self := &a.junction, a.floor.Member, a.self
	near, there := member.Handler(self), member.Handler(far)
	asked := t.early
	if asked != nil && asked.Leg.Equal(far) {
		t.early = nil
	} else {
		asked = nil
	}
	t.made++
	number := t.made
	end, err := junction.New(a.floor.Junction, junction.Options{
		ID: fmt.Sprint(near, ".junction.", number), Call: a.machine.record.Call, Number: number, First: near < there,
		Peer: whereabouts(far, asked), Party: a.talks(), Log: a.log.With("far", there),
		Tell: func(m *msg.LegJunction) { signAs(self, m); member.Send(far, m) },
		Late: func() { member.Send(self, &junctionLate{number}) },
		Over: func(status int32, reason string) { a.onJunctionOver(far, status, reason) },
	})
	if err != nil {
		return err
	}
	t.end, t.far = end, far
	if asked != nil {
		end.Heard(asked)
	} else {
		end.Open()
	}
	a.tapeJunction()
	a.scribeJunction()
	return nil
}

// whereabouts is an address of the member that an actor lives on: what it asks from, or where it is told things.
func whereabouts(far *actor.PID, asked *msg.LegJunction) netip.Addr {
	if asked != nil {
		a, _ := netip.ParseAddr(asked.Address)
		return a
	}
	a, _ := netip.ParseAddrPort(far.GetAddress())
	return a.Addr()
}

// closeJunction ends our end of the junction, if there is one.
func (a *legActor) closeJunction() {
	if end := a.junction.end; end != nil {
		a.junction.end = nil
		end.Close()
	}
}

// onJunction takes the word of the other end, or the wish of a leg for one of ours.
func (a *legActor) onJunction(m *msg.LegJunction) {
	t := &a.junction
	switch {
	case m.Leg == nil:
	case a.attendantJunction(m):
	case t.to(m.Leg):
		t.end.Heard(m)
	case junction.Begins(m):
		t.early = m
		a.answerJunction()
	case m.Over && t.early != nil && t.early.Leg.Equal(m.Leg):
		t.early = nil
	}
}

// answerJunction opens our end of a junction that another leg wants, if our party is to hear that one's. The wish may come
// before the word that makes it our partner.
func (a *legActor) answerJunction() {
	m := a.junction.early
	if m == nil {
		return
	}
	answer := refuses
	if a.stream != nil {
		answer = a.machine.Asked(a.floor.Member.Handler(m.Leg), time.Now())
	}
	switch answer {
	case refuses:
		a.refuseJunction(481, "The call is over")
	case gives:
		if err := a.openJunction(m.Leg); err != nil {
			a.log.Warn("no junction", "err", err)
			a.junction.early = m
			a.refuseJunction(503, err.Error())
		}
	}
}

// refuseJunction refuses the junction that another leg wants.
func (a *legActor) refuseJunction(status int32, reason string) {
	if m := a.junction.early; m != nil {
		a.junction.early = nil
		refusal := junction.Refusal(m, status, reason)
		signAs(a.self, refusal)
		a.floor.Member.Send(m.Leg, refusal)
	}
}

// onJunctionLate: the other end had its time.
func (a *legActor) onJunctionLate(number uint64) {
	if t := &a.junction; t.end != nil && t.made == number {
		t.end.Late()
	}
}

// onJunctionOver: the junction is closed, not by us. One that has failed is missed.
func (a *legActor) onJunctionOver(far *actor.PID, status int32, reason string) {
	if a.junction.to(far) {
		a.junction.end = nil
	}
	if status >= 300 {
		a.onNoJunction(far, status, reason)
	}
}

// onNoJunction: there is no audio between our party and an actor of another member.
func (a *legActor) onNoJunction(far *actor.PID, status int32, reason string) {
	if a.mixer != nil && a.mixer.Equal(far) {
		a.machine.MixerGone(status, reason, time.Now())
		return
	}
	if a.attends(far) {
		a.machine.AttendedGone(status, reason, time.Now())
		return
	}
	a.machine.NoJunction(a.floor.Member.Handler(far), status, reason, time.Now())
}

// tapeJunction lets the recordings of the call hear the partner by the junction.
func (a *legActor) tapeJunction() {
	end := a.junction.end
	if end == nil {
		return
	}
	for _, t := range a.tapes() {
		if t.of != "" && t.of == a.floor.Member.Handler(a.junction.far) {
			t.other = end.Stream()
			a.turnOn(t)
		}
	}
}
