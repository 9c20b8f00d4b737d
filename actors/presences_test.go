package actors

import (
	"fmt"
	"strings"
	"testing"

	"tandem/signal"
	"tandem/sip/pidf"
	"tandem/ximss/object"
)

// asks brings a request of a phone to the member as one whose credentials were checked.
func (p *phone) asks(h *House, method signal.Method, from, to, callID string, body string, headers ...signal.Header) {
	p.Helper()
	p.number++
	party := func(user string) signal.Party {
		return signal.Party{URI: signal.URI{Scheme: "sip", User: user, Host: "tandem.local"}}
	}
	flow := registeredFlow(p, h)
	r := &signal.Request{ID: fmt.Sprint("z9hG4bK", callID, p.number), Method: method, URI: party(to).URI, CallID: callID, CSeq: uint32(p.number),
		From: party(from).WithTag("phone"), To: party(to), Headers: append(signal.Headers{{Name: "Event", Value: "presence"}}, headers...),
		Contacts: []signal.Party{{URI: signal.URI{Scheme: "sip", User: from, Host: flow.Remote.Addr().String(), Port: int(flow.Remote.Port())}}},
		Origin:   signal.Origin{Account: signal.AOR(from + "@tandem.local"), Flow: flow}}
	if body != "" {
		r.ContentType, r.Body = pidf.Type, []byte(body)
	}
	h.ingress.Receive(r)
}

// sees waits for a NOTIFY about presence, answers it and demands what it says.
func (p *phone) sees(what, want string) {
	p.Helper()
	n := p.await("NOTIFY ")
	p.reply(n, "200 OK")
	_, body, _ := strings.Cut(n, "\r\n\r\n")
	d, err := pidf.Read([]byte(body))
	state, _, _ := strings.Cut(field(n, "Subscription-State: "), ";")
	got := fmt.Sprintf("%s %s %s", state, d.Presence, d.Note)
	if got != want || err != nil || field(n, "Content-Type: ") != pidf.Type || field(n, "Event: ") != "presence" {
		p.Errorf("%s: the phone sees %q (%v), want %q:\n%s", what, got, err, want, n)
	}
}

// A phone sees how another account stands once that agrees, and as long as it does.
func TestPresenceOfPhones(t *testing.T) {
	h := start(t, settingsOf(t.TempDir()))
	alice, bob := newPhone(t, h), newPhone(t, h)
	presence := func() string {
		v, failure := run(t, h, "admin@tandem.local", "GETACCOUNTPRESENCE 1000")
		return v.Text() + failure
	}
	roster := func(what string) {
		t.Helper()
		if _, failure := run(t, h, "admin@tandem.local", `ROSTER 1000 {peer="1001"; what=`+what+`;}`); failure != "" {
			t.Fatal(failure)
		}
	}
	if got := presence(); got != "offline" {
		t.Errorf("before anything is said alice is %s", got)
	}
	alice.asks(h, signal.PUBLISH, "1000", "1000", "p", pidf.Document{Entity: "sip:x", Presence: signal.PresenceBusy, Note: "thinking"}.String())
	if got := presence(); got != "busy" {
		t.Errorf("alice is %s", got)
	}
	bob.asks(h, signal.SUBSCRIBE, "1001", "operator", "s", "")
	bob.sees("nobody has agreed", "pending offline ")
	roster("subscribed")
	bob.sees("alice has agreed", "active busy thinking")
	alice.asks(h, signal.PUBLISH, "1000", "1000", "p", pidf.Document{Entity: "sip:x", Presence: signal.PresenceOnline}.String(),
		signal.Header{Name: "SIP-If-Match", Value: "unknown"})
	mine := aliceRoster(t, h)
	if !strings.Contains(mine, "Inp=YES") {
		t.Errorf("the roster is %s", mine)
	}
	roster("unsubscribed")
	bob.sees("alice does not agree any more", "terminated offline ")
}

// aliceRoster is alice's roster as text.
func aliceRoster(t *testing.T, h *House) string {
	t.Helper()
	v, failure := run(t, h, "admin@tandem.local", "ROSTER 1000 {what=List;}")
	if failure != "" {
		t.Fatal(failure)
	}
	return object.Format(v)
}

// Where a domain's accounts see each other nobody has to agree, and a changed setting acts at once.
func TestPresenceInADomain(t *testing.T) {
	c := settingsOf(t.TempDir())
	c.Accounts.Presence = "domain"
	c.Accounts.Demo[0].Roster = []string{"1001", "1005"}
	h := start(t, c)
	if got := aliceRoster(t, h); got != `{"1001@tandem.local"={RealName=bob;Inp=YES;Out=YES;};}` {
		t.Errorf("alice's roster from the start is %s", got)
	}
	bob := newPhone(t, h)
	bob.asks(h, signal.SUBSCRIBE, "1001", "1000", "s", "")
	bob.sees("subscribed", "active offline ")
	bob.asks(h, signal.PUBLISH, "1000", "1000", "p", pidf.Document{Entity: "sip:x", Presence: signal.PresenceAway}.String())
	bob.sees("published", "active away ")
}

// A wish to see a peer is granted by the peer's roster, at once where that agreed before.
func TestRostersFollowEachOther(t *testing.T) {
	h := start(t, settingsOf(t.TempDir()))
	do := func(account, peer, what string) {
		t.Helper()
		if _, failure := run(t, h, "admin@tandem.local", "ROSTER "+account+` {peer="`+peer+`@tandem.local"; what=`+what+`;}`); failure != "" {
			t.Fatal(failure)
		}
	}
	shows := func(what, account, want string) {
		t.Helper()
		if v, _ := run(t, h, "admin@tandem.local", "ROSTER "+account+" {what=List;}"); object.Format(v) != want {
			t.Errorf("%s: the roster of %s is %s, want %s", what, account, object.Format(v), want)
		}
	}
	do("1000", "1001", "subscribe")
	shows("asked", "1000", `{"1001@tandem.local"={Out=Pending;};}`)
	do("1001", "operator", "subBoth") // an alias of 1000
	shows("granted", "1000", `{"1001@tandem.local"={Out=YES;};}`)
	shows("asked back", "1001", `{"1000@tandem.local"={Inp=YES;Out=Pending;};}`)
	do("1000", "1001", "subscribed")
	shows("granted too", "1001", `{"1000@tandem.local"={Inp=YES;Out=YES;};}`)
	do("1001", "1000", "remove")
	shows("removed", "1000", `{"1001@tandem.local"={Inp=YES;};}`)
	do("1001", "1000", "subscribe")
	shows("asked again, of one who agreed", "1001", `{"1000@tandem.local"={Out=YES;};}`)
}
