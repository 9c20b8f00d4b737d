package leg

import (
	"fmt"
	"time"

	"github.com/asynkron/protoactor-go/actor"

	"tandem/actors/junction"
	"tandem/actors/msg"
	"tandem/media"
)

// attendance is what a leg has to do with those who attend calls: the leg whose call its party attends, or those whose
// parties attend its own.
type attendance struct {
	target *actor.PID            // whose call our party attends
	by     map[string]*attendant // by their form in text
	made   uint64                // junctions
}

// attendant is a leg whose party attends our call. One of another member has a junction.
type attendant struct {
	leg *actor.PID
	end *junction.End // nil: none, or not yet
}

// attendFailed is the leg's word to itself that a call here can not be attended.
type attendFailed struct {
	target *actor.PID
	reason string
}

// The side of who attends.

func (a *legActor) attend(ctx actor.Context, m *msg.LegAttend) {
	if a.stream == nil {
		return
	}
	if t := a.attendance.target; t == nil || !t.Equal(m.Leg) {
		a.setAttended(ctx, m.Leg)
		a.floor.Member.Send(m.Leg, &msg.LegAttended{Leg: ctx.Self()})
	}
	if a.elsewhere(m.Leg) {
		if err := a.through(m.Leg, &msg.MixRole{Attends: m.Part}); err != nil {
			a.log.Warn("a call is not attended", "err", err)
		}
		return
	}
	a.closeJunction()
	if err := a.attendHere(m); err != nil {
		ctx.Send(ctx.Self(), &attendFailed{m.Leg, err.Error()})
	}
}

func (a *legActor) attendHere(m *msg.LegAttend) error {
	target, ok := a.floor.Engine.Find(a.floor.Member.Handler(m.Leg))
	if !ok {
		return media.ErrClosed
	}
	return a.stream.Attend(target, parts[m.Part])
}

func (a *legActor) onAttendFailed(m *attendFailed) {
	if a.attends(m.target) {
		a.machine.AttendedGone(486, m.reason, time.Now())
	}
}

// attends tells whether our party attends that leg's call.
func (a *legActor) attends(who *actor.PID) bool {
	return a.attendance.target != nil && a.attendance.target.Equal(who)
}

// setAttended changes whose call our party attends.
func (a *legActor) setAttended(ctx actor.Context, target *actor.PID) {
	t := &a.attendance
	if t.target != nil {
		ctx.Unwatch(t.target)
		if a.junction.to(t.target) {
			a.closeJunction()
		}
		a.floor.Member.Send(t.target, &msg.LegAttended{Leg: ctx.Self(), Left: true})
	}
	if t.target = target; target != nil {
		ctx.Watch(target)
	}
}

// The side of who is attended.

// onAttended notes who attends our call. Who comes too late is sent away.
func (a *legActor) onAttended(ctx actor.Context, m *msg.LegAttended) {
	if m.Leg == nil {
		return
	}
	t, key := &a.attendance, m.Leg.String()
	one := t.by[key]
	switch {
	case m.Left && one != nil:
		ctx.Unwatch(m.Leg)
		a.dropAttendant(key)
	case m.Left || one != nil:
	case a.stream == nil || !a.machine.Attendable():
		a.floor.Member.Send(m.Leg, &msg.LegParted{Leg: ctx.Self(), Status: 481, Reason: "The call is over"})
	default:
		if t.by == nil {
			t.by = map[string]*attendant{}
		}
		t.by[key] = &attendant{leg: m.Leg}
		ctx.Watch(m.Leg)
		a.log.Info("the call is attended", "by", a.floor.Member.Handler(m.Leg), "attendants", len(t.by))
	}
}

// dropAttendant forgets who attends no more.
func (a *legActor) dropAttendant(key string) {
	one := a.attendance.by[key]
	if one == nil {
		return
	}
	delete(a.attendance.by, key)
	if one.end != nil {
		one.end.Close()
	}
	a.log.Info("the call is attended no more", "by", a.floor.Member.Handler(one.leg), "attendants", len(a.attendance.by))
}

// dismissAttendants tells all who attend that the call is over.
func (a *legActor) dismissAttendants() {
	for key, one := range a.attendance.by {
		a.floor.Member.Send(one.leg, &msg.LegParted{Leg: a.self, Status: 200, Reason: "The call is over"})
		a.dropAttendant(key)
	}
}

// attendantJunction takes the word of the other end of an attendant's junction; false: it is of no attendant.
func (a *legActor) attendantJunction(m *msg.LegJunction) bool {
	one := a.attendance.by[m.Leg.String()]
	switch {
	case one == nil && m.Role.GetAttends() == "":
		return false
	case one == nil: // it came too late, and was told so
	case one.end != nil:
		one.end.Heard(m)
		if one.end != nil && !m.Over { // it may have ended by that
			a.seatAttendant(one, m)
		}
	case junction.Begins(m):
		if err := a.openAttendant(one, m); err != nil {
			a.log.Warn("an attendant is not heard", "err", err)
			refusal := junction.Refusal(m, 503, err.Error())
			signAs(a.self, refusal)
			a.floor.Member.Send(m.Leg, refusal)
		}
	}
	return true
}

// openAttendant makes our end of the junction that an attendant asks for.
func (a *legActor) openAttendant(one *attendant, m *msg.LegJunction) error {
	if a.stream == nil {
		return media.ErrClosed
	}
	near, there, member, self := a.floor.Member.Handler(a.self), a.floor.Member.Handler(m.Leg), a.floor.Member, a.self
	t := &a.attendance
	t.made++
	end, err := junction.New(a.floor.Junction, junction.Options{
		ID: fmt.Sprint(near, ".attendant.", t.made), Call: a.machine.record.Call, Number: t.made, First: near < there,
		Peer: whereabouts(m.Leg, m), Log: a.log.With("far", there),
		Tell: func(w *msg.LegJunction) { signAs(self, w); member.Send(one.leg, w) },
		Late: func() {}, // the other end has spoken already
		Over: func(int32, string) { one.end = nil },
	})
	if err != nil {
		return err
	}
	if err := end.Stream().Attend(a.stream, parts[m.Role.GetAttends()]); err != nil {
		end.Drop()
		return err
	}
	one.end = end
	end.Heard(m)
	return nil
}

// seatAttendant changes how an attendant takes part.
func (a *legActor) seatAttendant(one *attendant, m *msg.LegJunction) {
	if a.stream == nil || m.Role.GetAttends() == "" {
		return
	}
	if err := one.end.Stream().Attend(a.stream, parts[m.Role.GetAttends()]); err != nil {
		one.end.Refuse(503, err.Error())
		one.end = nil
	}
}
