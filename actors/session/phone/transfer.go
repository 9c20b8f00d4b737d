package phone

import (
	"strconv"

	"tandem/signal"
	"tandem/sip/dialog"
	"tandem/ximss"
)

// transfer is callTransfer: the party of this call is sent to an address, or joined with the party of another call.
// callOpCompleted or callOpFailed tells what came of it; the calls that are not needed any more then end.
func (c *call) transfer(o *operation) *ximss.Error {
	peer, other := o.Attr("peer"), o.Attr("otherLeg")
	switch {
	case (peer == "") == (other == ""):
		return ximss.Fail(ximss.NumMalformed, "either peer or otherLeg is needed")
	case c.state != up:
		return errWrong
	case c.refer:
		return errUnderWay
	}
	var to signal.URI
	var replaces *dialog.Replaces
	if other != "" {
		d := c.phone.calls[other]
		switch {
		case d == nil:
			return ximss.ErrLeg
		case d == c || d.state != up || d.leg == "":
			return errWrong
		}
		to, replaces = d.party, &dialog.Replaces{CallID: d.callID, LocalTag: d.leg, PeerTag: d.tag}
	} else {
		var err *ximss.Error
		if to, err = c.phone.address(peer); err != nil {
			return err
		}
	}
	effects, err := c.dialog.Refer(to, replaces, "", c.phone.now)
	if err != nil {
		return errWrong
	}
	c.refer = true
	c.reply.Done(nil)
	c.dialogWants(effects)
	return errLater
}

// referAnswered: the leg has taken the wish, or not.
func (c *call) referAnswered(e dialog.ReferAnswered) {
	if e.Final {
		c.transferred(e.Status, e.Reason)
	}
}

// referProgress: how the transfer goes.
func (c *call) referProgress(e dialog.ReferProgress) {
	switch {
	case e.Final && e.Status < 200: // it was given up without a word
		c.transferred(487, "")
	case e.Final:
		c.transferred(e.Status, "")
	case c.made != nil:
		c.making(e.Status, "")
	}
}

// transferred tells the client what came of its transfer.
func (c *call) transferred(status int, reason string) {
	if c.made != nil {
		c.makingDone(status, reason)
		return
	}
	if !c.refer {
		return
	}
	c.refer = false
	if status < 300 {
		c.phone.say(c.message("callOpCompleted"))
		return
	}
	if reason == "" {
		reason = signal.ReasonPhrase(status)
	}
	x := c.message("callOpFailed")
	x.SetAttribute("errorText", "", reason)
	x.SetAttribute("signalCode", "", strconv.Itoa(status))
	c.phone.say(x)
}
