package dialog

import (
	"time"

	"tandem/signal"
)

// maxForks bounds the early dialogs of one INVITE. A 1xx of a further fork is ignored; a 2xx of
// one is acknowledged and ended.
const maxForks = 20

// maxAsides bounds the small requests to early forks that wait for their answer: keys that a caller presses at once.
const maxAsides = 64

// elsewhere is the Reason of the BYE that ends a surplus fork (RFC 3326).
const elsewhere = `SIP;cause=200;text="Call completed elsewhere"`

// client is the first INVITE of a dialog that we began.
type client struct {
	call   *Call           // nil once it is answered: it can not be made again
	id     string          // of the INVITE
	invite *signal.Request // once it is answered, its ACK: that has what those of other forks need, its number and its credentials
	forks  []*path
	early  *path    // what the caller hears: the fork whose 1xx brought SDP last, or that has changed its media by an UPDATE
	asides []string // our small requests to early forks that wait for their answer, by ID
	sure   bool     // the peer may send reliable 1xx
	heard  bool     // a 1xx came
	reason string   // Reason header of the CANCEL
}

// Invite sends the first INVITE; sdp may be nil (the peer makes the SDP offer in its 2xx).
func (d *Dialog) Invite(sdp []byte, now time.Time) ([]Effect, error) {
	if d.state != Idle {
		return nil, d.wrongState("Invite")
	}
	d.now = now
	call := d.client.call
	r := d.request(&path{peer: call.To, target: call.Target, routes: routeSet(call.Routes)}, signal.INVITE)
	for _, h := range call.Headers {
		r.Headers = r.Headers.With(h.Name, h.Value)
	}
	r.MaxForwards = call.Forwards
	d.dress(r, sdp)
	d.beReliable(r)
	d.askForTimer(r)
	d.client.id, d.client.invite = r.ID, r
	d.become(Calling, "Invite")
	d.send(r)
	return d.take(), nil
}

// beReliable says in our INVITE that its provisional responses may be reliable, or must be. One without SDP may not:
// we would owe the SDP answer in the PRACK.
func (d *Dialog) beReliable(r *signal.Request) {
	if r.Body == nil {
		r.Headers = withoutOption(r.Headers, option100rel)
		return
	}
	d.client.sure = d.local.Reliably != Never
	if d.local.Reliably == Demanded {
		r.Headers = r.Headers.With("Require", option100rel)
	}
}

// Heard tells whether the peer has said anything to our first INVITE.
func (d *Dialog) Heard() bool { return d.client.heard || d.state != Calling }

// inviteAnswered takes a response to the first INVITE.
func (d *Dialog) inviteAnswered(r *signal.Response) {
	switch {
	case r.Provisional():
		d.progressed(r)
	case r.Success():
		d.accepted(r)
	default:
		d.refused(r)
	}
}

// progressed takes a 1xx. Once we hung up the first one only opens the way for the CANCEL, which goes just now: the wait for
// its effect begins anew. After the call is up, the other forks no longer interest.
func (d *Dialog) progressed(r *signal.Response) {
	first := !d.client.heard
	d.client.heard = true
	switch {
	case d.state == Cancelling && first:
		d.arm(timerGuard, d.patience())
		return
	case d.state != Calling && d.state != Proceeding, r.Status == 100:
		return
	}
	sdp := responseSDP(r)
	if tag := r.To.Tag(); tag != "" {
		f, known := d.fork(r)
		if !known && len(d.client.forks) >= maxForks {
			return
		}
		if !known {
			d.client.forks = append(d.client.forks, f)
		}
		reliable := d.client.sure && r.Headers.Has("Require", option100rel)
		if reliable && !d.assured(f, r) {
			return
		}
		if f.agreed {
			sdp = nil
		}
		if sdp != nil {
			f.sdp, f.agreed = sdp, reliable
			d.hear(f)
		}
	}
	if d.state == Calling {
		d.become(Proceeding, signal.ReasonPhrase(r.Status))
	}
	d.emit(Progressed{Status: r.Status, Reason: r.Reason, SDP: sdp, Tag: r.To.Tag()})
}

// hear has the caller hear a fork, unless there is one that has changed its media: no other one can answer our SDP offer then but
// by its 2xx, nor make one of its own.
func (d *Dialog) hear(f *path) {
	if c := &d.client; c.early == nil || !c.early.moved {
		c.early = f
	}
}

