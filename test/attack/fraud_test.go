package attack

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"tandem/test/lab"
)

// premium is a number that costs money, and that account 1000 alone may call.
const premium = "0049900555"

// fraud is a member with a carrier, and what that has heard.
type fraud struct {
	*witness
	far  *lab.Phone // the carrier: its calls come from the trunk, and calls over the trunk reach it
	seen int        // of its INVITEs, those that a test has looked at
}

// TestTollFraud tries to call a number that costs money without the right to (attack group A19): by dial strings, by
// transfers from the trunk and from phones, by redirections, by forwarding and by names that are not the caller's.
func TestTollFraud(t *testing.T) {
	t.Parallel()
	lab.Long(t)
	nobody := &lab.Member{Bind: "127.0.69.130", Ports: lab.Ports{UDP: 9}}
	far := nobody.PhoneAt(t, "+4989123456", nobody.Bind)
	far.Domain = "carrier.example"
	_, target, _ := strings.Cut(far.Contact(), "@")
	w := newWitness(t, fmt.Sprintf("trunks.list=[{name: carrier, targets: [%q], domain: carrier.example}]", target),
		`trunks.numbers=[{match: "00n.", trunks: [carrier], strip: 2, prepend: "+", callers: ["1000@tandem.local"]}]`,
		`trunks.incoming=[{trunk: carrier, match: "+4989n.", strip: 5}]`)
	far.Move(w.Member)
	f := &fraud{witness: w, far: far}
	p, q := w.Phone(t, "1000"), w.Phone(t, "1001")
	p.Register(300)
	q.Register(300)
	t.Run("dial strings", func(t *testing.T) { f.dialStrings(t, p, q) })
	t.Run("calls from the trunk", func(t *testing.T) { f.fromTrunk(t) })
	t.Run("names of others", func(t *testing.T) { f.spoofed(t) })
	t.Run("transfers", func(t *testing.T) { f.transfers(t, p, q) })
	t.Run("redirections", func(t *testing.T) { f.redirections(t, p, q) })
	t.Run("forwarding", func(t *testing.T) { f.forwarding(t, q) })
	w.unharmed(t)
	p.Register(0)
	q.Register(0)
	w.over(t)
}

// invites are the INVITEs that the carrier has heard since it was asked last.
func (f *fraud) invites() (fresh []string) {
	var all []string
	for _, text := range f.far.Asked() {
		if strings.HasPrefix(text, "INVITE ") && !strings.Contains(header(text, "To"), "tag=") {
			all = append(all, text)
		}
	}
	fresh = all[f.seen:]
	f.seen = len(all)
	return fresh
}

// nothing demands that the carrier has heard of no call, and makes one that it must hear: so it is not too early.
func (f *fraud) nothing(t *testing.T, what string, allowed *lab.Phone) {
	t.Helper()
	go func() { (<-f.far.Incoming()).Refuse("486 Busy Here") }()
	if c := allowed.Call("0049111"); c.Status != 486 {
		t.Fatalf("who may call is answered %d %s", c.Status, c.Reason)
	}
	own := 0
	for _, text := range f.invites() {
		if strings.HasPrefix(text, "INVITE sip:+49111@") {
			own++
		} else {
			t.Errorf("%s: the carrier is asked for %q", what, strings.SplitN(text, "\r\n", 2)[0])
		}
	}
	if own == 0 {
		t.Errorf("%s: the carrier's list does not even show the call that it has heard", what)
	}
}

// soundNumber is a number as a carrier may be shown one.
var soundNumber = regexp.MustCompile(`^INVITE sip:\+?([0-9*#]|%23)+@[^;?\s]+(;transport=udp)? SIP/2\.0\r\n`)

