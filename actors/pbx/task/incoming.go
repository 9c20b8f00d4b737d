package task

import (
	"fmt"

	"tandem/actors/msg"
	"tandem/actors/pbx/cgpl"
	"tandem/signal"
	"tandem/ximss/object"
)

// fnAcceptCall answers the call that waits; null and mode C, or an error and mode D.
func fnAcceptCall(t *Task, _ *cgpl.Call) (object.Value, error) {
	switch {
	case t.mode == connected:
		return object.Null, nil
	case !t.pending():
		return fail(ErrNoCall), nil
	}
	return t.accept("AcceptCall", func() { t.resume(object.Null) })
}

// accept answers the party's call and then goes on with then; a call that is lost ends the wait with its text.
func (t *Task) accept(name string, then func()) (object.Value, error) {
	t.toLeg(&msg.LegAnswer{})
	return t.block(wait{name: name,
		answered: func() { t.become(connected, "answered"); then() },
		ended:    func(text string) { t.resume(object.String(text)) },
	})
}

// Statuses of a provisional response.
const (
	ringing         = 180
	sessionProgress = 183
)

// fnProvisionCall shows the caller progress: ProvisionCall(media, reliably) or ProvisionCall(dictionary).
func fnProvisionCall(t *Task, c *cgpl.Call) (object.Value, error) {
	if !t.pending() {
		return fail(ErrNoCall), nil
	}
	media, p := !c.Arg(0).IsNull(), &msg.LegProgress{}
	if d := c.Arg(0).Dictionary(); d != nil {
		media = !d.GetFold("media").IsNull()
		p.Reason = d.GetFold("responseText").Text()
		p.Headers = reasonField(d)
		if code, ok := d.GetFold("responseCode").Int(); ok {
			if code < 101 || code > 199 {
				return fail(ErrParameter), nil
			}
			p.Status = int32(code)
		}
	}
	if !clean(p.Reason) {
		return fail(ErrParameter), nil
	}
	if p.Status == 0 {
		p.Status = ringing
		if media {
			p.Status = sessionProgress
		}
	}
	p.Media = media || t.mode == provisioned
	t.toLeg(p)
	if media {
		t.become(provisioned, "early media")
	}
	return object.Null, nil
}

// reasonField is the Reason header that a dictionary asks for.
func reasonField(d *object.Dictionary) []*msg.Header {
	if v := reasonHeader(d.GetFold("reasonCode"), d.GetFold("reasonText").Text()); v != "" {
		return []*msg.Header{{Name: "Reason", Value: v}}
	}
	return nil
}

// fnRejectCall refuses the call that waits: a code, an error string that begins with one, or a dictionary.
func fnRejectCall(t *Task, c *cgpl.Call) (object.Value, error) {
	if !t.pending() {
		return object.Null, nil
	}
	r := &msg.LegReject{Status: 500}
	v := c.Arg(0)
	if d := v.Dictionary(); d != nil {
		v = d.GetFold("responseCode")
		if text := d.GetFold("responseText").Text(); clean(text) {
			r.Reason = text
		}
		r.Headers = reasonField(d)
	}
	code, ok := v.Int()
	if s, isText := v.Str(); isText {
		code, ok = leading(s)
	}
	if ok && code >= 400 && code <= 699 {
		r.Status = int32(code)
	}
	if r.Status == 401 { // who claims an identity of ours is asked to prove it; the retry is a new Task
		r.Headers = append(r.Headers, msg.FromHeaders(t.world.Challenge(t.who.domain, t.party.request))...)
	}
	t.refuseTickets()
	t.toLeg(r)
	t.party.leg = ""
	t.become(disconnected, fmt.Sprintf("rejected with %d", r.Status))
	return object.Null, nil
}

// fnRedirectCall gives the caller to others, and has no part in it any more.
func fnRedirectCall(t *Task, c *cgpl.Call) (object.Value, error) {
	targets := t.targets(c.Arg(0))
	if !t.pending() || len(targets) == 0 {
		return object.Null, nil
	}
	t.toLeg(&msg.LegFind{Targets: targets, Account: t.start.account})
	t.party.leg = ""
	t.become(disconnected, "redirected")
	return object.Null, nil
}

// fnForkCall rings others while the Task keeps the call.
func fnForkCall(t *Task, c *cgpl.Call) (object.Value, error) {
	targets := t.targets(c.Arg(0))
	if t.pending() && len(targets) > 0 {
		t.toLeg(&msg.LegFind{Targets: targets, Account: t.start.account, Fork: true})
	}
	return object.Null, nil
}

// mostTargets is how many addresses one call may ring.
const mostTargets = 100

// targets are the addresses of a string or an array; what is no address is logged and left out.
func (t *Task) targets(v object.Value) []*msg.URI {
	var out []*msg.URI
	for _, item := range items(v) {
		u, ok := t.uri(item.Text())
		if !ok || len(out) == mostTargets {
			t.log.Info("address is not usable", "address", item.Text())
			continue
		}
		out = append(out, msg.FromURI(u))
	}
	return out
}

// items are the elements of an array, or the value itself.
func items(v object.Value) []object.Value {
	if a := v.Array(); a != nil {
		return a.Items()
	}
	if v.IsNull() {
		return nil
	}
	return []object.Value{v}
}

// uri reads an address as programs write it: a URI, an e-mail form, or a name in the Task's own domain.
func (t *Task) uri(s string) (signal.URI, bool) {
	if s == "" || len(s) > 1024 {
		return signal.URI{}, false
	}
	if u, err := signal.ParseURI(s); err == nil && u.Scheme != "*" {
		return u, true
	}
	for _, form := range []string{"sip:" + s, "sip:" + s + "@" + t.who.domain} {
		if u, err := signal.ParseURI(form); err == nil && u.User != "" {
			return u, true
		}
	}
	return signal.URI{}, false
}

func fnIncomingRequestURI(t *Task, _ *cgpl.Call) (object.Value, error) {
	if !t.pending() || t.party.request == nil {
		return object.Null, nil
	}
	return object.String(t.party.request.URI.String()), nil
}
