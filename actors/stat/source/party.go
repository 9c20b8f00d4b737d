package source

import (
	"slices"

	"tandem/actors/stat/engine"
	"tandem/actors/stat/measure"
)

// What happens to calls at devices (reference statserver.md 2.2).
var (
	callDialing          = name("CallDialing")
	callRinging          = name("CallRinging")
	callOnHold           = name("CallOnHold")
	dialingStarted       = name("CallDialingStarted")
	ringingStarted       = name("CallRingingStarted")
	callAnswered         = name("CallAnswered")
	callDialed           = name("CallDialed")
	callHeld             = name("CallHeld")
	callRetrieved        = name("CallRetrievedFromHold")
	callReleased         = name("CallReleased")
	callMissed           = name("CallMissed")
	callForwarded        = name("CallForwarded")
	callPartyChanged     = name("CallPartyChanged")
	abandonedFromDialing = name("CallAbandonedFromDialing")
	abandonedFromRinging = name("CallAbandonedFromRinging")
	abandonedFromHold    = name("CallAbandonedFromHold")
)

// callType is what a conversation of one type is.
type callType struct{ talk, started, completed measure.Name }

var callTypes = func() map[string]*callType {
	all := map[string]*callType{}
	for _, t := range []string{"Unknown", "Consult", "Internal", "Outbound", "Inbound"} {
		all[t] = &callType{name("Call" + t), name("Call" + t + "Started"), name("Call" + t + "Completed")}
	}
	return all
}()

// phase is how far a party is.
type phase string

const (
	dialing phase = "dialing"
	ringing phase = "ringing"
	talking phase = "talking"
)

// party is a call at a device.
type party struct {
	Phase phase  `json:"phase"`
	Since int64  `json:"since"`
	Held  int64  `json:"held,omitempty"` // since when it is on hold; 0: it is not
	Type  string `json:"type,omitempty"`
	Queue string `json:"queue,omitempty"` // object that has distributed it
}

func (p *party) kind() *callType {
	if t := callTypes[p.Type]; t != nil {
		return t
	}
	return callTypes["Unknown"]
}

// party is that of a line, nil where the device has none. What the line says of it is noted.
func (f *Feed) party(t *told) (engine.Object, *party) {
	o := f.Rules.device(&t.Line)
	p := t.call.Parties[o.String()]
	if p != nil {
		f.describe(p, t)
	}
	return o, p
}

func (f *Feed) describe(p *party, t *told) {
	if t.CallType != "" && p.Phase != talking {
		p.Type = t.CallType
	}
	if t.Queue != "" {
		p.Queue = f.Rules.queue(t.Queue).String()
	}
}

func (f *Feed) dialing(t *told) { f.comes(t, dialing, callDialing, dialingStarted) }
func (f *Feed) ringing(t *told) { f.comes(t, ringing, callRinging, ringingStarted) }

// comes: a call comes to a device.
func (f *Feed) comes(t *told, is phase, n, started measure.Name) {
	o, p := f.party(t)
	if p != nil {
		return
	}
	p = &party{Phase: is, Since: t.at}
	f.describe(p, t)
	if !t.call.joins(o.String(), p) {
		return
	}
	t.call.Away = false
	f.place(o, t)
	f.happens(o, started, t.at, 0, t.call)
	f.begin(t.call, o, n, t.at)
}

func (f *Feed) established(t *told) {
	o, p := f.party(t)
	if p == nil {
		p = &party{Since: t.at}
		f.describe(p, t)
		if !t.call.joins(o.String(), p) {
			return
		}
	}
	switch p.Phase {
	case talking:
		return
	case ringing:
		f.end(t.call, o, callRinging, t.at)
		f.happens(o, callAnswered, t.at, t.at-p.Since, t.call)
		f.mirror(t, p, callAnswered)
	case dialing:
		f.end(t.call, o, callDialing, t.at)
		f.happens(o, callDialed, t.at, t.at-p.Since, t.call)
	}
	p.Phase, p.Since, t.call.Away = talking, t.at, false
	f.happens(o, p.kind().started, t.at, 0, t.call)
	f.begin(t.call, o, p.kind().talk, t.at)
}

// mirror tells the queue that has distributed a call what has become of it; its length is from when the call came there.
func (f *Feed) mirror(t *told, p *party, n measure.Name) {
	if p.Queue != "" {
		q := object(p.Queue)
		f.happens(q, n, t.at, t.call.since(q, t.at), t.call)
	}
}

