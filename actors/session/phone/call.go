package phone

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"tandem/signal"
	"tandem/sip/dialog"
	"tandem/ximss/object"
)

// call is one call of the client's: a dialog with a leg.
type call struct {
	phone  *Phone
	dialog *dialog.Dialog
	reply  Reply // of the operation that is being done
	state  state
	name   string // the client's name for it; "" where the client is not told of it
	tag    string // ours
	leg    string // the peer's tag: the handler of the leg, once it is known
	watch  bool   // it is watched
	out    bool
	since  time.Time // when it began, or was answered

	peer, peerName string
	party          signal.URI // of the peer
	callID         string
	invited        string // the INVITE that we have not answered
	answer         []byte // our answer in a provisional response
	offerless      bool   // the INVITE brought no description

	updating bool   // an update of the client's is under way
	asked    bool   // the peer's update waits for the client
	theirs   []byte // what the peer offered last
	offers   uint64
	refer    bool // a transfer of the client's is under way
	wish     []byte
	held     bool
	peerHeld bool

	made *making // for makeCall
}

// state is where a call stands for its client.
type state int

// The states.
const (
	calling  state = iota // ours, no answer yet
	ringing               // ours, and it rings there
	alerting              // the peer's, and the client has not answered
	accepted              // the peer's, answered, and its acknowledgement is missing
	owing                 // ours, answered by an offer that the client must answer
	up                    // both have agreed
	gone                  // the client has been told its end, or has ended it
)

var stateNames = [...]string{"calling", "ringing", "alerting", "accepted", "owing", "up", "gone"}

func (s state) String() string { return stateNames[s] }

// legal are the transitions.
var legal = map[state][]state{
	calling:  {ringing, owing, up, gone},
	ringing:  {owing, up, gone},
	alerting: {accepted, gone},
	accepted: {up, gone},
	owing:    {up, gone},
	up:       {gone},
}

// become is the only place where a call changes its state.
func (c *call) become(to state, because string) {
	if c.state == to {
		return
	}
	if !slices.Contains(legal[c.state], to) {
		c.phone.log.Error("call: illegal transition", "call", c.name, "from", c.state.String(), "to", to.String(),
			"because", because)
		return
	}
	c.phone.log.Debug("call", "call", c.name, "from", c.state.String(), "to", to.String(), "because", because)
	if to == up {
		c.since = c.phone.now
	}
	c.state = to
}

// local is our side of a call's dialog.
func (p *Phone) local(tag string) dialog.Local {
	return dialog.Local{Tag: tag, Contact: p.contact(), Flow: p.self.Flow, Timers: p.self.Timers, Headers: p.self.Headers}
}

// add makes a call known. Its client's name for it may be "".
func (p *Phone) add(c *call) {
	c.phone, c.since = p, p.now
	p.tags[c.tag] = c
	if c.name != "" {
		p.calls[c.name] = c
	}
}

// drop forgets a call whose dialog is over.
func (c *call) drop() {
	p := c.phone
	c.end("over")
	delete(p.tags, c.tag)
	if c.watch {
		c.watch = false
		p.do(Forget{c.leg})
	}
	if p.made == c {
		p.made = nil
	}
}

// end takes the call off the client's list.
func (c *call) end(because string) {
	if p := c.phone; p.calls[c.name] == c {
		delete(p.calls, c.name)
	}
	c.become(gone, because)
}

// knows takes note of the leg that is at the other end, and watches it.
func (c *call) knows(leg string) {
	if leg == "" || c.leg == leg || c.state == gone {
		return
	}
	if c.watch {
		c.phone.do(Forget{c.leg})
	}
	c.leg, c.watch = leg, true
	c.phone.do(Watch{leg})
}

// message is one to the client about this call.
func (c *call) message(word string) *object.XML { return object.NewXML(word, "callLeg", c.name) }

// try takes the result of a dialog command.
func (c *call) try(effects []dialog.Effect, err error) bool {
	if err != nil {
		c.phone.log.Debug("call: not possible now", "call", c.name, "err", err)
		return false
	}
	c.dialogWants(effects)
	return true
}

// dialogWants takes what a dialog wants done: what concerns the leg is passed on, the rest is ours.
func (c *call) dialogWants(effects []dialog.Effect) {
	p := c.phone
	for _, e := range effects {
		switch e := e.(type) {
		case dialog.Send:
			if r := p.origin(e.Request); r.InDialog() {
				p.do(Send{r.To.Tag(), r})
			} else {
				p.do(Begin{r})
			}
		case dialog.Cancel:
			p.do(Cancel{e.Request, e.Reason})
		case dialog.Respond:
			if e.Response.Request == c.invited && !e.Response.Provisional() {
				c.invited = ""
			}
			p.do(Respond{c.leg, e.Response})
		case dialog.StartTimer:
			p.do(StartTimer{Timer{c.tag, e.ID.Kind, e.ID.Seq}, e.After})
		default:
			c.dialogSays(e)
		}
	}
}