func (f *fraud) dialStrings(t *testing.T, p, q *lab.Phone) {
	_, carrier, _ := strings.Cut(f.far.Contact(), "@")
	evil := []string{premium, "+" + premium[2:], premium + ";phone-context=+49", premium + ";ext=1", "sip:" + premium + "@carrier.example",
		"sip:" + premium + "@" + carrier, "sip:" + premium + "@" + lab.Domain + ";transport=tcp", "sip:" + premium + "@" + lab.Domain + "?Route=%3Csip:" + carrier + "%3E",
		"sip:%30%30%34%39900555@" + lab.Domain, "sip:00-49(900)555@" + lab.Domain, "sip:" + premium + "%40carrier.example@" + lab.Domain, "sip:" + premium + "%26x@" + lab.Domain,
		"sip:" + premium + "%0d%0aX-Evil:1@" + lab.Domain, "sip:" + premium + "%00@" + lab.Domain, "sip:" + premium + ",1001@" + lab.Domain, "sip:" + premium + "&1001@" + lab.Domain,
		"sip:*" + premium + "@" + lab.Domain, "sip:1001;" + premium + "@" + lab.Domain + ";user=phone", "tel:" + premium, "tel:+49900555;phone-context=" + lab.Domain,
		"sip:carrier#" + premium + "@" + lab.Domain, "sip:" + premium + "@~carrier", "sip:~carrier@" + lab.Domain, "sip:" + premium + "#" + premium + "@" + lab.Domain}
	for _, number := range evil {
		if c := q.Call(number, "Route: <sip:"+carrier+";lr>"); c.Status < 400 {
			t.Errorf("%s, who may not: answered %d", number, c.Status)
		}
	}
	f.nothing(t, "an account that may not", p)
	refuse := make(chan bool)
	go func() { // it is refused whatever it is
		for {
			select {
			case c := <-f.far.Incoming():
				c.Refuse("486 Busy Here")
			case <-refuse:
				return
			}
		}
	}()
	for _, number := range evil {
		p.Call(number)
	}
	close(refuse)
	for _, text := range f.invites() {
		if !soundNumber.MatchString(text) || header(text, "X-Evil") != "" {
			t.Errorf("of somebody who may call, the carrier is asked for %q", strings.SplitN(text, "\r\n", 2)[0])
		}
	}
}

// fromTrunk calls the world, programs and services from the trunk.
func (f *fraud) fromTrunk(t *testing.T) {
	for _, number := range []string{premium, "+" + premium[2:], "sip:+4989" + premium + "@carrier.example", "sip:+4989" + premium + "@" + lab.Domain, "sip:pbx#calm@" + lab.Domain,
		"sip:+4989pbx#calm@" + lab.Domain, "sip:" + premium + "@" + lab.Domain, "sip:calm#calm@" + lab.Domain, "tel:" + premium} {
		c := f.far.Call(number, "Diversion: <sip:1000@"+lab.Domain+">", "P-Asserted-Identity: <sip:1000@"+lab.Domain+">", "Referred-By: <sip:1000@"+lab.Domain+">",
			"Remote-Party-ID: <sip:1000@"+lab.Domain+">", "History-Info: <sip:1000@"+lab.Domain+">")
		if c.Status < 400 {
			t.Errorf("from the trunk to %s: answered %d", number, c.Status)
		}
	}
	if fresh := f.invites(); len(fresh) > 0 {
		t.Errorf("calls from the trunk go out again: %.200q", fresh)
	}
}

// spoofed calls as somebody else, from elsewhere and from the trunk's own address.
func (f *fraud) spoofed(t *testing.T) {
	stranger := f.PhoneAt(t, "1000", "127.0.69.131")
	stranger.Password = "guess"
	for _, line := range []string{"P-Asserted-Identity: <sip:1000@" + lab.Domain + ">", "Remote-Party-ID: <sip:1000@" + lab.Domain + ">;party=calling", "Authorization: Digest username=\"1000\"",
		"X-Trunk: carrier", "Via: SIP/2.0/UDP 127.0.69.130:5060;branch=z9hG4bKx", "Record-Route: <sip:127.0.69.130;lr>"} {
		if c := stranger.Call(premium, line); c.Status < 400 {
			t.Errorf("a stranger with %s: answered %d", line, c.Status)
		}
	}
	f.far.User, f.far.Domain, f.far.Password = "1000", lab.Domain, "guess"
	if c := f.far.Call(premium); c.Status < 400 {
		t.Errorf("the trunk as an account: answered %d", c.Status)
	}
	f.far.User, f.far.Domain = "+4989123456", "carrier.example"
	if fresh := f.invites(); len(fresh) > 0 {
		t.Errorf("strangers call out: %.200q", fresh)
	}
}

