package cluster

import (
	"testing"
	"time"

	"tandem/test/lab"
)

// TestPresence kills the member that owns the name of an account, which has a session on a second member and is watched
// from the third: what was said and who watches come to the next owner by themselves. A phone finds out when it
// refreshes what it has published.
func TestPresence(t *testing.T) {
	all := start(t, lab.ClusterOptions{})
	alice := all[0].XIMSS(t, "1000")
	alice.Must(`<signalBind presence="yes"/>`)
	user, owner, other := "", (*lab.Member)(nil), (*lab.Member)(nil)
	lab.Wait(t, settle, "another member owns a peer of 1000's roster", func() bool {
		for i, m := range all[1:] {
			if u := peerOn(m); u != "" {
				user, owner, other = u, m, all[2-i]
				return true
			}
		}
		return false
	})
	bob := other.XIMSS(t, user)
	bob.Must(`<presenceSet><presence>online</presence><status>here</status></presenceSet>`)
	alice.Await("presence", "peer", user+"@tandem.local")
	phone := other.Phone(t, "1009")
	if s := phone.Watch(user); s != 200 {
		t.Fatalf("a phone that watches got %d", s)
	}
	phone.AwaitNotice("here")
	device := other.Phone(t, user)
	status, tag := device.Publish("busy", "")
	if status != 200 || tag == "" {
		t.Fatalf("a phone that publishes got %d %q", status, tag)
	}
	saysBusy(t, alice, "published")
	phone.AwaitNotice("rpid:busy")

	killed := time.Now()
	owner.Kill()
	bob.Must(`<presenceSet><presence>away</presence><status>anew</status></presenceSet>`)
	m := alice.AwaitIn(15*time.Second, "presence", "peer", user+"@tandem.local")
	if c, _ := m.Child("presence"); c.Text != "away" || m.Attr("type") != "" {
		t.Errorf("after the owner's death the watcher is told %+v", m)
	}
	t.Logf("the next owner tells %v after the kill", since(killed))
	if !begunSince(killed, user, others(all, owner)...) {
		t.Errorf("no other member has come to own the name of %s", user)
	}
	if s, _ := device.Publish("busy", tag); s != 412 {
		t.Errorf("the next owner takes what it does not know: %d", s)
	}
	if s, _ := device.Publish("busy", ""); s != 200 {
		t.Errorf("published anew: %d", s)
	}
	saysBusy(t, alice, "published anew")
	if answer, err := all[0].Console().Do("GETACCOUNTPRESENCE " + user); answer != "busy" || err != nil {
		t.Errorf("the command line says %q, %v", answer, err)
	}
	if s := phone.Watch(user); s != 200 {
		t.Errorf("subscribed anew: %d", s)
	}
	phone.AwaitNotice("rpid:busy")
}

func saysBusy(t *testing.T, x *lab.XIMSS, what string) {
	t.Helper()
	if c, _ := x.Await("presence").Child("presence"); c.Text != "busy" {
		t.Errorf("%s: the watcher is told %q", what, c.Text)
	}
}

// peerOn is a peer of 1000's roster whose presence lives on a member; "": there is none.
func peerOn(m *lab.Member) (user string) {
	for _, l := range lines(m, "presence begins") {
		if l.ID > "1001" && l.ID < "1006" {
			user = l.ID[:4]
		}
	}
	return user
}

// begunSince tells whether the presence of a user has begun on one of these members since then.
func begunSince(then time.Time, user string, members ...*lab.Member) bool {
	for _, m := range members {
		for _, l := range lines(m, "presence begins") {
			if l.ID == user+"@tandem.local" && l.Time.After(then) {
				return true
			}
		}
	}
	return false
}
