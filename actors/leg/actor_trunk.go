package leg

import (
	"fmt"
	"net/netip"
	"time"

	"github.com/asynkron/protoactor-go/actor"

	"tandem/actors/msg"
	"tandem/actors/trunk"
	"tandem/media"
)

// trunked is the leg's end of a trunk: it has one at a time, since its party is with one partner or mixer.
type trunked struct {
	end   *trunk.End   // nil: none
	far   *actor.PID   // who has the other end
	role  *msg.MixRole // where that is a mixer
	made  uint64
	early *msg.LegTrunk // the wish of a leg that is no partner yet
}

// Messages that never leave the leg.
type (
	trunkLate struct{ number uint64 }
	noTrunk   struct {
		far    *actor.PID
		reason string
	}
)

// to tells whether the end leads to that actor.
func (t *trunked) to(far *actor.PID) bool { return t.end != nil && t.far.Equal(far) }

// bridge joins our stream with the one of that name, wherever it is.
func (a *legActor) bridge(stream string) error {
	if other, ok := a.floor.Engine.Find(stream); ok {
		a.closeTrunk()
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

// through joins our stream with a trunk to an actor of another member, which is opened if it is not there.
func (a *legActor) through(far *actor.PID, role *msg.MixRole) error {
	t := &a.trunk
	t.role = role
	if t.to(far) {
		t.end.Retune(a.talks())
	} else if err := a.openTrunk(far); err != nil {
		a.floor.Member.Send(a.self, &noTrunk{far, err.Error()})
		return err
	}
	if t.end == nil {
		return nil // the other end said what can not be taken, and that was told
	}
	return media.Bridge(a.stream, t.end.Stream())
}

// talks is what our party talks.
func (a *legActor) talks() trunk.Party {
	p := a.machine.params
	return trunk.Party{Codec: p.Codec, Packet: p.Ptime, Role: a.trunk.role}
}

// openTrunk makes our end of a trunk, in place of one to somebody else. Where the other end has asked it is answered.
func (a *legActor) openTrunk(far *actor.PID) error {
	a.closeTrunk()
	t, member, self := &a.trunk, a.floor.Member, a.self
	near, there := member.Handler(self), member.Handler(far)
	asked := t.early
	if asked != nil && asked.Leg.Equal(far) {
		t.early = nil
	} else {
		asked = nil
	}
	t.made++
	number := t.made
	end, err := trunk.New(a.floor.Trunk, trunk.Options{
		ID: fmt.Sprint(near, ".trunk.", number), Call: a.machine.record.Call, Number: number, First: near < there,
		Peer: whereabouts(far, asked), Party: a.talks(), Log: a.log.With("far", there),
		Tell: func(m *msg.LegTrunk) { signAs(self, m); member.Send(far, m) },
		Late: func() { member.Send(self, &trunkLate{number}) },
		Over: func(status int32, reason string) { a.onTrunkOver(far, status, reason) },
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
	a.tapeTrunk()
	return nil
}

// whereabouts is an address of the member that an actor lives on: what it asks from, or where it is told things.
func whereabouts(far *actor.PID, asked *msg.LegTrunk) netip.Addr {
	if asked != nil {
		a, _ := netip.ParseAddr(asked.Address)
		return a
	}
	a, _ := netip.ParseAddrPort(far.GetAddress())
	return a.Addr()
}

// closeTrunk ends our end of the trunk, if there is one.
func (a *legActor) closeTrunk() {
	if end := a.trunk.end; end != nil {
		a.trunk.end = nil
		end.Close()
	}
}

// onTrunk takes the word of the other end, or the wish of a leg for one of ours.
func (a *legActor) onTrunk(m *msg.LegTrunk) {
	t := &a.trunk
	switch {
	case m.Leg == nil:
	case a.attendantTrunk(m):
	case t.to(m.Leg):
		t.end.Heard(m)
	case trunk.Begins(m):
		t.early = m
		a.answerTrunk()
	case m.Over && t.early != nil && t.early.Leg.Equal(m.Leg):
		t.early = nil
	}
}

// answerTrunk opens our end of a trunk that another leg wants, if our party is to hear that one's. The wish may come
// before the word that makes it our partner.
func (a *legActor) answerTrunk() {
	m := a.trunk.early
	if m == nil {
		return
	}
	answer := refuses
	if a.stream != nil {
		answer = a.machine.Asked(a.floor.Member.Handler(m.Leg), time.Now())
	}
	switch answer {
	case refuses:
		a.refuseTrunk(481, "The call is over")
	case gives:
		if err := a.openTrunk(m.Leg); err != nil {
			a.log.Warn("no trunk", "err", err)
			a.trunk.early = m
			a.refuseTrunk(503, err.Error())
		}
	}
}

// refuseTrunk refuses the trunk that another leg wants.
func (a *legActor) refuseTrunk(status int32, reason string) {
	if m := a.trunk.early; m != nil {
		a.trunk.early = nil
		refusal := trunk.Refusal(m, status, reason)
		signAs(a.self, refusal)
		a.floor.Member.Send(m.Leg, refusal)
	}
}

// onTrunkLate: the other end had its time.
func (a *legActor) onTrunkLate(number uint64) {
	if t := &a.trunk; t.end != nil && t.made == number {
		t.end.Late()
	}
}

// onTrunkOver: the trunk is closed, not by us. One that has failed is missed.
func (a *legActor) onTrunkOver(far *actor.PID, status int32, reason string) {
	if a.trunk.to(far) {
		a.trunk.end = nil
	}
	if status >= 300 {
		a.onNoTrunk(far, status, reason)
	}
}

// onNoTrunk: there is no audio between our party and an actor of another member.
func (a *legActor) onNoTrunk(far *actor.PID, status int32, reason string) {
	if a.mixer != nil && a.mixer.Equal(far) {
		a.machine.MixerGone(status, reason, time.Now())
		return
	}
	if a.attends(far) {
		a.machine.AttendedGone(status, reason, time.Now())
		return
	}
	a.machine.NoTrunk(a.floor.Member.Handler(far), status, reason, time.Now())
}

// tapeTrunk lets the recordings of the call hear the partner by the trunk.
func (a *legActor) tapeTrunk() {
	end := a.trunk.end
	if end == nil {
		return
	}
	for _, t := range a.tapes() {
		if t.of != "" && t.of == a.floor.Member.Handler(a.trunk.far) {
			t.other = end.Stream()
			a.turnOn(t)
		}
	}
}
