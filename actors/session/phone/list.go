package phone

import (
	"tandem/ximss/object"
)

// moment is how a client is told a time, in GMT.
const moment = "20060102T150405"

// list is callList: all calls as they are, for a client that has lost its memory.
func (p *Phone) list(o *operation) {
	for _, name := range sorted(p.calls) {
		o.reply.Answer(p.calls[name].shown())
	}
	o.done()
}

// shown is a call as a client is told it.
func (c *call) shown() *object.XML {
	x := object.NewXML("callState", "callLeg", c.name, "peer", c.peer)
	if c.peerName != "" {
		x.SetAttribute("peerName", "", c.peerName)
	}
	direction := "in"
	if c.out {
		direction = "out"
	}
	x.SetAttribute("direction", "", direction)
	x.SetAttribute("state", "", c.word())
	if c.held {
		x.SetAttribute("held", "", "1")
	}
	if c.peerHeld {
		x.SetAttribute("peerHeld", "", "1")
	}
	x.SetAttribute("since", "", c.since.UTC().Format(moment))
	if c.state == alerting { // callIncoming may be lost, and what it offers is needed to answer
		c.phone.describe(x, c.theirs)
	}
	return x
}

// word is the state as a client is told it.
func (c *call) word() string {
	switch c.state {
	case calling:
		return "calling"
	case ringing, alerting:
		return "ringing"
	}
	return "connected"
}
