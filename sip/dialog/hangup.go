package dialog

import (
	"fmt"
	"slices"
	"time"

	"tandem/signal"
)

// Hangup ends the dialog in whatever state it is: CANCEL (then ACK+BYE of a late 2xx), BYE, or a
// final refusal (status, 0 for the default 480) of an unanswered INVITE. reason becomes the Reason
// header (RFC 3326) when not empty, e.g. `SIP;cause=200;text="Call completed elsewhere"`.
// It may be called more than once; Ended follows when the peer has answered, or could have.
func (d *Dialog) Hangup(status int, reason string, now time.Time) []Effect {
	d.now = now
	switch d.state {
	case Idle:
		d.cause = ended(status, 487, reason)
		d.end(d.cause, "Hangup")
	case Calling, Proceeding:
		d.hangUpCalling(status, reason)
	case Incoming, Alerting:
		d.hangUpRinging(status, reason)
	case Answered:
		// BYE may not overtake the ACK of our 2xx (RFC 3261 section 15).
		d.cause = ended(status, 200, reason)
		d.become(Leaving, "Hangup")
	case Owing:
		d.cause = ended(status, 200, reason)
		d.settleInvite(nil)
		d.bye(reason, "Hangup")
	case Established:
		d.cause = ended(status, 200, reason)
		d.settleDebts()
		d.bye(reason, "Hangup")
	case Cancelling, Leaving, Ending, Over:
		// It is ending already.
	}
	return d.take()
}

// hangUpCalling cancels our INVITE, and waits for its final response no longer than 64*T1 (section 9.1). The edge is told
// at once, although a CANCEL may not go before a 1xx: it keeps it so long, and has no further host called meanwhile.
func (d *Dialog) hangUpCalling(status int, reason string) {
	d.cause = ended(status, 487, reason)
	d.client.reason = reason
	d.become(Cancelling, "Hangup")
	d.emit(Cancel{Request: d.client.id, Reason: reason})
	d.arm(timerGuard, d.patience())
}

// hangUpRinging refuses the peer's INVITE.
func (d *Dialog) hangUpRinging(status int, reason string) {
	if status < 300 || status > 699 {
		status = 480
	}
	r := d.response(d.server.invite, status, "")
	r.Headers = withReason(r.Headers, reason)
	d.emit(Respond{r})
	d.end(ended(status, status, reason), "Hangup")
}

// settleDebts sends what must not be lost by the BYE that follows: the ACK that a 2xx to our
// re-INVITE still waits for, and the last word on transfers.
func (d *Dialog) settleDebts() {
	if d.exchange.phase == owing {
		d.acknowledgeReinvite(nil)
	}
	for _, f := range slices.Clone(d.refers.theirs) {
		if f.next != nil && f.next.status >= 200 {
			d.notify(f, *f.next)
		}
	}
}

// ended is the cause of an end that we wanted.
func ended(status, otherwise int, reason string) Cause {
	if status == 0 {
		status = otherwise
	}
	return Cause{By: ByUs, Status: status, Reason: reason}
}

// bye sends the BYE and waits for its answer, no longer than 64*T1.
func (d *Dialog) bye(reason, because string) {
	d.closeOpen()
	r := d.request(d.path, signal.BYE)
	r.Headers = withReason(r.Headers, reason)
	d.byeID = r.ID
	d.become(Ending, because)
	d.send(r)
	d.arm(timerGuard, d.patience())
}

// abandon sends a BYE to a peer that may be gone, and ends without waiting for its answer.
func (d *Dialog) abandon(c Cause, because string) {
	d.closeOpen()
	reason := c.Reason
	if c.By == ByFailure {
		reason = fmt.Sprintf("SIP;cause=%d;text=%q", c.Status, c.Reason)
	}
	r := d.request(d.path, signal.BYE)
	r.Headers = withReason(r.Headers, reason)
	d.send(r)
	d.end(c, because)
}

// lost ends the dialog after a response that says it is gone (RFC 3261 section 12.2.1.2, RFC 5057
// section 5.1): 481, to which BYE would be no news, or 408.
func (d *Dialog) lost(status int, request string) {
	c := Cause{By: ByFailure, Status: status, Reason: signal.ReasonPhrase(status) + " to " + request}
	if status == 481 {
		d.end(c, c.Reason)
		return
	}
	d.abandon(c, c.Reason)
}

// byeReceived takes the peer's BYE: 200, and 487 to whatever of its requests is open (section
// 15.1.2). In an early dialog only a caller may send it; from one of our forks it ends that fork,
// while our INVITE goes on.
func (d *Dialog) byeReceived(p *path, r *signal.Request) {
	d.respond(r, 200, "")
	reasons := r.Headers.All("Reason")
	switch d.state {
	case Calling, Proceeding, Cancelling:
		p.over = true
		if d.exchange.phase == asked && d.exchange.on == p {
			d.closeOffer(487, "")
		}
	case Incoming, Alerting:
		d.respond(d.server.invite, 487, "")
		d.end(peerCause(487, reasons), "BYE before the answer")
	case Leaving, Ending:
		d.end(d.cause, "BYE crossed ours")
	default:
		d.end(peerCause(200, reasons), "BYE")
	}
}

// peerCause is the cause of an end that the peer wanted. A BYE whose Reason names a failure tells of one: a gateway has
// no other way to say that the far network has dropped the call.
func peerCause(status int, fields []string) Cause {
	reasons := signal.ReadReasons(fields)
	c := Cause{By: ByPeer, Status: status, Field: signal.ReasonField(reasons)}
	for _, r := range reasons {
		if c.Reason == "" {
			c.Reason = r.Text
		}
		if meant := r.Status(); c.Status == 200 && meant >= 300 {
			c.Status = meant
		}
	}
	return c
}

// end tells the end, once, after answering what is open.
func (d *Dialog) end(c Cause, because string) {
	d.closeOpen()
	d.become(Over, because)
	d.emit(Ended{c})
}

// closeOpen answers 487 to the peer's requests that wait for the leg, and drops all timers and
// plans: nothing but the end can follow.
func (d *Dialog) closeOpen() {
	if d.exchange.phase == asked {
		d.closeOffer(487, "")
	}
	for _, f := range d.refers.theirs {
		if !f.answered {
			d.respond(f.request, 487, "")
		}
	}
	d.refers.theirs = nil
	d.exchange.phase, d.exchange.waiting = quiet, nil
	d.unacked = nil
	d.leaveRinging()
	d.timers.alive = [timerKinds]uint64{}
}

// withReason adds a Reason field unless it is empty.
func withReason(h signal.Headers, reason string) signal.Headers {
	if reason == "" {
		return h
	}
	return h.With("Reason", reason)
}
