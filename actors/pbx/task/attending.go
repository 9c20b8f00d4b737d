package task

import (
	"tandem/actors/msg"
	"tandem/actors/pbx/cgpl"
	"tandem/ximss/object"
)

// fnAttendCall is AttendCall(whom[, part]), beyond the ancestor: our party attends the call of an agent or an account, to
// listen, whisper or barge; said again it changes the part, and goes over to that one's call of the moment. null instead
// of whom ends it. The right to do so is that of the caller who has proved to be an account, or, in a call that the Task
// made itself, of the current account. Null, or an error text; the end of the call comes as the event attendEnded.
func fnAttendCall(t *Task, c *cgpl.Call) (object.Value, error) {
	switch {
	case !t.holds():
		return fail(ErrNotConnected), nil
	case t.bridge.active():
		return fail(ErrBridged), nil
	case t.mixing != nil:
		return fail(ErrMixing), nil
	case c.Arg(0).IsNull():
		if t.attended != "" {
			t.attended = ""
			t.toLeg(&msg.LegPart{})
		}
		return object.Null, nil
	}
	part := c.Arg(1).Text()
	if part == "" {
		part = "listen"
	}
	who := t.party.account
	if t.party.called {
		who = t.who.account
	}
	s, ok := t.world.Service("calltoattend")
	if !ok || who == "" {
		return fail(ErrDenied), nil
	}
	op := t.number()
	t.do(Serve{op, s, t.caller(), []object.Value{object.String(who), object.String(c.Arg(0).Text())}})
	return t.block(wait{name: "AttendCall", operation: op,
		result: func(v object.Value) { t.attend(v, part) },
		ended:  func(text string) { t.resume(object.String(text)) },
	})
}

// attend has the leg attend the call that was found: an array with the handler of a leg; else an error text.
func (t *Task) attend(found object.Value, part string) {
	leg := found.Array().At(0).Text()
	if leg == "" {
		t.resume(found)
		return
	}
	w := &t.wait
	w.operation, w.result = t.number(), nil
	w.done = func(status int, reason string) {
		if status >= 300 {
			t.resume(object.String(failure(status, reason)))
			return
		}
		t.attended = leg
		t.resume(object.Null)
	}
	t.do(ToLeg{Leg: t.party.leg, Partner: leg, Message: &msg.LegAttend{Operation: w.operation, Part: part}})
}

// attendedGone: the call that our party attends is over; false: it attends another one, or none.
func (t *Task) attendedGone(leg string) bool {
	if t.attended == "" || t.attended != leg {
		return false
	}
	t.attended = ""
	t.event(eventAttendEnded, object.Null, "")
	return true
}