// dialogSays is the table of what a dialog can tell.
func (c *call) dialogSays(e dialog.Effect) {
	switch e := e.(type) {
	case dialog.Progressed:
		c.progressed(e)
	case dialog.Accepted:
		c.accepted(e)
	case dialog.Refused:
		c.over(e.Status, e.Reason, e.Headers.Get("Reason"))
		c.drop()
	case dialog.Confirmed:
		c.confirmed(e)
	case dialog.Offered:
		c.offered(e)
	case dialog.ReofferRefused:
		c.updated(e.Status, e.Reason, nil)
	case dialog.ReferAnswered:
		c.referAnswered(e)
	case dialog.ReferProgress:
		c.referProgress(e)
	case dialog.Referred: // a client is not sent elsewhere: who wants it there transfers its partner
		c.try(c.dialog.RefuseRefer(e.ID, 603, "", c.phone.now))
	case dialog.Informed:
		c.informed(e)
	case dialog.Messaged:
		c.phone.readBody(c.peer, c.peerName, e.ContentType, e.Body)
	case dialog.Replied: // to an INFO: there is nobody to tell
	case dialog.Ended:
		c.over(e.Cause.Status, "", e.Cause.Reason)
		c.drop()
	}
}

// over tells the client that its call is over. status is 200 for a goodbye; reason may be the value of a Reason field
// (RFC 3326), whose text says more than the status.
func (c *call) over(status int, phrase, reason string) {
	if c.state == gone {
		return
	}
	if text := reasonText(reason); text != "" {
		phrase = text
	}
	if n := reasonCause(reason); status < 300 && n >= 300 {
		status = n
	}
	if c.made != nil {
		c.makingOver(status, phrase)
		c.end("over")
		return
	}
	x := c.message("callDisconnected")
	if status >= 300 {
		if phrase == "" {
			phrase = signal.ReasonPhrase(status)
		}
		x.SetAttribute("errorText", "", phrase)
		x.SetAttribute("signalCode", "", strconv.Itoa(status))
	}
	c.phone.say(x)
	c.end("over")
}

// reasonText is the readable part of a Reason field.
func reasonText(reason string) string {
	if _, t, ok := strings.Cut(reason, `text="`); ok {
		t, _, _ = strings.Cut(t, `"`)
		return t
	}
	if strings.HasPrefix(reason, "SIP;") || strings.HasPrefix(reason, "Q.850;") {
		return ""
	}
	return reason
}

// reasonCause is the SIP status in a Reason field, 0 where there is none.
func reasonCause(reason string) int {
	rest, ok := strings.CutPrefix(reason, "SIP;cause=")
	if !ok {
		return 0
	}
	digits, _, _ := strings.Cut(rest, ";")
	n, _ := strconv.Atoi(strings.TrimSpace(digits))
	return n
}

// hangup ends a call that the client, or its session, wants no more. The client is told nothing of it.
func (c *call) hangup(status int) {
	c.end("hung up")
	c.dialogWants(c.dialog.Hangup(status, "", c.phone.now))
}

// kill is callKill: in every state, and harmless where there is no such call any more.
func (p *Phone) kill(o *operation) {
	if o.Attr("callLeg") == "" {
		o.end(errNoLeg)
		return
	}
	if c := p.calls[o.Attr("callLeg")]; c != nil {
		c.hangup(0)
	}
	o.done()
}

// answered takes an answer of the leg's, or of the Signal that looks for somebody.
func (c *call) answered(r *signal.Response) {
	if r.Method == signal.INVITE && r.Status < 300 {
		c.knows(r.To.Tag())
	}
	c.dialogWants(c.dialog.Answered(r, c.phone.now))
}

// time takes a timer.
func (c *call) time(t Timer) {
	if t.Kind == offerTimer {
		c.offerLate(t.Seq)
		return
	}
	c.dialogWants(c.dialog.TimerFired(dialog.TimerID{Kind: t.Kind, Seq: t.Seq}, c.phone.now))
}

// legGone: who was at the other end is no more, without a goodbye.
func (c *call) legGone(lost bool) {
	c.watch = false
	status, reason := 500, "The call leg is gone"
	if lost {
		status, reason = 503, "Member lost"
	}
	c.over(status, reason, "")
	c.drop()
}
