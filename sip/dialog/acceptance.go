package dialog

import (
	"time"

	"tandem/signal"
)

// acceptance is a 2xx of ours to an INVITE that waits for its ACK. The transaction layer has let
// go of it, so the dialog repeats it, over reliable transports too (RFC 3261 section 13.3.1.4).
type acceptance struct {
	response *signal.Response
	cseq     uint32 // of the INVITE, and so of its ACK
	first    bool   // it accepted the first INVITE
	offers   bool   // it carries our SDP offer: the ACK brings the answer
	wait     time.Duration
	deadline time.Time
}

// expectACK sends a 2xx to an INVITE and waits for the ACK.
func (d *Dialog) expectACK(invite *signal.Request, r *signal.Response) {
	sdp, _ := sdpOf(invite.ContentType, invite.Body)
	d.unacked = &acceptance{response: r, cseq: invite.CSeq, first: d.state == Answered,
		offers: sdp == nil && !(d.state == Answered && d.server.told), wait: d.local.Timers.T1, deadline: d.now.Add(d.patience())}
	d.emit(Respond{r})
	d.arm(timerRepeat, d.unacked.wait)
}

// repeatAcceptance sends the 2xx again: after T1, then at intervals that double up to T2. When no
// ACK has come for 64*T1 the dialog ends with BYE.
func (d *Dialog) repeatAcceptance() {
	a := d.unacked
	left := a.deadline.Sub(d.now)
	if left <= 0 {
		cause := Cause{By: ByFailure, Status: 408, Reason: "no ACK"}
		if d.state == Leaving {
			cause = d.cause
		}
		d.abandon(cause, "no ACK for 64*T1")
		return
	}
	d.emit(Respond{a.response})
	a.wait = min(2*a.wait, d.local.Timers.T2)
	d.arm(timerRepeat, min(a.wait, left))
}

// acked takes an ACK. One that belongs to no 2xx that waits is a repeat, and ignored.
func (d *Dialog) acked(r *signal.Request) {
	a := d.unacked
	if a == nil || r.CSeq != a.cseq || d.path == nil || !d.isPeer(d.path, r) {
		return
	}
	d.follow(r.Origin.Flow)
	d.unacked = nil
	d.disarm(timerRepeat)
	if d.state == Leaving {
		d.bye(d.cause.Reason, "ACK")
		return
	}
	if a.first {
		d.become(Established, "ACK")
	}
	confirmed := Confirmed{First: a.first}
	if a.offers {
		confirmed.SDP, _ = sdpOf(r.ContentType, r.Body)
	}
	d.emit(confirmed)
	d.sendWaiting()
}
