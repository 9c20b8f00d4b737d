package ximss

import (
	"testing"

	"tandem/test/lab"
)

// TestPresence lets two sessions and a phone see each other, as the demo accounts may, and the devices of one account
// be seen as one. A session whose client does not come back in time is seen no more.
func TestPresence(t *testing.T) {
	lab.Long(t)
	m := lab.Start(t, lab.Options{Set: []string{"ximss.resume=1s"}})
	alice, bob, phone := m.XIMSS(t, "1000"), m.XIMSSOverWebSocket(t, "1001"), m.Phone(t, "1002")
	alice.Must(`<signalBind presence="yes"><sdp/></signalBind>`)
	bob.Must(`<signalBind presence="yes"><sdp/></signalBind>`)
	alice.Must(`<presenceSet><presence>online</presence><status>at my desk</status></presenceSet>`)
	stands(t, bob, "1000", "online", "at my desk")
	if s := phone.Watch("1000"); s != 200 {
		t.Fatalf("a phone that watches got %d", s)
	}
	phone.AwaitNotice("at my desk")
	status, tag := phone.Publish("away", "")
	if status != 200 {
		t.Fatalf("a phone that publishes got %d", status)
	}
	for _, x := range []*lab.XIMSS{alice, bob} {
		stands(t, x, "1002", "away", "")
	}

	device := m.Phone(t, "1000")
	if s, _ := device.Publish("on-the-phone", ""); s != 200 {
		t.Fatalf("alice's phone publishes: %d", s)
	}
	stands(t, bob, "1000", "busy", "")
	phone.AwaitNotice("rpid:busy")
	bob.Must(`<presenceSet><presence>away</presence></presenceSet>`)
	stands(t, alice, "1001", "away", "")
	bob.Close()
	if x := alice.Await("presence", "peer", "1001@"+lab.Domain); x.Attr("type") != "unavailable" {
		t.Errorf("of a client that does not come back the other is told %+v", x)
	}
	if s, _ := phone.Publish("", tag); s != 200 {
		t.Errorf("changed: %d", s)
	}
	stands(t, alice, "1002", "online", "")
}

// stands waits until a client is told how a peer stands.
func stands(t *testing.T, x *lab.XIMSS, peer, state, status string) {
	t.Helper()
	m := x.Await("presence", "peer", peer+"@"+lab.Domain)
	p, _ := m.Child("presence")
	s, _ := m.Child("status")
	if p.Text != state || s.Text != status {
		t.Errorf("%s is told %+v, not that %s is %s %q", x.User, m, peer, state, status)
	}
}
