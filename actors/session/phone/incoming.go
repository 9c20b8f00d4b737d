package phone

import (
	"strconv"

	"tandem/signal"
	"tandem/sip/dialog"
	"tandem/ximss"
	"tandem/ximss/object"
)

// incoming takes the INVITE of a leg that calls the client.
func (p *Phone) incoming(r *signal.Request) {
	switch {
	case !p.bound.on || !p.bound.media: // it was unbound meanwhile
		p.refuse(r, 480)
		return
	case p.full():
		p.refuse(r, 486)
		return
	}
	c := &call{tag: p.next(), state: alerting, leg: r.From.Tag(), watch: true, callID: r.CallID, invited: r.ID,
		party: r.From.URI, peer: shown(r.From.URI), peerName: r.From.Display, offerless: len(r.Body) == 0, theirs: r.Body,
		peerHeld: held(r.Body)}
	for c.name = c.tag; p.calls[c.name] != nil; {
		c.name = p.next() // the client has taken this one
	}
	p.add(c)
	c.dialog = dialog.NewServer(r, p.local(c.tag), p.now)
	// The leg can cancel from here on, whatever its client does (RFC 3261 section 9.1).
	p.do(Respond{Response: &signal.Response{Request: r.ID, Method: r.Method, Status: 100, To: r.To}})
	p.do(Watch{c.leg})
	p.say(p.describe(c.announcement(r), r.Body))
}

// supplements are the fields of an INVITE that a client is told.
var supplements = []string{"Alert-Info", "Call-Info", "Subject", "Referred-By", "Diversion"}

// announcement is callIncoming, without the description. That comes first of its children.
func (c *call) announcement(r *signal.Request) *object.XML {
	x := c.message("callIncoming")
	x.SetAttribute("peer", "", c.peer)
	if c.peerName != "" {
		x.SetAttribute("peerName", "", c.peerName)
	}
	if r.CallID != "" {
		x.SetAttribute("callId", "", r.CallID)
	}
	var suppl *object.XML
	for _, name := range supplements {
		if v := r.Headers.Get(name); v != "" {
			if suppl == nil {
				suppl = object.NewXML("suppl")
			}
			key := object.NewXML("subKey", "key", name)
			key.Add(object.String(v))
			suppl.Add(key.Value())
		}
	}
	if suppl != nil {
		x.Add(suppl.Value())
	}
	return x
}

// provision is callProvision: the caller hears that it rings, or the client's early media. callUpdated answers it.
func (c *call) provision(o *operation) *ximss.Error {
	body, err := c.phone.description(o)
	switch {
	case err != nil:
		return err
	case c.state != alerting:
		return errWrong
	}
	status := 180
	switch {
	case c.offerless: // an offer can not be made in an answer that may be lost (RFC 3261 section 13.2.1)
		body = nil
	case body != nil:
		status, c.answer = 183, body
	default:
		body = c.answer
	}
	if !c.try(c.dialog.Progress(status, "", body, nil, c.phone.now)) {
		return errWrong
	}
	c.reply.Done(nil)
	c.phone.say(c.message("callUpdated"))
	return errLater
}

// accept is callAccept: the client takes the call. An answer that it has given before counts.
func (c *call) accept(o *operation) *ximss.Error {
	body, err := c.phone.description(o)
	switch {
	case err != nil:
		return err
	case c.state != alerting:
		return errWrong
	case c.answer != nil:
		body = c.answer
	case body == nil:
		return errNoSDP
	}
	c.reply.Done(nil)
	c.held = held(body)
	c.become(accepted, "accepted")
	c.try(c.dialog.Accept(body, c.phone.now))
	return errLater
}

// confirmed: the leg has taken our answer; or that to its own offer, for which there is nothing more to say.
func (c *call) confirmed(e dialog.Confirmed) {
	switch {
	case !e.First && len(e.SDP) > 0:
		c.phone.say(c.phone.describe(c.message("callUpdated"), e.SDP))
	case !e.First:
	case c.state == accepted:
		c.become(up, "acknowledged")
		c.phone.say(c.phone.describe(c.message("callConnected"), e.SDP))
	}
}

// signalCode is the status with which a client refuses something.
func signalCode(o *operation, otherwise int) (int, *ximss.Error) {
	text := o.Attr("signalCode")
	if text == "" {
		return otherwise, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 300 || n > 699 {
		return 0, ximss.Fail(ximss.NumMalformed, "the signalCode is a number from 300 to 699")
	}
	return n, nil
}

// reject is callReject.
func (c *call) reject(o *operation) *ximss.Error {
	status, err := signalCode(o, 603)
	switch {
	case err != nil:
		return err
	case c.state != alerting:
		return errWrong
	}
	c.end("rejected")
	c.try(c.dialog.Reject(status, "", nil, c.phone.now))
	return nil
}

// maxRedirects is to how many addresses a call may be sent at once.
const maxRedirects = 10

// redirect is callRedirect: the caller is to try others.
func (c *call) redirect(o *operation) *ximss.Error {
	var to []signal.Party
	for _, v := range o.Body {
		x := v.XML()
		if x == nil || x.Type != "To" {
			continue
		}
		u, err := c.phone.address(x.Text())
		if err != nil {
			return err
		}
		to = append(to, signal.Party{URI: u})
	}
	switch {
	case len(to) == 0:
		return ximss.ErrMissing
	case len(to) > maxRedirects:
		return ximss.Fail(ximss.NumLimit, "more than %d addresses", maxRedirects)
	case c.state != alerting:
		return errWrong
	}
	c.end("redirected")
	effects, err := c.dialog.Reject(302, "", nil, c.phone.now)
	for _, e := range effects { // the dialog has no words for where to
		if r, ok := e.(dialog.Respond); ok {
			r.Response.Contacts = to
		}
	}
	c.try(effects, err)
	return nil
}