func (f *Feed) held(t *told) {
	o, p := f.party(t)
	if p == nil || p.Phase != talking || p.Held != 0 {
		return
	}
	p.Held = t.at
	f.happens(o, callHeld, t.at, t.at-p.Since, t.call)
	f.begin(t.call, o, callOnHold, t.at)
}

func (f *Feed) retrieved(t *told) {
	o, p := f.party(t)
	if p == nil || p.Held == 0 {
		return
	}
	f.end(t.call, o, callOnHold, t.at)
	f.happens(o, callRetrieved, t.at, t.at-p.Held, t.call)
	p.Held = 0
}

// released: a call has left a device.
func (f *Feed) released(t *told) {
	o, p := f.party(t)
	if p == nil {
		f.over(t.Conn)
		return
	}
	switch p.Phase {
	case dialing:
		f.end(t.call, o, callDialing, t.at)
		f.happens(o, abandonedFromDialing, t.at, t.at-p.Since, t.call)
	case ringing:
		f.end(t.call, o, callRinging, t.at)
		f.happens(o, callForwarded, t.at, t.at-p.Since, t.call)
		f.mirror(t, p, callForwarded)
	case talking:
		f.hangsUp(t, o, p)
	}
	f.leave(t, o)
}

// hangsUp: a conversation is over. Its length is that of its queue too, and a call missed by the other queues of the agent.
func (f *Feed) hangsUp(t *told, o engine.Object, p *party) {
	f.end(t.call, o, callOnHold, t.at)
	f.end(t.call, o, p.kind().talk, t.at)
	length := t.at - p.Since
	f.happens(o, p.kind().completed, t.at, length, t.call)
	if p.Queue != "" {
		f.happens(object(p.Queue), callReleased, t.at, length, t.call)
	}
	d := f.deskOf(o)
	if d == nil {
		return
	}
	d.Served = p.Queue
	for _, q := range d.Queues {
		if q != p.Queue {
			f.happens(object(q), callMissed, t.at, length, t.call)
		}
	}
}

func (f *Feed) leave(t *told, o engine.Object) {
	delete(t.call.Parties, o.String())
	f.over(t.Conn)
}

// abandoned: the caller has hung up while it waited in a queue, rang, or was on hold.
func (f *Feed) abandoned(t *told) {
	if f.leaves(t) {
		return
	}
	o, p := f.party(t)
	switch {
	case p == nil || p.Phase == dialing || p.Phase == talking && p.Held == 0:
		f.released(t)
		return
	case p.Phase == ringing:
		f.end(t.call, o, callRinging, t.at)
		f.happens(o, abandonedFromRinging, t.at, t.at-p.Since, t.call)
		f.mirror(t, p, abandonedFromRinging)
	default:
		f.happens(o, abandonedFromHold, t.at, t.at-p.Held, t.call)
		f.hangsUp(t, o, p)
	}
	f.leave(t, o)
}

// changed: the call at a device has another connection id, because two became one. It is what it was, and counts once.
func (f *Feed) changed(t *told) {
	old := f.Calls[t.OldConn]
	o := f.Rules.device(&t.Line)
	if old == nil || old == t.call {
		f.over(t.Conn)
		return
	}
	at := []engine.Object{o}
	if t.DN != "" {
		at = append(at, f.mediation(t))
	}
	for _, x := range at {
		key := x.String()
		if p := old.Parties[key]; p != nil && t.call.Parties[key] == nil && t.call.joins(key, p) {
			delete(old.Parties, key)
		}
		if entered, ok := old.Entered[key]; ok {
			t.call.enters(key, entered)
		}
		for i := 0; i < len(old.Actions); {
			a := old.Actions[i]
			if a.Object != key || t.call.index(x, a.Name) >= 0 || len(t.call.Actions) >= maxAtCall {
				i++
				continue
			}
			t.call.Actions = append(t.call.Actions, a)
			old.Actions = slices.Delete(old.Actions, i, i+1)
			f.note(key, t.call)
			f.unnote(key, old)
		}
	}
	if p := t.call.Parties[o.String()]; p != nil && p.Queue != "" {
		if entered, ok := old.Entered[p.Queue]; ok {
			t.call.enters(p.Queue, entered)
		}
	}
	f.happens(o, callPartyChanged, t.at, 0, t.call)
	f.over(t.OldConn)
	f.over(t.Conn)
}
