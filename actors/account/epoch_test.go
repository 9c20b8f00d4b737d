package account

import (
	"testing"
	"time"

	"tandem/actors/msg"
	"tandem/signal"
	"tandem/sip/registrar"
)

func write(user string, epoch, position uint64) Bindings {
	return Bindings{Epoch: epoch, Position: position, Bindings: []registrar.Binding{binding(user, time.Now().Add(time.Hour))}}
}

// Whatever way registrations come, and in whatever order, the latest of the latest owner stays.
func TestOlderRegistrationsAreIgnored(t *testing.T) {
	const aor = "1000@t.local"
	d := NewDirectory(time.Now)
	have := func() string {
		if c := d.Contacts(aor); len(c) > 0 {
			return c[0].URI.User
		}
		return ""
	}
	for _, step := range []struct {
		write Bindings
		taken bool
		want  string
	}{
		{write("a", 0, 0), true, "a"}, // of an earlier version of the program
		{write("b", 3, 10), true, "b"},
		{write("b", 3, 10), true, "b"}, // twice
		{write("c", 3, 9), false, "b"},
		{write("d", 2, 11), false, "b"}, // of an owner that was one no more
		{write("e", 4, 5), true, "e"},
		{Bindings{Epoch: 4, Position: 6}, true, ""},
		{write("f", 4, 5), false, ""}, // what was removed does not come back
		{write("g", 4, 7), true, "g"},
	} {
		if taken := d.SetBindings(aor, step.write); taken != step.taken || have() != step.want {
			t.Errorf("after %d.%d: taken %v, there is %q, want %q", step.write.Epoch, step.write.Position, taken, have(), step.want)
		}
	}
	news := write("h", 0, 0)
	d.Hear(&msg.AccountBound{Aor: aor, Bindings: news.Encode(), Epoch: 4, Position: 6})
	d.Hear(&msg.AccountBound{Aor: aor, Bindings: []byte("{"), Epoch: 9, Position: 9})
	d.Hear(&msg.WillingList{})
	if have() != "g" {
		t.Errorf("old or bad news made it %q", have())
	}
	d.Hear(&msg.AccountBound{Aor: aor, Bindings: news.Encode(), Epoch: 5, Position: 1})
	if v := d.Version(aor); have() != "h" || v.Epoch != 5 || v.Position != 1 {
		t.Errorf("there is %q of %+v", have(), v)
	}
}

// The connections of a member end with it; its datagram devices stay, and so does what came since.
func TestLostMemberEndsItsRegistrations(t *testing.T) {
	now := time.Date(2030, 1, 1, 12, 0, 0, 0, time.UTC)
	one := func(user, edge string, conn uint64, updated time.Time) registrar.Binding {
		return registrar.Binding{Contact: signal.URI{Scheme: "sip", User: user, Host: "x.invalid"},
			Flow: signal.Flow{Edge: edge, Transport: "TCP", Conn: conn}, Updated: updated, Expires: now.Add(time.Hour)}
	}
	before := now.Add(-time.Minute)
	known := []registrar.Binding{one("dead", "m2", 1, before), one("udp", "m2", 0, before), one("again", "m2", 9, now), one("other", "m1", 1, before)}
	d := NewDirectory(func() time.Time { return now })
	d.SetBindings("1000@t.local", Bindings{Bindings: known})
	d.SetBindings("1001@t.local", Bindings{Bindings: known[1:2]})
	if aors := d.FlowOwners(signal.Flow{Edge: "m2"}); len(aors) != 1 || aors[0] != "1000@t.local" {
		t.Errorf("reached by m2: %q", aors)
	}
	n, c := newAccount(known).LostWith("m2", now.Add(-time.Second), now)
	if n != 1 || len(c.bindings) != 3 || c.bindings[0].Contact.User != "udp" {
		t.Fatalf("%d went, left is %+v", n, c)
	}
}
