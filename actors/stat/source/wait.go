package source

import (
	"tandem/actors/stat/engine"
	"tandem/actors/stat/measure"
)

// What happens to calls in queues (reference statserver.md 2.3).
var (
	callEntered         = name("CallEntered")
	callWait            = name("CallWait")
	callDistributed     = name("CallDistributed")
	callCleared         = name("CallCleared")
	callAbandoned       = name("CallAbandoned")
	treatmentStarted    = name("CallTreatmentStarted")
	treatmentNotStarted = name("CallTreatmentNotStarted")
	treatmentCompleted  = name("CallTreatmentCompleted")
	userEvent           = name("UserEvent")
)

// redirected is the state of a call that was taken elsewhere, and not by this queue.
const redirected = 22

// mediation is the queue or route point of a line: as it says, or as the event does, or where the call waits.
func (f *Feed) mediation(t *told) engine.Object {
	point := engine.Object{Type: engine.RoutePoint, ID: f.Rules.named(t.DN)}
	switch {
	case t.Kind == "RoutePoint", t.Event == "EventRouteRequest", t.Event == "EventRouteUsed":
		return point
	case t.Kind == "" && t.call != nil && t.call.index(point, callWait) >= 0:
		return point
	}
	return f.Rules.queue(t.DN)
}

func (f *Feed) queued(t *told) {
	q := f.mediation(t)
	if t.call.index(q, callWait) >= 0 {
		return
	}
	t.call.enters(q.String(), t.at)
	f.happens(q, callEntered, t.at, 0, t.call)
	f.begin(t.call, q, callWait, t.at)
}

func (f *Feed) diverted(t *told) {
	q := f.mediation(t)
	waited := t.call.since(q, t.at)
	f.end(t.call, q, callWait, t.at)
	n := callDistributed
	if t.State == redirected {
		n = callCleared
	}
	f.happens(q, n, t.at, waited, t.call)
	t.call.Away = n == callDistributed
	if n == callCleared {
		f.over(t.Conn)
	}
}

// since is how long ago a call has come to a queue; 0: that is not known.
func (c *call) since(q engine.Object, at int64) int64 {
	entered, ok := c.Entered[q.String()]
	if !ok {
		return 0
	}
	return max(0, at-entered)
}

// leaves tells whether a call has left the queue of a line because its caller did.
func (f *Feed) leaves(t *told) bool {
	q := f.mediation(t)
	if t.DN == "" || t.call.index(q, callWait) < 0 {
		return false
	}
	f.end(t.call, q, callWait, t.at)
	f.happens(q, callAbandoned, t.at, t.call.since(q, t.at), t.call)
	f.over(t.Conn)
	return true
}

// treated: a treatment is over. How long it took is told by nobody.
func (f *Feed) treated(t *told) {
	f.happens(f.mediation(t), treatmentCompleted, t.at, 0, t.call)
}

// instant is what takes an event that is one instant at its queue or device.
func instant(n measure.Name) func(*Feed, *told) {
	return func(f *Feed, t *told) {
		o := f.Rules.device(&t.Line)
		if n != userEvent || t.Kind == "Queue" || t.Kind == "RoutePoint" {
			o = f.mediation(t)
		}
		f.happens(o, n, t.at, 0, t.call)
	}
}
