package lab

import (
	"crypto/rand"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// Call is one call of a Phone. It sends and keeps G.711 audio from its answer on.
type Call struct {
	*Ear
	Status int    // of the INVITE
	Reason string // its words
	SDP    string // the answer to CallOffering
	From   string // who calls, of a call that came in

	phone   *Phone
	t       testing.TB
	invite  sipMessage // of a call that came in
	callID  string
	tag     string // ours
	us, him string // name-addr with tag: From and To of our requests
	target  string
	route   []string

	mu    sync.Mutex
	fax   string // its SDP answer to an offer of a fax
	asks  string // that offer
	cseq  int
	ack   string
	bye   string // Reason of the BYE that ended it
	ended chan struct{}
	once  sync.Once
}

// Call calls a number and waits for the final response; a status of 200 is a call that is established. More
// are header lines of the INVITE.
func (p *Phone) Call(number string, more ...string) *Call {
	p.t.Helper()
	ear := p.newEar()
	c, answer := p.invite(number, ear, ear.sdp(), 0, more)
	if c.Status == 200 {
		c.connect(mediaOf(answer))
	}
	return c
}

// CallAs calls a number as Call does, with the audio of a browser instead of G.711 in the clear, and returns when that
// is secured.
func (p *Phone) CallAs(b *Browser, number string, more ...string) *Call {
	p.t.Helper()
	c, answer := p.invite(number, p.newEar(), b.Offer("0 126"), 0, more)
	if c.Status == 200 {
		if err := b.Connect(answer); err != nil {
			p.t.Errorf("the audio of a call to %s: %v", number, err)
		}
	}
	return c
}

// CallOffering calls a number with an SDP offer of the test's own, whose answer is in SDP, and no audio.
func (p *Phone) CallOffering(number, offer string, more ...string) *Call {
	p.t.Helper()
	c, answer := p.invite(number, p.newEar(), offer, 0, more)
	c.SDP = answer
	return c
}

// Try calls a number, and cancels that when it has rung for so long. A call that was answered before is established.
func (p *Phone) Try(number string, ringing time.Duration) *Call {
	p.t.Helper()
	ear := p.newEar()
	c, answer := p.invite(number, ear, ear.sdp(), ringing, nil)
	if c.Status == 200 {
		c.connect(mediaOf(answer))
	}
	return c
}

// invite sends an INVITE with an SDP offer and returns the answer's body, if it was a 200. One that rings is cancelled
// after a time, if that is not 0.
func (p *Phone) invite(number string, ear *Ear, offer string, ringing time.Duration, more []string) (*Call, string) {
	p.t.Helper()
	c := &Call{phone: p, t: p.t, callID: rand.Text(), tag: rand.Text(), Ear: ear, ended: make(chan struct{})}
	uri := number
	if !strings.Contains(uri, ":") {
		uri = fmt.Sprintf("sip:%s@%s", number, p.Domain)
	}
	r := &sipRequest{method: "INVITE", uri: uri, to: "<" + uri + ">", callID: c.callID, tag: c.tag, cseq: 1,
		extra: more, kind: "application/sdp", body: offer, cancel: ringing}
	c.us = p.from() + ";tag=" + c.tag
	p.keep(c)
	m := p.ask(r)
	c.Status, c.cseq = m.status(), r.cseq
	_, c.Reason, _ = strings.Cut(m.start, fmt.Sprint(c.Status, " "))
	if c.Status != 200 {
		c.end()
		return c, ""
	}
	c.him, c.target = m.get("To"), uriOf(m.get("Contact"))
	routes := m.all("Record-Route")
	for i := len(routes) - 1; i >= 0; i-- { // RFC 3261 section 12.1.2
		c.route = append(c.route, "Route: "+routes[i])
	}
	c.acknowledge()
	return c, m.body
}

// keep makes a call known, so that requests of the member find it.
func (p *Phone) keep(c *Call) { p.mu.Lock(); p.calls[c.callID] = c; p.mu.Unlock() }

func (c *Call) acknowledge() {
	c.mu.Lock()
	if c.ack == "" {
		c.ack = c.phone.text(sipRequest{method: "ACK", uri: c.target, to: c.him, callID: c.callID, tag: c.tag, cseq: c.cseq,
			extra: c.route}, "z9hG4bK"+rand.Text())
	}
	ack := c.ack
	c.mu.Unlock()
	c.phone.write(ack)
}

// ring takes an INVITE that begins a call.
func (p *Phone) ring(m sipMessage) {
	c := &Call{phone: p, t: p.t, callID: m.get("Call-ID"), tag: rand.Text(), Ear: p.newEar(), ended: make(chan struct{}),
		invite: m, From: m.get("From"), him: m.get("From"), target: uriOf(m.get("Contact"))}
	for _, r := range m.all("Record-Route") {
		c.route = append(c.route, "Route: "+r)
	}
	p.keep(c)
	p.write(m.response("180 Ringing", "", ""))
	select {
	case p.incoming <- c:
	default:
		p.write(m.response("486 Busy Here", "", ""))
	}
}

// Await waits for a call that comes in.
func (p *Phone) Await() *Call {
	p.t.Helper()
	select {
	case c := <-p.incoming:
		return c
	case <-time.After(patience):
		p.t.Fatalf("nobody has called %s", p.User)
		return nil
	}
}

// Incoming are the calls that come in, for phones that answer whoever calls.
func (p *Phone) Incoming() <-chan *Call { return p.incoming }

// Answer answers a call that came in.
func (c *Call) Answer() {
	c.Status = 200
	c.connect(mediaOf(c.invite.body))
	c.phone.write(c.tagged(c.invite).response("200 OK", "Contact: <"+c.phone.Contact()+">", c.sdp()))
}

// Refuse refuses a call that came in, "486 Busy Here".
func (c *Call) Refuse(status string) {
	c.phone.write(c.tagged(c.invite).response(status, "", ""))
	c.end()
}

// tagged gives a request that began a dialog our tag.
func (c *Call) tagged(m sipMessage) sipMessage {
	fields := append([][2]string{}, m.fields...)
	for i, f := range fields {
		if strings.EqualFold(f[0], "To") && !strings.Contains(f[1], "tag=") {
			fields[i][1] += ";tag=" + c.tag
		}
	}
	m.fields = fields
	return m
}

// asked answers a request within the call.
func (c *Call) asked(m sipMessage) {
	switch m.method() {
	case "ACK":
	case "BYE":
		if challenge := c.phone.Challenge; challenge != "" && m.get("Proxy-Authorization") == "" {
			c.phone.write(m.response("407 Proxy Authentication Required", "Proxy-Authenticate: "+challenge, ""))
			c.end() // for the member it is over all the same (RFC 3261 section 15.1.1)
			return
		}
		c.phone.write(m.response("200 OK", "", ""))
		c.mu.Lock()
		c.bye = m.get("Reason")
		c.mu.Unlock()
		c.end()
	case "CANCEL":
		c.phone.write(m.response("200 OK", "", ""))
		c.phone.write(c.tagged(c.invite).response("487 Request Terminated", "", ""))
		c.end()
	case "INVITE":
		if c.Status != 200 { // a repeat of the one that rings
			return
		}
		if strings.Contains(m.body, "m=image ") {
			c.phone.write(c.becomeFax(m))
			return
		}
		if at := mediaOf(m.body); at != nil {
			c.connect(at)
		}
		c.phone.write(c.tagged(m).response("200 OK", "Contact: <"+c.phone.Contact()+">", c.sdp()))
	default:
		c.phone.write(m.response("200 OK", "", ""))
	}
}

// TakeFax lets the call become a fax with that SDP answer, where the other side wants it; before that it refuses.
func (c *Call) TakeFax(answer string) { c.mu.Lock(); c.fax = answer; c.mu.Unlock() }

// FaxOffer is the SDP offer by which the call became a fax, "" where it is none.
func (c *Call) FaxOffer() string { c.mu.Lock(); defer c.mu.Unlock(); return c.asks }

// becomeFax is the response to an INVITE that offers a fax.
func (c *Call) becomeFax(m sipMessage) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.fax == "" {
		return c.tagged(m).response("488 Not Acceptable Here", "", "")
	}
	c.asks = m.body
	return c.tagged(m).response("200 OK", "Contact: <"+c.phone.Contact()+">", c.fax)
}

