package dialog

import (
	"slices"
	"time"

	"tandem/signal"
)

// maxGlare is how often one re-INVITE is tried again after 491 before the leg is told.
const maxGlare = 5

// phase is how far the SDP exchange after the first has come (RFC 3261 section 14, RFC 3311).
// While a 2xx of ours waits for its ACK the exchange counts as open too: see settled.
type phase int

const (
	quiet  phase = iota // none is open
	asking              // our re-INVITE waits for its final response
	owing               // it got a 2xx with the peer's SDP offer: our ACK waits for Acknowledge
	asked               // the peer's re-INVITE or UPDATE waits for AcceptOffer or RefuseOffer
)

// exchange is the SDP exchange after the first: at most one is open at a time.
type exchange struct {
	phase   phase
	ours    *signal.Request // our last re-INVITE
	theirs  *signal.Request // the peer's request while asked
	on      *path           // by which it came
	waiting *reoffer        // what we want to send next
	glares  int             // how often what we want met 491
	acks    []reACK         // of our last re-INVITEs, oldest first
}

// reACK is the ACK of a 2xx to a re-INVITE of ours. It is sent again with every repeat of that 2xx,
// which may still come when the next re-INVITE is under way: the ACK may have been lost.
type reACK struct {
	invite string // ID
	ack    *signal.Request
}

// maxACKs is how many are kept; repeats of older 2xx would have to cross as many exchanges.
const maxACKs = 8

// reoffer is an SDP offer of ours that waits for its turn; nil SDP asks the peer for its own.
type reoffer struct{ sdp []byte }

// settled reports that an SDP exchange may begin.
func (d *Dialog) settled() bool {
	return d.state == Established && d.exchange.phase == quiet && d.unacked == nil
}

// Reinvite sends an SDP offer in a re-INVITE (nil: asks the peer for one); while another exchange
// is under way, or after 491, it waits its turn. A newer one replaces the one that waits.
func (d *Dialog) Reinvite(sdp []byte, now time.Time) ([]Effect, error) {
	switch d.state {
	case Owing, Answered, Established:
	default:
		if !d.server.accepting {
			return nil, d.wrongState("Reinvite")
		}
	}
	d.now = now
	d.exchange.waiting = &reoffer{sdp}
	if !d.armed(timerGlare) {
		d.exchange.glares = 0
	}
	d.sendWaiting()
	return d.take(), nil
}

// sendWaiting sends the re-INVITE that waits, if its turn has come.
func (d *Dialog) sendWaiting() {
	w := d.exchange.waiting
	if w == nil || !d.settled() || d.armed(timerGlare) {
		return
	}
	r := d.request(d.path, signal.INVITE)
	d.dress(r, w.sdp)
	d.askForTimer(r)
	d.exchange.waiting = nil
	d.exchange.phase, d.exchange.ours = asking, r
	d.send(r)
}

// reinviteAnswered takes a response to our last re-INVITE.
func (d *Dialog) reinviteAnswered(r *signal.Response) {
	x := &d.exchange
	switch {
	case r.Provisional():
	case r.Success() && d.repeatACK(r.Request):
	case r.Success() && d.state == Ending:
		d.acknowledgeReinvite(nil)
	case d.state != Established || x.phase != asking:
		// A repeat while the ACK waits for the leg, or a refusal that came after BYE.
	case r.Success():
		d.reinviteAccepted(r)
	case r.Status == 491 && x.glares < maxGlare:
		d.retryAfterGlare()
	case r.Status == 422 && d.raise(r.Headers):
		x.phase = quiet
		d.waitAgain()
		d.sendWaiting()
	case r.Status == 481 || r.Status == 408:
		d.lost(r.Status, "re-INVITE")
	default:
		x.phase, x.glares = quiet, 0
		d.emit(ReofferRefused{Status: r.Status, Reason: r.Reason})
		d.sendWaiting()
	}
}

// reinviteAccepted takes the first 2xx to our re-INVITE: the peer's target and SDP change.
func (d *Dialog) reinviteAccepted(r *signal.Response) {
	x := &d.exchange
	x.glares = 0
	d.path.refresh(r.Contacts)
	d.timerGranted(r.Headers)
	sdp := responseSDP(r)
	if x.ours.Body == nil && sdp != nil {
		x.phase = owing
		d.emit(Accepted{SDP: sdp, NeedsACK: true, Tag: d.path.peer.Tag()})
		return
	}
	d.acknowledgeReinvite(nil)
	if sdp == nil {
		// Without SDP the 2xx neither answers an offer nor makes one: nothing was agreed.
		d.emit(ReofferRefused{Status: 488, Reason: "no SDP in 2xx"})
	} else {
		d.emit(Accepted{SDP: sdp, Tag: d.path.peer.Tag()})
	}
	d.sendWaiting()
}

// acknowledgeReinvite sends the ACK of the 2xx to our last re-INVITE, which ends the exchange.
func (d *Dialog) acknowledgeReinvite(sdp []byte) {
	x := &d.exchange
	if len(x.acks) == maxACKs {
		x.acks = slices.Delete(x.acks, 0, 1)
	}
	x.acks = append(x.acks, reACK{x.ours.ID, d.acknowledge(d.path, x.ours, sdp)})
	x.phase = quiet
}

