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
	awaitPresence(t, alice, "busy")
	phone.AwaitNotice("rpid:busy")

	killed := time.Now()
	owner.Kill()
	bob.Must(`<presenceSet><presence>away</presence><status>anew</status></presenceSet>`)
	if m := awaitPresence(t, alice, "away"); m.Attr("peer") != user+"@tandem.local" || m.Attr("type") != "" {
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
	awaitPresence(t, alice, "busy")
	if answer, err := all[0].Console().Do("GETACCOUNTPRESENCE " + user); answer != "busy" || err != nil {
		t.Errorf("the command line says %q, %v", answer, err)
	}
	if s := phone.Watch(user); s != 200 {
		t.Errorf("subscribed anew: %d", s)
	}
	phone.AwaitNotice("rpid:busy")
}

// awaitPresence waits until a watcher is told a state. The next owner of a name may tell first what was so before.
func awaitPresence(t *testing.T, x *lab.XIMSS, state string) lab.Message {
	t.Helper()
	for {
		m := x.AwaitIn(15*time.Second, "presence")
		if c, _ := m.Child("presence"); c.Text == state {
			return m
		}
		t.Logf("told before %s: %+v", state, m)
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
