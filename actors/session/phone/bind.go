package phone

import (
	"strconv"
	"strings"
	"time"

	"tandem/signal"
	"tandem/ximss"
)

// binding is the session's registration (reference communigate.md 2.2): to the account it is a device like any other.
type binding struct {
	on      bool
	media   bool // it takes calls
	webRTC  bool
	readIM  bool // it takes messages
	name    string
	device  string // of clientID
	serial  uint32 // CSeq of the last REGISTER
	pending string // the REGISTER that has no answer yet
	reply   Reply  // of the signalBind that waits for it
	timer   uint64
}

// Times of a registration.
const (
	bindTimer   = "bind"
	bindWait    = 5 * time.Second  // for an answer
	bindRetry   = 30 * time.Second // after a refresh that failed
	maxDevice   = 128              // bytes of deviceName and clientID
	maxCallText = "INVITE,ACK,BYE,CANCEL,OPTIONS,INFO,UPDATE,REFER"
)

// bind is signalBind: from here on the client gets calls, if its sample of a description has a medium, and messages
// where it wants them. Bound again it is what the last one says.
func (p *Phone) bind(o *operation) {
	sample, err := p.description(o)
	name, device := o.Attr("deviceName"), o.Attr("clientID")
	switch {
	case err != nil:
		o.fail(err)
		return
	case len(name) > maxDevice || !quotable(name):
		o.fail(ximss.Fail(ximss.NumMalformed, "the deviceName can not be used"))
		return
	case len(device) > maxDevice || !quotable(device):
		o.fail(ximss.Fail(ximss.NumMalformed, "the clientID can not be used"))
		return
	case p.bound.reply != nil:
		o.fail(errUnderWay)
		return
	}
	b := &p.bound
	b.on, b.reply, b.name, b.device = true, o.reply, name, device
	b.media = sample == nil || hasMedia(sample)
	b.webRTC = strings.EqualFold(o.Attr("media"), "WebRTC") || webRTC(sample)
	b.readIM = ximss.IsOn(o.Attr("readIM"))
	p.register(p.limits.Expires)
}

// quotable tells whether a text may stand in quotes.
func quotable(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f || r == '"' || r == '\\' || r == '<' || r == '>' })
}

// unbind is signalUnbind. Calls that are up go on.
func (p *Phone) unbind(o *operation) {
	p.leave()
	o.done()
}

// leave takes the registration back. Nobody waits for that.
func (p *Phone) leave() {
	b := &p.bound
	if !b.on {
		return
	}
	if b.reply != nil {
		b.reply.Done(ximss.ErrUnavailable)
		b.reply = nil
	}
	p.withdraw()
}

// withdraw ends the registration that there is, or may be: one that was answered with 503, or not at all, may have been
// made all the same, and so may the one before it. It would stay behind its session for as long as it was to live.
func (p *Phone) withdraw() {
	p.bound.on = false
	p.register(0)
	p.bound.pending = ""
}

// register sends the REGISTER. Our Contact says what we take; a connection of another life of the session has another
// one.
func (p *Phone) register(life time.Duration) {
	b := &p.bound
	b.serial++
	b.pending = p.next()
	to := p.us()
	to.Display = ""
	p.do(Begin{p.origin(&signal.Request{ID: b.pending, Method: signal.REGISTER, URI: signal.URI{Scheme: "sip", Host: to.URI.Host},
		From: to.WithTag(p.label), To: to, CallID: p.label + "@" + p.self.Domain, CSeq: b.serial,
		Contacts: []signal.Party{p.device()},
		Headers:  signal.Headers{{Name: "Expires", Value: strconv.Itoa(int(life / time.Second))}}})})
	if life > 0 {
		p.tick(bindWait)
	}
}

// device is our Contact as it is registered.
func (p *Phone) device() signal.Party {
	b, c := &p.bound, p.contact()
	if b.webRTC {
		c.URI.Params = append(c.URI.Params, signal.Param{Name: "media", Value: "webrtc"})
	}
	c.Display = b.name
	var takes []string
	if b.media {
		takes = append(takes, maxCallText)
	}
	if b.readIM {
		takes = append(takes, "MESSAGE")
	}
	if len(takes) == 0 {
		takes = []string{"OPTIONS"}
	}
	c.Params = append(c.Params, signal.Param{Name: "methods", Value: `"` + strings.Join(takes, ",") + `"`})
	if b.device != "" {
		c.Params = append(c.Params, signal.Param{Name: "+sip.instance", Value: `"<urn:ximss:` + b.device + `>"`})
	}
	return c
}

// registered takes the answer to a REGISTER.
func (p *Phone) registered(r *signal.Response) {
	b := &p.bound
	if r.Request != b.pending || r.Provisional() {
		return
	}
	b.pending = ""
	reply := b.reply
	b.reply = nil
	if r.Success() {
		p.tick(p.granted(r) / 2)
		if reply != nil {
			reply.Done(nil)
		}
		return
	}
	p.log.Warn("a session is not registered", "account", string(p.self.AOR), "status", r.Status, "reason", r.Reason)
	if reply == nil { // a refresh: what we had may still be there
		p.tick(bindRetry)
		return
	}
	reply.Done(refusal(r.Status, r.Reason))
	p.withdraw()
}

// granted is how long the registration lives.
func (p *Phone) granted(r *signal.Response) time.Duration {
	for _, c := range r.Contacts {
		if c.URI.Host != p.self.Domain {
			continue
		}
		text, _ := c.Params.Get("expires")
		if n, err := strconv.Atoi(text); err == nil && n > 0 {
			return time.Duration(n) * time.Second
		}
	}
	return p.limits.Expires
}

// tick asks to be told the time for the registration.
func (p *Phone) tick(after time.Duration) {
	p.bound.timer++
	p.do(StartTimer{Timer{"", bindTimer, p.bound.timer}, after})
}

// time: the answer does not come, or it is time to register again.
func (p *Phone) time(t Timer) {
	if t.Kind == messageTimer {
		p.sweep()
		return
	}
	b := &p.bound
	if t.Kind != bindTimer || t.Seq != b.timer || !b.on {
		return
	}
	if reply := b.reply; reply != nil {
		b.reply = nil
		reply.Done(ximss.ErrUnavailable)
		p.withdraw()
		return
	}
	p.register(p.limits.Expires)
}

// refusal is the status of a signal as a client reads it in a response.
func refusal(status int, reason string) *ximss.Error {
	if reason == "" {
		reason = signal.ReasonPhrase(status)
	}
	num := ximss.NumInternal
	switch {
	case status == 404 || status == 480 || status == 408:
		num = ximss.NumObject
	case status == 403:
		num = ximss.NumLimit
	case status < 500 || status >= 600:
		num = ximss.NumState
	}
	return &ximss.Error{Num: num, Text: reason}
}
