package form

import (
	"time"

	"tandem/actors/msg"
	"tandem/ximss/object"
)

// Leg is a living leg as lists show it; it is never changed.
type Leg struct {
	Record *msg.LegRecord
	State  string
}

// LegQuery selects living legs; what is empty selects all.
type LegQuery struct {
	Account string
	Dialog  string // a leg's handler, or the Call-ID of its dialog
	Call    string // to which it belongs
}

// Match tells whether a leg is selected.
func (q LegQuery) Match(r *msg.LegRecord) bool {
	return (q.Account == "" || r.Account == q.Account) && (q.Call == "" || r.Call == q.Call) && (q.Dialog == "" || r.Leg == q.Dialog || r.SipCallId == q.Dialog)
}

// Dialog is a living leg as a dictionary.
func (l Leg) Dialog() *object.Dictionary {
	r := l.Record
	d := object.NewFolded()
	set := func(key, text string) {
		if text != "" {
			d.Set(key, object.String(text))
		}
	}
	set("id", r.Leg)
	set("Call-ID", r.SipCallId)
	set("account", r.Account)
	set("direction", Direction(r))
	set("peer", r.Peer)
	set("from", r.From)
	set("to", r.To)
	set("state", l.State)
	set("application", r.Application)
	set("member", r.Member)
	d.Set("started", Moment(Time(r.Started)))
	if r.Answered != 0 {
		d.Set("connected", Moment(Time(r.Answered)))
	}
	return d
}

// Direction is the way of a leg: in when its party called us.
func Direction(r *msg.LegRecord) string {
	if r.Outgoing {
		return "out"
	}
	return "in"
}

// Time is a record's time, in milliseconds since 1970; 0 is the zero time.
func Time(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}