// repeatACK answers the repeat of a 2xx to a re-INVITE; false if it was not acknowledged before.
func (d *Dialog) repeatACK(invite string) bool {
	for _, a := range d.exchange.acks {
		if a.invite == invite {
			d.send(a.ack)
			return true
		}
	}
	return false
}

// retryAfterGlare puts our re-INVITE back and pauses: both sides had one under way. What the leg
// has wanted since then goes instead.
func (d *Dialog) retryAfterGlare() {
	x := &d.exchange
	x.glares++
	x.phase = quiet
	d.waitAgain()
	d.arm(timerGlare, d.glareDelay())
}

// waitAgain puts our re-INVITE back, unless the leg wants something newer.
func (d *Dialog) waitAgain() {
	if x := &d.exchange; x.waiting == nil {
		sdp, _ := sdpOf(x.ours.ContentType, x.ours.Body)
		x.waiting = &reoffer{sdp}
	}
}

// offered takes a re-INVITE or an UPDATE of the peer. Whose SDP offer came first wins: 491 while
// ours is open (or our 2xx waits for its ACK), 500 while the peer's own is (RFC 3261 section 14.2,
// RFC 3311 section 5.2).
func (d *Dialog) offered(p *path, r *signal.Request) {
	sdp, ok := sdpOf(r.ContentType, r.Body)
	least, short := d.local.Timing.TooShort(r.Headers)
	switch {
	case !ok:
		d.respondWith(r, 415, "Accept", sdpType)
	case short:
		d.respondWith(r, 422, "Min-SE", least)
	case r.Method == signal.UPDATE && sdp == nil:
		// An UPDATE without SDP moves the peer's target, refreshes the call, and does nothing else.
		p.refresh(r.Contacts)
		ok := d.answer(r, 200, "", nil)
		if d.state == Established {
			d.grantTimer(r, ok)
		}
		d.emit(Respond{ok})
	case d.mayUpdate(p, r):
		d.ask(p, r, sdp)
	case d.unanswered() && d.server.told && !d.invited(): // our own SDP offer waits for its PRACK
		d.respond(r, 491, "")
	case d.unanswered(), d.exchange.phase == asked:
		d.busy(r)
	case !d.settled():
		d.respond(r, 491, "")
	default:
		d.ask(p, r, sdp)
	}
}

// ask puts the peer's SDP offer to the leg.
func (d *Dialog) ask(p *path, r *signal.Request, sdp []byte) {
	d.exchange.phase, d.exchange.theirs, d.exchange.on = asked, r, p
	d.emit(Offered{SDP: sdp})
}

// mayUpdate reports whether an UPDATE may bring an SDP offer before the call is answered: when the first exchange is
// complete, as only reliable responses make it, and in the early dialog whose media count (RFC 3311 section 5.1).
func (d *Dialog) mayUpdate(p *path, r *signal.Request) bool {
	switch {
	case r.Method != signal.UPDATE || d.exchange.phase != quiet:
		return false
	case d.unanswered():
		return d.server.agreed
	}
	return d.state == Proceeding && p == d.client.early && p.agreed
}

// AcceptOffer answers Offered: with the SDP answer, or with our SDP offer when the peer sent none.
func (d *Dialog) AcceptOffer(sdp []byte, now time.Time) ([]Effect, error) {
	if d.exchange.phase != asked {
		return nil, d.wrongState("AcceptOffer")
	}
	if len(sdp) == 0 {
		return nil, ErrNoSDP
	}
	d.now = now
	r := d.exchange.theirs
	p := d.answer(r, 200, "", sdp)
	if r.Method == signal.PRACK { // it moves no target
		p.Contacts = nil
	} else {
		d.exchange.on.refresh(r.Contacts)
	}
	if d.state == Proceeding { // an early fork of ours; another one may have been heard since it asked
		d.client.early, d.exchange.on.moved = d.exchange.on, true
	}
	d.closed()
	if d.state == Established {
		d.grantTimer(r, p)
	}
	if r.Method == signal.INVITE {
		d.expectACK(r, p)
	} else {
		d.emit(Respond{p})
	}
	d.resume()
	d.sendWaiting()
	return d.take(), nil
}

// RefuseOffer answers Offered with a refusal (488 and the like). Target and SDP stay as they were
// (RFC 6141 section 4).
func (d *Dialog) RefuseOffer(status int, reason string, now time.Time) ([]Effect, error) {
	if status < 300 || status > 699 {
		return nil, wrongStatus("RefuseOffer", status, 300, 699)
	}
	if d.exchange.phase != asked {
		return nil, d.wrongState("RefuseOffer")
	}
	d.now = now
	d.closeOffer(status, reason)
	d.resume()
	d.sendWaiting()
	return d.take(), nil
}

// closed: the peer's offer has its answer.
func (d *Dialog) closed() {
	d.exchange.phase, d.exchange.theirs, d.exchange.on = quiet, nil, nil
}

// closeOffer refuses the peer's open re-INVITE or UPDATE.
func (d *Dialog) closeOffer(status int, reason string) {
	d.respond(d.exchange.theirs, status, reason)
	d.closed()
}
