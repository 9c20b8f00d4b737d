package phone

import (
	"tandem/signal"
	"tandem/sip/dialog"
	"tandem/ximss"
)

// What a client is told whose request does not fit.
var (
	errNoLeg    = ximss.Fail(ximss.NumMalformed, "the callLeg parameter is missing")
	errNoSDP    = ximss.Fail(ximss.NumMalformed, "the sdp is missing")
	errWrong    = ximss.Fail(ximss.NumState, "the call is in a wrong state")
	errUsed     = ximss.Fail(ximss.NumState, "the call leg already exists")
	errUnderWay = ximss.Fail(ximss.NumState, "another operation of this kind is under way")
	errCalls    = ximss.Fail(ximss.NumLimit, "too many calls")
)

// start is callStart: an outgoing call. Without a description the client answers the one of the called party.
func (p *Phone) start(o *operation) {
	name := o.Attr("callLeg")
	switch {
	case name == "":
		o.fail(errNoLeg)
		return
	case len(name) > maxName:
		o.fail(ximss.Fail(ximss.NumMalformed, "the callLeg is longer than %d bytes", maxName))
		return
	case p.calls[name] != nil:
		o.fail(errUsed)
		return
	case p.full():
		o.fail(errCalls)
		return
	}
	to, err := p.address(o.Attr("peer"))
	if err != nil {
		o.fail(err)
		return
	}
	offer, err := p.description(o)
	if err != nil {
		o.fail(err)
		return
	}
	o.done()
	p.place(&call{name: name, held: held(offer)}, to, offer)
}

// endings is how many calls, for each that may be, may be about to end: who kills calls faster than they end must wait.
const endings = 4

// full tells whether there can be no further call.
func (p *Phone) full() bool {
	return len(p.calls) >= p.limits.Calls || len(p.tags) >= endings*p.limits.Calls
}

// place sends the INVITE of an outgoing call.
func (p *Phone) place(c *call, to signal.URI, offer []byte) {
	c.tag, c.out, c.state = p.next(), true, calling
	c.callID, c.party, c.peer = c.tag+"@"+p.self.Domain, to, shown(to)
	p.add(c)
	c.dialog = dialog.NewClient(dialog.Call{Target: to, From: p.us(), To: signal.Party{URI: to}, CallID: c.callID,
		Forwards: hops}, p.local(c.tag), p.now)
	c.try(c.dialog.Invite(offer, p.now))
}

// progressed: it rings, or there is something to hear before the answer.
func (c *call) progressed(e dialog.Progressed) {
	if c.state != calling && c.state != ringing {
		return
	}
	c.become(ringing, "progress")
	if c.made != nil {
		c.making(e.Status, e.Reason)
		return
	}
	x := c.message("callProvisioned")
	if e.Tag != "" {
		x.SetAttribute("tag", "", e.Tag)
	}
	c.phone.say(c.phone.describe(x, e.SDP))
}

// accepted: the call is answered; or an update is.
func (c *call) accepted(e dialog.Accepted) {
	switch {
	case !e.First && e.NeedsACK: // we never ask for an offer
		c.try(c.dialog.Acknowledge(e.SDP, c.phone.now))
		return
	case !e.First:
		c.updated(200, "", e.SDP)
		return
	case e.NeedsACK:
		c.become(owing, "answered by an offer")
	default:
		c.become(up, "answered")
	}
	if c.made != nil {
		c.makingUp()
		return
	}
	x := c.message("callConnected")
	if e.Tag != "" {
		x.SetAttribute("tag", "", e.Tag)
	}
	c.peerHeld = held(e.SDP) && !c.held
	c.phone.say(c.phone.describe(x, e.SDP))
}
