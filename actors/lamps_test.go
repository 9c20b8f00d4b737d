package actors

import (
	"strings"
	"testing"
	"time"

	"tandem/actors/acttest"
	"tandem/actors/pbx/storage"
	"tandem/signal"
)

// leave leaves a voice message for alice.
func leave(t *testing.T, h *House, id string) string {
	t.Helper()
	name, err := h.storage.Deliver(t.Context(), "1000@tandem.local", storage.Message{From: "x@y", Received: time.Now(), Sound: []byte("RIFF")}, id)
	if err != nil {
		t.Fatal(err)
	}
	return name
}

// lamp waits for a NOTIFY of the message lamp, answers it and returns its line about voice messages.
func (p *phone) lamp() string {
	p.Helper()
	n := p.await("NOTIFY ")
	p.reply(n, "200 OK")
	if field(n, "Event: ") != "message-summary" || field(n, "Content-Type: ") != "application/simple-message-summary" {
		p.Errorf("it is no lamp: %s", n)
	}
	state, _, _ := strings.Cut(field(n, "Subscription-State: "), ";")
	return state + " " + field(n, "Voice-Message: ")
}

func (p *phone) shows(what, want string) {
	p.Helper()
	if got := p.lamp(); got != want {
		p.Errorf("%s: the phone shows %q, want %q", what, got, want)
	}
}

// comesToShow is for changes that are made in steps, of which some may be seen.
func (p *phone) comesToShow(what, want string) {
	p.Helper()
	for range 3 {
		if p.lamp() == want {
			return
		}
	}
	p.Errorf("%s: the phone does not come to show %q", what, want)
}

// Phones are told when they register, when something changes, and after a restart.
func TestLampOfRegisteredPhones(t *testing.T) {
	c := settingsOf(t.TempDir())
	h, err := open(t, liveOf(t, c, ""))
	if err != nil {
		t.Fatal(err)
	}
	first := leave(t, h, "one")
	p := newPhone(t, h)
	registerPhone(p, h, "1000@tandem.local", "a")
	p.shows("registered", "terminated 1/0 (0/0)")
	registerPhone(p, h, "1000@tandem.local", "b")
	p.shows("registered anew", "terminated 1/0 (0/0)")
	second := leave(t, h, "two")
	p.shows("a second message", "terminated 2/0 (0/0)")
	if err := h.storage.MarkHeard(t.Context(), "1000@tandem.local", first); err != nil {
		t.Fatal(err)
	}
	p.comesToShow("one is heard", "terminated 1/1 (0/0)")
	local := p.sip.LocalAddr().String()
	c.SIP.UDP = h.Ports()["sip_udp"]
	stop(t, h)
	_ = p.sip.Close()
	h = start(t, c) // on the port that the phone knows
	again := newPhoneAt(t, h, local)
	again.shows("after a restart", "terminated 1/1 (0/0)")
	for _, name := range []string{"voicemail/new/" + second, "voicemail/old/" + first} {
		if err := h.storage.Delete(t.Context(), "1000@tandem.local", name); err != nil {
			t.Fatal(err)
		}
	}
	again.comesToShow("all are deleted", "terminated 0/0 (0/0)")
}

// A phone that subscribes is told within its subscription, and only of its own account.
func TestLampSubscription(t *testing.T) {
	h := start(t, settingsOf(t.TempDir()))
	p := newPhone(t, h)
	subscribe := func(c call, uri, expires string) {
		p.Helper()
		c.target = uri
		p.send("SUBSCRIBE", c, "Event: message-summary\r\nExpires: "+expires+"\r\n", "")
	}
	subscribe(call{id: "s", to: "<sip:1000@tandem.local>"}, "sip:1000@tandem.local", "600")
	if r := p.await("SIP/2.0 "); !strings.HasPrefix(r, "SIP/2.0 407") {
		t.Fatalf("without a password: %s", r)
	}
	p.send("SUBSCRIBE", call{id: "x", to: "<sip:1000@tandem.local>", target: "sip:1000@tandem.local"}, "Event: reg\r\n", "")
	if r := p.await("SIP/2.0 489"); !strings.Contains(field(r, "Allow-Events: "), "message-summary") {
		t.Errorf("another event: %s", r)
	}
	// From here on its credentials count as checked.
	flow := registeredFlow(p, h)
	party := signal.Party{URI: signal.URI{Scheme: "sip", User: "1000", Host: "tandem.local"}}
	h.ingress.Receive(&signal.Request{ID: "z9hG4bK1", Method: signal.SUBSCRIBE, URI: party.URI, From: party.WithTag("phone"), To: party, CallID: "s",
		CSeq: 1, Contacts: []signal.Party{{URI: signal.URI{Scheme: "sip", User: "1000", Host: flow.Remote.Addr().String(), Port: int(flow.Remote.Port())}}},
		Headers: signal.Headers{{Name: "Event", Value: "message-summary"}, {Name: "Expires", Value: "600"}},
		Origin:  signal.Origin{Account: "1000@tandem.local", Flow: flow}})
	n := p.await("NOTIFY ")
	p.reply(n, "200 OK")
	if !strings.HasPrefix(field(n, "Subscription-State: "), "active") || field(n, "Voice-Message: ") != "0/0 (0/0)" {
		t.Fatalf("the first NOTIFY: %s", n)
	}
	leave(t, h, "one")
	p.shows("a message", "active 1/0 (0/0)")
	registerPhone(p, h, "1000@tandem.local", "r") // who has subscribed is not told a second time
	leave(t, h, "two")
	p.shows("a second message", "active 2/0 (0/0)")
	dialog := call{id: "s", to: field(n, "From: "), target: strings.Trim(field(n, "Contact: "), "<>")}
	p.number = 1
	subscribe(dialog, dialog.target, "60")
	if r := p.await("SIP/2.0 200"); field(r, "Expires: ") != "60" {
		t.Errorf("refreshed: %s", r)
	}
	p.shows("refreshed", "active 2/0 (0/0)")
	subscribe(dialog, dialog.target, "0")
	p.await("SIP/2.0 200")
	p.shows("ended", "terminated 2/0 (0/0)")
	subscribe(dialog, dialog.target, "60")
	p.await("SIP/2.0 481")
	leave(t, h, "three")
	p.shows("without a subscription", "terminated 3/0 (0/0)")
	acttest.Until(t, "one lamp lives", func() bool { return h.member.Alive("lamp") == 1 })
}

// OPTIONS tells phones that they may subscribe, in no more octets than it has itself.
func TestAllowNamesSubscribe(t *testing.T) {
	h := start(t, settingsOf(t.TempDir()))
	p := newPhone(t, h)
	p.send("OPTIONS", call{id: "o", to: "<sip:tandem.local>", target: "sip:tandem.local"},
		"Accept: application/sdp\r\nAllow: INVITE, ACK, CANCEL, BYE, OPTIONS, REFER, NOTIFY, INFO, MESSAGE, UPDATE, PRACK\r\n"+
			"Supported: replaces, 100rel, timer\r\nUser-Agent: the phone of this test, which asks at length\r\n", "")
	if allow := field(p.await("SIP/2.0 200"), "Allow: "); !strings.Contains(allow, "SUBSCRIBE") || !strings.Contains(allow, "NOTIFY") {
		t.Errorf("allowed are %s", allow)
	}
}