// transfers sends the other party of a call to the number: from the trunk, and by a phone that may not call it.
func (f *fraud) transfers(t *testing.T, p, q *lab.Phone) {
	answer := func(who *lab.Phone) <-chan *lab.Call {
		made := make(chan *lab.Call, 1)
		go func() {
			c := who.Await()
			c.Answer()
			made <- c
		}()
		return made
	}
	refer := func(c *lab.Call, to string) {
		switch status := c.Ask("REFER", "", "", "Refer-To: <"+to+">", "Referred-By: <sip:1000@"+lab.Domain+">"); status {
		case 200, 202, 400, 403, 404, 416, 603: // it was considered
		default:
			t.Errorf("REFER to %.60s: %d", to, status)
		}
	}
	everywhere := []string{"sip:" + premium + "@" + lab.Domain, "sip:" + premium + "@carrier.example", f.far.Contact(), "tel:" + premium, "sip:" + premium + "@" + lab.Domain + ";method=INVITE?Route=x"}
	for _, to := range everywhere {
		near := answer(q)
		c := f.far.Call("sip:+49891001@carrier.example") // a call from the trunk, whose caller transfers
		if c.Status != 200 {
			t.Fatalf("a call from the trunk: %d %s", c.Status, c.Reason)
		}
		refer(c, to)
		called := <-near
		f.nothing(t, "a transfer from the trunk to "+to, p)
		called.Hangup()
		c.Hangup()

		near = answer(q)
		c = p.Call("1001") // the called one may not call the number, the caller may
		if c.Status != 200 {
			t.Fatalf("a call: %d %s", c.Status, c.Reason)
		}
		called = <-near
		refer(called, to)
		f.nothing(t, "a transfer by who may not, to "+to, p)
		called.Hangup()
		c.Hangup()
	}
	distant := answer(f.far)
	c := p.Call("0049222") // a call over the trunk, whose callee transfers
	if c.Status != 200 {
		t.Fatalf("a call over the trunk: %d %s", c.Status, c.Reason)
	}
	called := <-distant
	f.invites()
	refer(called, "sip:"+premium+"@"+lab.Domain)
	f.nothing(t, "a transfer by the carrier", p)
	called.Hangup()
	c.Hangup()
}

// redirections answer a call with another address.
func (f *fraud) redirections(t *testing.T, p, q *lab.Phone) {
	for _, to := range []string{"sip:" + premium + "@" + lab.Domain, f.far.Contact(), "tel:" + premium} {
		go func() { q.Await().Refuse("302 Moved Temporarily\r\nContact: <" + to + ">") }()
		if c := p.Call("1001"); c.Status < 400 {
			t.Errorf("a phone that sends to %s: answered %d", to, c.Status)
		}
		f.nothing(t, "a phone that sends to "+to, p)
		go func() { q.Await().Refuse("302 Moved Temporarily\r\nContact: <" + to + ">") }()
		if c := f.far.Call("sip:+49891001@carrier.example"); c.Status < 400 {
			t.Errorf("a phone that sends a call from the trunk to %s: answered %d", to, c.Status)
		}
		f.nothing(t, "a phone that sends a call from the trunk to "+to, p)
	}
	go func() { f.far.Await().Refuse("302 Moved Temporarily\r\nContact: <sip:+49900555@carrier.example>") }()
	if c := p.Call("0049333"); c.Status < 400 {
		t.Errorf("a carrier that sends elsewhere: answered %d", c.Status)
	}
	for _, text := range f.invites() {
		if !strings.HasPrefix(text, "INVITE sip:+49333@") {
			t.Errorf("a carrier that sends elsewhere is asked for %q", strings.SplitN(text, "\r\n", 2)[0])
		}
	}
}

// forwarding has accounts that may not call the number forward to it, and forward to each other in a circle.
func (f *fraud) forwarding(t *testing.T, q *lab.Phone) {
	accounts := map[string]string{"7701": premium, "7702": "7703", "7703": "7702", "7704": "7704", "7705": "7701"}
	for user, to := range accounts {
		if err := f.Ask(http.MethodPost, "accounts", map[string]any{"aor": user + "@" + lab.Domain, "password": "pass-" + user, "forward": map[string]string{"all": to}}, nil); err != nil {
			t.Fatal(err)
		}
		f.accounts++
	}
	for user, to := range accounts {
		for who, call := range map[string]func() *lab.Call{
			"an account": func() *lab.Call { return q.Call(user) },
			"the trunk":  func() *lab.Call { return f.far.Call("sip:+4989" + user + "@carrier.example") },
		} {
			began := time.Now()
			c := call()
			t.Logf("%s calls %s, which forwards to %s: %d %s after %v", who, user, to, c.Status, c.Reason, time.Since(began).Round(time.Millisecond))
			if c.Status < 400 {
				t.Errorf("%s calls %s, which forwards to %s: answered %d", who, user, to, c.Status)
			}
		}
	}
	if fresh := f.invites(); len(fresh) > 0 {
		t.Errorf("who may not call the number forwards to it: %.200q", fresh)
	}
}
