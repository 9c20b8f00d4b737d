package phone

import (
	"tandem/signal"
	"tandem/ximss/object"
)

// making is a makeCall under way: the account's own devices are rung, and who takes the call is sent on to the peer.
// The session is a party to it that neither speaks nor hears, until it has done that.
type making struct{ peer signal.URI }

// silence is its description: nothing is sent either way.
const silence = "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nc=IN IP4 0.0.0.0\r\nt=0 0\r\nm=audio 40000 RTP/AVP 0 8\r\n" +
	"a=rtpmap:0 PCMU/8000\r\na=rtpmap:8 PCMA/8000\r\na=inactive\r\n"

// make is makeCall. makeCallReport tells how it goes, with an empty one at the end.
func (p *Phone) make(o *operation) {
	peer, err := p.address(o.Attr("peer"))
	switch {
	case err != nil:
		o.fail(err)
		return
	case p.made != nil || p.full():
		o.fail(errUnderWay)
		return
	}
	o.done()
	own := p.us().URI
	own.Params = signal.Params{{Name: "services", Value: "no"}} // no voice mail answers in place of the user
	p.made = &call{made: &making{peer}}
	p.place(p.made, own, []byte(silence))
}

// report tells the client how it goes.
func (p *Phone) report(text string) {
	x := object.NewXML("makeCallReport")
	if text != "" {
		x.Add(object.String(text))
	}
	p.say(x)
}

// making: a device rings, or the peer does.
func (c *call) making(status int, reason string) {
	if reason == "" {
		reason = signal.ReasonPhrase(status)
	}
	c.phone.report(reason)
}

// makingUp: a device was taken up. It is sent to the peer.
func (c *call) makingUp() {
	if c.state != up {
		c.makingDone(488, "")
		return
	}
	c.phone.report("Connecting")
	if !c.try(c.dialog.Refer(c.made.peer, nil, "", c.phone.now)) {
		c.makingDone(500, "")
	}
}

// makingDone: it is known what came of it; our part in it ends.
func (c *call) makingDone(status int, reason string) {
	c.makingOver(status, reason)
	c.hangup(0)
}

// makingOver tells the client the end, once.
func (c *call) makingOver(status int, reason string) {
	p := c.phone
	if p.made != c {
		return
	}
	p.made = nil
	if status >= 300 {
		c.making(status, reason)
	}
	p.report("")
}