// accepted takes a 2xx: the first confirms the dialog. Its repeats are acknowledged again; a 2xx
// of another fork, or one that crossed our CANCEL, is acknowledged and ended.
func (d *Dialog) accepted(r *signal.Response) {
	f, known := d.fork(r)
	if known && f.ack != nil {
		d.send(f.ack)
		return
	}
	if known && f == d.path {
		return // Owing: the ACK waits for the leg
	}
	if !known && len(d.client.forks) < maxForks {
		d.client.forks = append(d.client.forks, f)
	}
	// The 2xx states the route set anew (RFC 3261 section 13.2.2.4).
	f.routes = reversed(routeSet(r.Routes))
	f.refresh(r.Contacts)
	switch {
	case d.state == Cancelling:
		f.ack = d.acknowledge(f, d.client.invite, nil)
		d.path = f
		d.bye(d.client.reason, "2xx crossed CANCEL")
	case d.state != Calling && d.state != Proceeding:
		d.dismiss(f, elsewhere)
	case f.over:
		d.dismiss(f, "")
		d.end(Cause{By: ByPeer, Status: 200, Reason: "BYE before 2xx"}, "2xx of a fork that had sent BYE")
	default:
		d.choose(f, r)
	}
}

// choose makes a fork the dialog. Where the 2xx has no SDP, that of an earlier 1xx counts; there
// may be none, and then Accepted brings none.
func (d *Dialog) choose(f *path, r *signal.Response) {
	d.path, d.allow = f, allowed(r.Headers)
	d.aware = r.Headers.Has("Supported", optionAware)
	if d.exchange.phase == asked && d.exchange.on != f {
		d.closeOffer(487, "")
	}
	sdp := responseSDP(r)
	if sdp == nil || f.agreed {
		sdp = f.sdp
	}
	f.sdp = nil
	d.timerGranted(r.Headers)
	if d.client.invite.Body != nil {
		d.settleInvite(nil)
		d.become(Established, "2xx")
		d.emit(Accepted{First: true, SDP: sdp, Tag: f.peer.Tag()})
		return
	}
	if sdp == nil {
		// Neither side made an SDP offer (RFC 3261 section 13.2.1): there is nothing to answer.
		d.dismiss(f, `SIP;cause=488;text="No SDP offer in 2xx"`)
		d.end(Cause{By: ByFailure, Status: 488, Reason: "no SDP offer in 2xx"}, "2xx without SDP")
		return
	}
	d.become(Owing, "2xx with an SDP offer")
	d.emit(Accepted{First: true, SDP: sdp, NeedsACK: true, Tag: f.peer.Tag()})
}

// settleInvite sends the ACK of the chosen fork. Of the INVITE no more is kept than its ACK has.
func (d *Dialog) settleInvite(sdp []byte) {
	d.path.ack = d.acknowledge(d.path, d.client.invite, sdp)
	d.client.call, d.client.invite = nil, d.path.ack
}

// dismiss acknowledges a fork that is not wanted, and ends it by its own tag and route set.
func (d *Dialog) dismiss(f *path, reason string) {
	f.ack = d.acknowledge(f, d.client.invite, nil)
	f.over = true
	r := d.request(f, signal.BYE)
	r.Headers = withReason(r.Headers, reason)
	d.send(r)
}

// refused takes a final refusal, or the edge's word that there was no answer. After a 2xx it can
// only be the refusal of a fork that no longer matters.
func (d *Dialog) refused(r *signal.Response) {
	switch d.state {
	case Calling, Proceeding:
		if d.retryLonger(r) || d.retryOther(r) {
			return
		}
		d.closeOpen()
		d.become(Over, signal.ReasonPhrase(r.Status))
		d.emit(Refused{Status: r.Status, Reason: r.Reason, Contacts: r.Contacts,
			Headers: r.Headers, Local: r.Local})
	case Cancelling:
		d.end(d.cause, "cancelled")
	}
}

// fork finds the early dialog of a response by its tag, or makes it.
func (d *Dialog) fork(r *signal.Response) (f *path, known bool) {
	if f := d.forkOf(r.To.Tag()); f != nil {
		return f, true
	}
	f = &path{peer: r.To, target: d.client.invite.URI, routes: reversed(routeSet(r.Routes)),
		sent: d.client.invite.CSeq}
	if d.client.call != nil {
		f.target = d.client.call.Target
	}
	f.refresh(r.Contacts)
	return f, false
}

// forkOf is the dialog with that peer's tag, early or chosen, or nil.
func (d *Dialog) forkOf(tag string) *path {
	if d.path != nil && d.path.peer.Tag() == tag {
		return d.path
	}
	for _, f := range d.client.forks {
		if f.peer.Tag() == tag {
			return f
		}
	}
	return nil
}

// Acknowledge sends the ACK with our SDP answer, after Accepted with NeedsACK.
func (d *Dialog) Acknowledge(sdp []byte, now time.Time) ([]Effect, error) {
	d.now = now
	switch {
	case len(sdp) == 0:
		return nil, ErrNoSDP
	case d.state == Owing:
		d.settleInvite(sdp)
		d.become(Established, "Acknowledge")
	case d.state == Established && d.exchange.phase == owing:
		d.acknowledgeReinvite(sdp)
	default:
		return nil, d.wrongState("Acknowledge")
	}
	d.sendWaiting()
	return d.take(), nil
}