// Ask sends a request within the call and returns the status of its response, 0 when none came.
func (c *Call) Ask(method, kind, body string, more ...string) int {
	c.mu.Lock()
	c.cseq += 2
	cseq := c.cseq
	c.mu.Unlock()
	return c.phone.ask(&sipRequest{method: method, uri: c.target, to: c.him, callID: c.callID, tag: c.tag, cseq: cseq,
		extra: append(append([]string{}, c.route...), more...), kind: kind, body: body}).status()
}

// Reoffer sends an SDP offer inside the call and returns the answer, "" if it was refused.
func (c *Call) Reoffer(offer string) (answer string) {
	c.mu.Lock()
	c.cseq += 2
	r := &sipRequest{method: "INVITE", uri: c.target, to: c.him, callID: c.callID, tag: c.tag, cseq: c.cseq,
		extra: slices.Clone(c.route), kind: "application/sdp", body: offer}
	c.mu.Unlock()
	m := c.phone.ask(r)
	if m.status() != 200 {
		return ""
	}
	c.mu.Lock()
	c.ack = "" // the next one is that of this INVITE
	c.cseq = r.cseq
	c.mu.Unlock()
	c.acknowledge()
	return m.body
}

// Throw sends a request within the call and does not wait for a response, nor repeat it.
func (c *Call) Throw(method, kind, body string) {
	c.mu.Lock()
	c.cseq += 2
	cseq := c.cseq
	c.mu.Unlock()
	c.phone.write(c.phone.text(sipRequest{method: method, uri: c.target, to: c.him, callID: c.callID, tag: c.tag,
		cseq: cseq, extra: c.route, kind: kind, body: body}, "z9hG4bK"+rand.Text()))
}

