package session

import (
	"net/netip"
	"time"

	"github.com/asynkron/protoactor-go/actor"

	"tandem/actors/cluster"
	"tandem/actors/msg"
	"tandem/actors/session/phone"
	"tandem/signal"
	"tandem/sip/dialog"
)

// Calls is what the telephones of sessions stand on.
type Calls struct {
	// Begin lets a request of a session in that is outside of any dialog, and gives the Signal that has it: to which
	// an INVITE can be cancelled.
	Begin func(r *signal.Request, session *actor.PID) (*actor.PID, *signal.Refusal)
	// Terms are the settings of the moment.
	Terms func() (limits phone.Limits, timers dialog.Timers, headers signal.Headers)
}

// telephone is the shell of a session's telephone.
type telephone struct {
	asker  *actor.PID            // of the request that is being taken
	begun  map[string]*actor.PID // Signals, by the INVITE that they have
	legs   map[string]*actor.PID // watched, by handler
	timers map[string]timer      // the last one set, by owner and kind
}

// timer is one that runs.
type timer struct {
	*time.Timer
	seq uint64
}

func timerKey(t phone.Timer) string { return t.Owner + " " + t.Kind }

// rang is a timer of the telephone's.
type rang struct{ timer phone.Timer }

// phoneOf is how a session is reached as a telephone.
func (a *sessionActor) phoneOf(self *actor.PID, c *msg.SessionClient) func() (phone.Self, phone.Limits) {
	calls, member := a.floor.Calls, a.floor.Member
	if calls.Begin == nil {
		return nil
	}
	return func() (phone.Self, phone.Limits) {
		limits, timers, headers := calls.Terms()
		flow := phone.FlowOf(member.Name(), member.Handler(self), address(c.GetLocal()), address(c.GetRemote()))
		return phone.Self{Flow: flow, Timers: timers, Headers: headers}, limits
	}
}

// address reads an address; one that is none is not valid.
func address(text string) netip.AddrPort {
	a, _ := netip.ParseAddrPort(text)
	return a
}

// onSignal takes what legs and Signals tell the session as they would an edge.
func (a *sessionActor) onSignal(m any, now time.Time) {
	switch m := m.(type) {
	case *msg.SignalSend:
		a.phone.asker = m.Owner
		a.machine.Requested(m.Request.Signal(), now)
	case *msg.SignalCancel:
		a.machine.Cancelled(m.Request, m.Reason, now)
	case *msg.SignalRespond:
		r := m.Response.Signal()
		if !r.Provisional() {
			delete(a.phone.begun, r.Request)
		}
		a.machine.Answered(r, now)
	case *rang:
		if key := timerKey(m.timer); a.phone.timers[key].seq == m.timer.Seq {
			delete(a.phone.timers, key)
		}
		a.machine.Fired(m.timer, now)
	}
}

// onLegGone: an actor that was watched is no more; it may have been a leg.
func (a *sessionActor) onLegGone(m *gone, now time.Time) {
	for handler, pid := range a.phone.legs {
		if pid.Equal(m.who) {
			delete(a.phone.legs, handler)
			a.machine.LegGone(handler, m.lost, now)
			return
		}
	}
}

// call does what the telephone wants.
func (a *sessionActor) call(ctx actor.Context, e phone.Effect) {
	t, member := &a.phone, a.floor.Member
	switch e := e.(type) {
	case phone.Begin:
		a.begin(ctx, e.Request)
	case phone.Cancel:
		member.Send(t.begun[e.Request], &msg.SignalCancelled{Request: e.Request, Reason: e.Reason})
	case phone.Send:
		a.toLeg(ctx, e)
	case phone.Respond:
		to := t.asker
		if e.Leg != "" {
			to = t.legs[e.Leg]
		}
		member.Send(to, &msg.SignalResponse{Response: msg.FromResponse(e.Response)})
	case phone.Watch:
		a.watchLeg(ctx, e.Leg)
	case phone.Forget:
		if pid := t.legs[e.Leg]; pid != nil {
			ctx.Unwatch(pid)
			delete(t.legs, e.Leg)
		}
	case phone.StartTimer:
		a.startTimer(ctx, e)
	}
}

// begin starts a request outside of any dialog.
func (a *sessionActor) begin(ctx actor.Context, r *signal.Request) {
	pid, refused := a.floor.Calls.Begin(r, ctx.Self())
	switch {
	case refused != nil:
		a.machine.Answered(&signal.Response{Request: r.ID, Method: r.Method, Status: refused.Status,
			Reason: refused.Reason, Headers: refused.Headers, To: r.To, Local: true}, time.Now())
	case r.Method == signal.INVITE:
		if a.phone.begun == nil {
			a.phone.begun = map[string]*actor.PID{}
		}
		a.phone.begun[r.ID] = pid
		// It can be cancelled from here on (RFC 3261 section 9.1).
		a.machine.Answered(&signal.Response{Request: r.ID, Method: r.Method, Status: 100, To: r.To}, time.Now())
	}
}

// toLeg sends a request in a dialog. A leg that can not be reached any more answers nothing: its end is told.
func (a *sessionActor) toLeg(ctx actor.Context, e phone.Send) {
	pid := a.phone.legs[e.Leg]
	if pid == nil { // its call is over, and this is a last word
		var err error
		if pid, err = a.floor.Member.Parse(e.Leg); err != nil {
			return
		}
	}
	ctx.Send(pid, &msg.SignalRequest{Request: msg.FromRequest(e.Request), Edge: ctx.Self()})
}

// watchLeg wants to know when a leg is no more.
func (a *sessionActor) watchLeg(ctx actor.Context, leg string) {
	pid, err := a.floor.Member.Parse(leg)
	if err != nil {
		a.machine.LegGone(leg, true, time.Now())
		return
	}
	if a.phone.legs == nil {
		a.phone.legs = map[string]*actor.PID{}
	}
	a.phone.legs[leg] = pid
	ctx.Watch(pid)
}

// startTimer sets a timer; an earlier one of its owner and kind has no meaning any more.
func (a *sessionActor) startTimer(ctx actor.Context, e phone.StartTimer) {
	if a.phone.timers == nil {
		a.phone.timers = map[string]timer{}
	}
	key := timerKey(e.Timer)
	if old, ok := a.phone.timers[key]; ok {
		old.Stop()
	}
	a.phone.timers[key] = timer{cluster.After(ctx, e.After, &rang{e.Timer}), e.Timer.Seq}
}

// hush stops all timers.
func (t *telephone) hush() {
	for _, set := range t.timers {
		set.Stop()
	}
}
