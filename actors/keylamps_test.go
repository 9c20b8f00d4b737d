package actors

import (
	"strings"
	"testing"

	"tandem/actors/msg"
	"tandem/signal"
)

// lights waits for a NOTIFY about calls, answers it and tells the states in it.
func (p *phone) lights() string {
	p.Helper()
	n := p.await("NOTIFY ")
	p.reply(n, "200 OK")
	if field(n, "Event: ") != "dialog" || field(n, "Content-Type: ") != "application/dialog-info+xml" {
		p.Errorf("it is nothing of a key: %s", n)
	}
	var states []string
	for _, part := range strings.Split(n, "<state>")[1:] {
		state, _, _ := strings.Cut(part, "<")
		states = append(states, state)
	}
	return strings.Join(states, " ")
}

// comesToLight is for changes that are made in steps, of which some may be seen.
func (p *phone) comesToLight(what, want string) {
	p.Helper()
	for range 4 {
		if p.lights() == want {
			return
		}
	}
	p.Errorf("%s: the key does not come to show %q", what, want)
}

// A phone has a key for another account: it shows a call of that account from its beginning to its end, and one that is
// there already when it subscribes.
func TestKeysShowCalls(t *testing.T) {
	h := start(t, settingsOf(t.TempDir()))
	alice, bob := newPhone(t, h), newPhone(t, h)
	party := func(user string) signal.Party {
		return signal.Party{URI: signal.URI{Scheme: "sip", User: user, Host: "tandem.local"}}
	}
	bring := func(p *phone, r *signal.Request, from, to string) {
		flow := registeredFlow(p, h)
		r.URI, r.From, r.To, r.MaxForwards = party(to).URI, party(from).WithTag("phone"), party(to), 70
		r.Contacts = []signal.Party{{URI: signal.URI{Scheme: "sip", User: from, Host: flow.Remote.Addr().String(), Port: int(flow.Remote.Port())}}}
		r.CSeq, r.Origin = 1, signal.Origin{Account: signal.AOR(from + "@tandem.local"), Flow: flow}
		h.ingress.Receive(r)
	}
	watch := func(p *phone, callID, from string) {
		bring(p, &signal.Request{ID: "z9hG4bK" + callID, Method: signal.SUBSCRIBE, CallID: callID,
			Headers: signal.Headers{{Name: "Event", Value: "dialog"}}}, from, "1000")
	}
	watch(bob, "k", "1001")
	if got := bob.lights(); got != "" {
		t.Errorf("before any call the key shows %q", got)
	}
	bring(alice, &signal.Request{ID: "z9hG4bKc", Method: signal.INVITE, CallID: "c", ContentType: "application/sdp",
		Body: []byte(alice.offer())}, "1000", "9196")
	bob.comesToLight("alice calls", "confirmed")
	carol := newPhone(t, h)
	watch(carol, "l", "1002")
	carol.comesToLight("subscribed during the call", "confirmed")
	for _, l := range h.legs.Live() {
		pid, err := h.member.Parse(l.Record.Leg)
		if err != nil {
			t.Fatal(err)
		}
		h.member.Send(pid, &msg.LegHangup{})
	}
	bob.comesToLight("the call is over", "terminated")
	carol.comesToLight("the call is over", "terminated")
}