// Hangup ends the call from our side.
func (c *Call) Hangup() {
	c.t.Helper()
	if s := c.Ask("BYE", "", ""); s != 200 && s != 481 {
		c.t.Errorf("the BYE of %s got %d", c.phone.User, s)
	}
	c.end()
}

// Refer asks to transfer the other party to a number.
func (c *Call) Refer(number string) {
	c.t.Helper()
	if s := c.Ask("REFER", "", "", fmt.Sprintf("Refer-To: <sip:%s@%s>", number, c.phone.Domain)); s/100 != 2 {
		c.t.Errorf("the REFER of %s got %d", c.phone.User, s)
	}
}

// Attend asks to join the other party with that of another call of this phone (RFC 3515; RFC 3891 section 3: the tags as
// the receiver has them).
func (c *Call) Attend(other *Call) {
	c.t.Helper()
	_, theirs, _ := strings.Cut(other.him, ";tag=")
	theirs, _, _ = strings.Cut(theirs, ";")
	replaces := url.QueryEscape(fmt.Sprintf("%s;to-tag=%s;from-tag=%s", other.callID, theirs, other.tag))
	if s := c.Ask("REFER", "", "", fmt.Sprintf("Refer-To: <%s?Replaces=%s>", other.target, replaces)); s/100 != 2 {
		c.t.Errorf("the REFER of %s with Replaces got %d", c.phone.User, s)
	}
}

func (c *Call) end() { c.once.Do(func() { close(c.ended); c.close() }) }

// Ended is closed when the call has ended.
func (c *Call) Ended() <-chan struct{} { return c.ended }

// ID is the Call-ID.
func (c *Call) ID() string { return c.callID }

// Why is the Reason field of the BYE that ended the call, as the member gave it.
func (c *Call) Why() string { c.mu.Lock(); defer c.mu.Unlock(); return c.bye }

// AwaitEnd waits until the call has ended, whoever ends it.
func (c *Call) AwaitEnd() {
	c.t.Helper()
	select {
	case <-c.ended:
	case <-time.After(patience):
		c.t.Fatalf("the call of %s has not ended", c.phone.User)
	}
}

// InfoKeys presses keys by INFO requests, one after the other (application/dtmf-relay).
func (c *Call) InfoKeys(keys string) {
	c.t.Helper()
	for _, key := range keys {
		if s := c.Ask("INFO", "application/dtmf-relay", fmt.Sprintf("Signal=%c\r\nDuration=160\r\n", key)); s != 200 {
			c.t.Errorf("the INFO of %s got %d", c.phone.User, s)
		}
	}
}
