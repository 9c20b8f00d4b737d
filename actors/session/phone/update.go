package phone

import (
	"strconv"
	"time"

	"tandem/signal"
	"tandem/sip/dialog"
	"tandem/ximss"
)

// offerTimer ends the patience with a client that does not answer an update; offerWait is how long it lasts: less than
// the peer waits (RFC 3261 timer B).
const (
	offerTimer = "offer"
	offerWait  = 25 * time.Second
)

// update is callUpdate: the client offers another description, be it to hold the call. callUpdated answers it. An
// update of the peer's that waits is refused by it: a client that has begun anew knows nothing of that.
func (c *call) update(o *operation) *ximss.Error {
	body, err := c.phone.description(o)
	switch {
	case err != nil:
		return err
	case body == nil:
		return errNoSDP
	case c.state != up && c.state != accepted:
		return errWrong
	case c.updating:
		return errUnderWay
	}
	if c.asked {
		c.asked = false
		c.try(c.dialog.RefuseOffer(491, "", c.phone.now))
	}
	c.reply.Done(nil)
	c.updating, c.wish = true, body
	c.try(c.dialog.Reinvite(body, c.phone.now))
	return errLater
}

// updated tells the client what came of its update.
func (c *call) updated(status int, reason string, body []byte) {
	if !c.updating {
		return
	}
	c.updating = false
	x := c.message("callUpdated")
	if status >= 300 {
		if reason == "" {
			reason = signal.ReasonPhrase(status)
		}
		x.SetAttribute("signalCode", "", strconv.Itoa(status))
		x.SetAttribute("errorText", "", reason)
	} else {
		c.held = held(c.wish)
		c.peerHeld = held(body) && !c.held
	}
	c.wish = nil
	c.phone.say(c.phone.describe(x, body))
}

// offered: the peer offers another description, or asks for ours.
func (c *call) offered(e dialog.Offered) {
	c.asked, c.theirs = true, e.SDP
	c.offers++
	c.phone.do(StartTimer{Timer{c.tag, offerTimer, c.offers}, offerWait})
	if c.made != nil {
		c.refuseOffer(488)
		return
	}
	c.phone.say(c.phone.describe(c.message("callUpdateRequest"), e.SDP))
}

// offerLate: the client has not answered an update of the peer's.
func (c *call) offerLate(n uint64) {
	if c.asked && c.offers == n {
		c.refuseOffer(480)
	}
}

func (c *call) refuseOffer(status int) {
	c.asked = false
	c.try(c.dialog.RefuseOffer(status, "", c.phone.now))
}

// updateAccept is callUpdateAccept: the client's answer to an update, or to the offer of a called party. An empty one is
// a mere courtesy that clients show after each callProvisioned and callConnected.
func (c *call) updateAccept(o *operation) *ximss.Error {
	body, err := c.phone.description(o)
	switch {
	case err != nil:
		return err
	case body == nil:
		return nil
	case c.state == owing:
		c.reply.Done(nil)
		c.held = held(body)
		c.become(up, "the offer is answered")
		c.try(c.dialog.Acknowledge(body, c.phone.now))
		return errLater
	case !c.asked:
		return errWrong
	}
	if c.theirs != nil {
		c.peerHeld = held(c.theirs)
	}
	c.asked, c.held = false, held(body)
	c.reply.Done(nil)
	c.try(c.dialog.AcceptOffer(body, c.phone.now))
	return errLater
}

// updateReject is callUpdateReject. The call goes on as it was.
func (c *call) updateReject(o *operation) *ximss.Error {
	status, err := signalCode(o, 488)
	switch {
	case err != nil:
		return err
	case c.state == owing: // there is nothing to go on with
		c.hangup(status)
		return nil
	case !c.asked:
		return errWrong
	}
	c.refuseOffer(status)
	return nil
}
