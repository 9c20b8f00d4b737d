package actors

import (
	"testing"

	"tandem/signal"
	"tandem/sip/pidf"
)

// sees waits for a message presence about a peer that says this: its type, its state and its text.
func (p *page) sees(what, peer, kind, state, status string) {
	p.Helper()
	x := p.await("presence")
	if kind == "unsubscribed" && x.Attr("type") == "unavailable" {
		kind, state = "unavailable", "offline" // where the roster says so before the peer does
	}
	text := func(name string) string {
		if e := x.Child(name); e != nil {
			return e.Text()
		}
		return ""
	}
	if x.Attr("peer") != peer+"@tandem.local" || x.Attr("type") != kind || text("presence") != state || text("status") != status {
		markup, _ := x.Markup()
		p.Errorf("%s: the page sees %s", what, markup)
	}
}

// lists waits for a message rosterItem and demands who sees whom.
func (p *page) lists(what, peer, subscription, ask string) {
	p.Helper()
	x := p.await("rosterItem")
	if x.Attr("peer") != peer+"@tandem.local" || x.Attr("subscription") != subscription || x.Attr("ask") != ask {
		markup, _ := x.Markup()
		p.Errorf("%s: the page lists %s", what, markup)
	}
}

// Two accounts agree to see each other. What one of them has, pages and a phone, is seen as one.
func TestPresenceOfSessions(t *testing.T) {
	h := start(t, settingsOf(t.TempDir()))
	alice, bob := newPage(t, h, "1000"), newPage(t, h, "1001")
	alice.must(`<signalBind presence="yes"/>`)
	bob.must(`<signalBind presence="yes"/>`)
	bob.must(`<presenceSet><presence>online</presence><status>here</status></presenceSet>`)
	alice.must(`<rosterSet peer="1001" what="subscribe" name="Bob"/>`)
	alice.lists("asked", "1001", "none", "subscribe")
	bob.sees("asked", "1000", "subscribe", "", "")
	bob.must(`<rosterSet peer="1000" what="subscribed"/>`)
	bob.lists("granted", "1000", "from", "")
	alice.sees("granted", "1001", "", "online", "here")
	alice.lists("granted", "1001", "to", "")

	second := newPage(t, h, "1001")
	second.must(`<presenceSet><presence>busy</presence><status>elsewhere</status></presenceSet>`)
	alice.sees("a second device", "1001", "", "busy", "elsewhere")
	second.must(`<bye/>`)
	alice.sees("it is gone", "1001", "", "online", "here")

	device := newPhone(t, h)
	device.asks(h, signal.PUBLISH, "1001", "1001", "p", pidf.Document{Presence: signal.PresenceAway, Note: "at lunch"}.String())
	device.asks(h, signal.SUBSCRIBE, "1000", "1001", "s", "")
	device.sees("a phone of alice's", "active online here")
	bob.must(`<bye/>`)
	alice.sees("the phone is left", "1001", "", "away", "at lunch")
	device.sees("the phone is left", "active away at lunch")

	third := newPage(t, h, "1001")
	third.must(`<rosterSet peer="1000" what="unsubscribed"/>`)
	alice.sees("withdrawn", "1001", "unsubscribed", "", "")
	device.sees("withdrawn", "terminated offline ")
	alice.lists("withdrawn", "1001", "none", "")
	alice.must(`<rosterSet peer="1001" what="remove"/>`)
	alice.lists("removed", "1001", "remove", "")
}

// In a domain where all see each other a page sees the peers of its roster at once, and a command changes that roster.
func TestPresenceOfADomainsSessions(t *testing.T) {
	c := settingsOf(t.TempDir())
	c.Accounts.Presence = "domain"
	c.Accounts.Demo[0].Roster = []string{"1001"}
	h := start(t, c)
	bob := newPage(t, h, "1001")
	bob.must(`<presenceSet><presence>busy</presence></presenceSet>`)
	alice := newPage(t, h, "1000")
	alice.must(`<signalBind presence="yes"/>`)
	alice.sees("bound", "1001", "", "busy", "")
	alice.must(`<rosterList/>`)
	alice.lists("from the start", "1001", "both", "")
	if _, failure := run(t, h, "admin@tandem.local", `ROSTER 1000 {peer="1001"; what=remove;}`); failure != "" {
		t.Fatal(failure)
	}
	alice.sees("removed by a command", "1001", "unavailable", "offline", "")
	alice.must(`<signalUnbind/>`)
	if _, failure := run(t, h, "admin@tandem.local", `ROSTER 1000 {peer="1001"; what=subscribe;}`); failure != "" {
		t.Fatal(failure)
	}
	alice.must(`<signalBind presence="yes"/>`)
	alice.sees("bound again", "1001", "", "busy", "")
}
