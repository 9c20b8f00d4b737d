package dialog

import (
	"time"

	"tandem/signal"
)

// server is the first INVITE of a dialog that the peer began.
type server struct {
	invite   *signal.Request  // until it is answered with a 2xx: a call is long, and needs no more of it than its number
	cseq     uint32           // that number
	began    bool             // there was one
	progress *signal.Response // the last 1xx, resent while it rings
	sure     bool             // it was sent reliably: what is resent is a new one, without SDP

	rseq      uint32           // of the last reliable 1xx
	unsure    *unsureOf        // the one that waits for its PRACK
	next      *signal.Response // waits for that
	told      bool             // a reliable 1xx had our SDP
	agreed    bool             // and the peer knows: the first SDP exchange is complete
	accepting bool             // Accept was called and waits for a PRACK
	sdp       []byte           // of the 2xx then
	beside    signal.Headers   // fields of the 2xx beside ours
}

// isServer reports whether the peer began the dialog, and so owns its Call-ID.
func (d *Dialog) isServer() bool { return d.server.began }

// unanswered reports whether the peer's first INVITE has no final response yet.
func (d *Dialog) unanswered() bool { return d.state == Incoming || d.state == Alerting }

// Progress sends a 1xx above 100 to the first INVITE, with the header fields that are given beside ours.
func (d *Dialog) Progress(status int, reason string, sdp []byte, headers signal.Headers, now time.Time) ([]Effect, error) {
	if status < 101 || status > 199 {
		return nil, wrongStatus("Progress", status, 101, 199)
	}
	if !d.unanswered() || d.server.accepting {
		return nil, d.wrongState("Progress")
	}
	d.now = now
	if d.server.told {
		sdp = nil
	}
	if d.state == Incoming {
		d.become(Alerting, signal.ReasonPhrase(status))
	}
	r := d.answer(d.server.invite, status, reason, sdp)
	r.Routes = d.server.invite.Routes
	for _, h := range headers {
		r.Headers = r.Headers.With(h.Name, h.Value)
	}
	d.server.progress, d.server.sure = r, d.reliably(sdp)
	d.repeatProgress()
	return d.take(), nil
}

// repeatProgress sends the last 1xx, now and again every minute while it rings.
func (d *Dialog) repeatProgress() {
	if d.state != Alerting {
		return
	}
	if d.server.sure {
		r := *d.server.progress
		d.server.progress.ContentType, d.server.progress.Body = "", nil
		d.assure(&r)
	} else {
		d.emit(Respond{d.server.progress})
	}
	d.arm(timerRinging, ringInterval)
}

// Accept sends the 200 to the first INVITE and repeats it until the ACK comes; without ACK for
// 64*T1 the dialog ends itself with BYE. sdp is the answer, or the SDP offer where the INVITE
// brought none; it is not needed when Agreed. The 200 waits for the PRACK of a 1xx with SDP (RFC 3262 section 3);
// AcceptSent tells when it is sent.
func (d *Dialog) Accept(sdp []byte, now time.Time) ([]Effect, error) {
	if !d.unanswered() || d.server.accepting {
		return nil, d.wrongState("Accept")
	}
	if len(sdp) == 0 && !d.server.told {
		return nil, ErrNoSDP
	}
	d.now = now
	if u := d.server.unsure; u != nil && u.sdp || d.exchange.phase != quiet {
		d.server.accepting, d.server.sdp = true, sdp
		return d.take(), nil
	}
	d.accept(sdp)
	return d.take(), nil
}

// Beside has fields stand in the 2xx to the first INVITE beside ours. Before Accept.
func (d *Dialog) Beside(headers signal.Headers) { d.server.beside = headers }

func (d *Dialog) accept(sdp []byte) {
	if d.server.told {
		sdp = nil
	}
	r := d.answer(d.server.invite, 200, "", sdp)
	r.Routes = d.server.invite.Routes
	for _, h := range d.server.beside {
		r.Headers = r.Headers.With(h.Name, h.Value)
	}
	d.grantTimer(d.server.invite, r)
	d.leaveRinging()
	d.become(Answered, "Accept")
	d.expectACK(d.server.invite, r)
	d.server.invite = nil
	d.emit(AcceptSent{})
}

// Reject refuses the first INVITE.
func (d *Dialog) Reject(status int, reason string, headers signal.Headers, now time.Time) ([]Effect, error) {
	if status < 300 || status > 699 {
		return nil, wrongStatus("Reject", status, 300, 699)
	}
	if !d.unanswered() {
		return nil, d.wrongState("Reject")
	}
	d.now = now
	r := d.response(d.server.invite, status, reason)
	for _, h := range headers {
		r.Headers = r.Headers.With(h.Name, h.Value)
	}
	d.emit(Respond{r})
	if reason == "" {
		reason = signal.ReasonPhrase(status)
	}
	d.end(Cause{By: ByUs, Status: status, Reason: reason}, "Reject")
	return d.take(), nil
}

// Cancelled takes the CANCEL of an INVITE that has no final response yet: the first one, or else
// the open re-INVITE, which alone ends by it. After the final response CANCEL has no effect
// (RFC 3261 section 9.2).
func (d *Dialog) Cancelled(reason string, now time.Time) []Effect {
	d.now = now
	switch {
	case d.unanswered():
		d.respond(d.server.invite, 487, "")
		d.end(peerCause(487, []string{reason}), "CANCEL")
	case d.exchange.phase == asked && d.exchange.theirs.Method == signal.INVITE:
		d.closeOffer(487, "")
		d.emit(Withdrawn{})
		d.sendWaiting()
	}
	return d.take()
}

// leaveRinging forgets the 1xx. The PRACK of the last one may still come.
func (d *Dialog) leaveRinging() {
	d.server.progress, d.server.next, d.server.sdp, d.server.accepting = nil, nil, nil, false
	d.disarm(timerRinging)
	d.disarm(timerPRACK)
}
