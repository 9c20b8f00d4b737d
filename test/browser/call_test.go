package browser

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"tandem/test/lab"
)

// second is how long a phone has to hear a tone.
const second = time.Second

// sound is the loudest frequency that a page hears.
type sound struct{ Hz, DB float64 }

// count is what a page's connection says of its audio.
type count struct {
	Received, Lost, Sent int
	Codec                string
}

// get evaluates an expression of the page, a promise too.
func get[T any](p *page, expression string) T {
	p.t.Helper()
	within, end := context.WithTimeout(p.tab, patience)
	defer end()
	out, err := chromedp.Run(within, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		p.t.Fatalf("the page of %s: %v", p.number, err)
	}
	return out
}

// hears waits until a tone of that frequency is the loudest thing that the page hears.
func (p *page) hears(hz float64) {
	p.t.Helper()
	var last sound
	lab.Wait(p.t, patience, fmt.Sprintf("the page of %s does not hear %v Hz", p.number, hz), func() bool {
		last = get[sound](p, "heard()")
		return last.DB > -60 && last.Hz > hz-20 && last.Hz < hz+20
	})
}

// TestEchoInPage: a page calls the echo and hears its own tone.
func TestEchoInPage(t *testing.T) {
	d := open(t)
	p := d.registered("1000")
	p.do("call(%q, 700)", uri("9196"))
	p.await("confirmed")
	p.hears(700)
	legs := d.Legs()
	if len(legs) != 1 || legs[0].Encryption != "DTLS-SRTP" {
		t.Errorf("legs: %+v", legs)
	}
	if n := get[count](p, "counted()"); n.Received == 0 || n.Sent == 0 {
		t.Errorf("counted %+v", n)
	}
	p.do("session.of.terminate()")
	p.await("ended")
}

// TestPagesCall: two pages call each other, hear each other's tone, hold and take back, and change their networks.
func TestPagesCall(t *testing.T) {
	d := open(t)
	a, b := d.registered("1000"), d.registered("1001")
	a.do("call(%q, 500)", uri(b.number))
	if e := b.await("call"); e.From != a.number {
		t.Errorf("called by %q", e.From)
	}
	a.await("progress")
	b.do("answer(900)")
	a.await("confirmed")
	a.hears(900)
	b.hears(500)

	a.do("session.of.hold()")
	a.await("hold")
	b.hearsNot(500)
	a.do("session.of.unhold()")
	a.await("unhold")
	b.hears(500)
	a.hears(900)

	a.do("session.of.renegotiate({ rtcOfferConstraints: { iceRestart: true } }, () => tell('restarted'))")
	a.await("restarted")
	before := get[count](a, "counted()").Received
	lab.Wait(t, patience, "nothing comes after an ICE restart", func() bool {
		return get[count](a, "counted()").Received > before+100
	})
	b.hears(500)

	b.do("session.of.terminate()")
	a.await("ended")
	for _, r := range d.Records() {
		if r.Encryption != "DTLS-SRTP" || r.Media.Received == 0 {
			t.Errorf("record %+v", r)
		}
	}
}

// TestPagesCallInOpus: two pages talk Opus where the settings name it: their packets are passed on. A page that is held hears
// music, in whatever codec the member can encode, and afterwards they hear each other again.
func TestPagesCallInOpus(t *testing.T) {
	d := open(t, "media.codecs=PCMU,PCMA,G722,opus")
	a, b := d.registered("1000"), d.registered("1001")
	a.do("call(%q, 500)", uri(b.number))
	b.await("call")
	a.await("progress")
	b.do("answer(900)")
	a.await("confirmed")
	a.hears(900)
	b.hears(500)
	for _, p := range []*page{a, b} {
		if n := get[count](p, "counted()"); n.Codec != "audio/opus" {
			t.Errorf("the page of %s has %+v", p.number, n)
		}
	}
	a.do("session.of.hold()")
	a.await("hold")
	b.hearsNot(500)
	before := get[count](b, "counted()").Received
	lab.Wait(t, patience, "the held page gets no music", func() bool {
		return get[count](b, "counted()").Received > before+50
	})
	a.do("session.of.unhold()")
	a.await("unhold")
	b.hears(500)
	a.hears(900)
	b.do("session.of.terminate()")
	a.await("ended")
}

// hearsNot waits until a tone is gone.
func (p *page) hearsNot(hz float64) {
	p.t.Helper()
	lab.Wait(p.t, patience, fmt.Sprintf("the page of %s still hears %v Hz", p.number, hz), func() bool {
		s := get[sound](p, "heard()")
		return s.DB < -60 || s.Hz < hz-20 || s.Hz > hz+20
	})
}

// TestPageWithPhoneCall: a page and a phone with plain audio call each other. Neither is asked to transcode what both
// can do.
func TestPageWithPhoneCall(t *testing.T) {
	d := open(t)
	p, phone := d.registered("1000"), d.Phone(t, "1001")
	phone.Register(300)
	p.do("call(%q, 500)", uri(phone.User))
	c := phone.Await()
	c.Say(900)
	c.Answer()
	p.await("confirmed")
	p.hears(900)
	c.AwaitTones(t, second, 500)
	if n := get[count](p, "counted()"); n.Codec != "audio/PCMU" {
		t.Errorf("the page has %+v", n)
	}
	p.do("session.of.terminate()")
	c.AwaitEnd()

	calls := make(chan *lab.Call, 1)
	go func() { calls <- phone.Call(p.number) }()
	p.await("call")
	p.do("answer(600)")
	c = <-calls
	if c.Status != 200 {
		t.Fatalf("the page is called: %d", c.Status)
	}
	c.Say(800)
	p.hears(800)
	c.AwaitTones(t, second, 600)
	c.Hangup()
	p.await("ended")
}

// TestPageRefusesAndLeaves: what a page does to a call reaches the other side, also when the page is just closed.
func TestPageRefusesAndLeaves(t *testing.T) {
	d := open(t)
	p, phone := d.registered("1000"), d.Phone(t, "1001")
	calls := make(chan *lab.Call, 1)
	go func() { calls <- phone.Call(p.number) }()
	p.await("call")
	p.do("session.of.terminate({ status_code: 486 })")
	if c := <-calls; c.Status != 486 {
		t.Errorf("refused with %d", c.Status)
	}
	go func() { calls <- phone.Call(p.number) }()
	p.await("call")
	p.do("answer(600)")
	c := <-calls
	c.AwaitTones(t, second, 600)
	p.close()
	c.AwaitEnd()
}

// attentive plays a tone until a key is pressed, and another one after the key 5.
const attentive = `
entry main is
  if AcceptCall() != null then stop; end if;
  PlayTone(440, 60000);
  got = ReadInput(60);
  if got == "5" then PlayTone(880, 60000); end if;
  Void(ReadInput(60));
end entry;
`

// TestPageWithProgram: a page hears what a program plays, and the program hears the page's key, which Chromium sends as
// a telephone event.
func TestPageWithProgram(t *testing.T) {
	d := open(t)
	d.Program("attentive.sppr", attentive)
	err := d.Ask("POST", "accounts", map[string]any{"aor": "attentive@" + lab.Domain, "password": "attentive-1",
		"forward": map[string]string{"all": "attentive#attentive"}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	p := d.registered("1000")
	p.do("call(%q, 3000)", uri("attentive"))
	p.await("confirmed")
	p.hears(440)
	p.do("session.of.sendDTMF('5', { transportType: 'RFC2833' })")
	p.hears(880)
	p.do("session.of.terminate()")
	p.await("ended")
}
