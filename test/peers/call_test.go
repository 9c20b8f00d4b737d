package peers

import (
	"testing"

	"tandem/test/lab"
)

// TestCall lets each kind call each: they hear each other, the one sees that the other ends the call,
// and the member has written a record of each leg.
func TestCall(t *testing.T) {
	for _, c := range []struct {
		name     string
		from, to kind
		byCalled bool // who ends it
	}{
		{"baresip calls linphone", baresipUDP, linphoneTCP, false},
		{"linphone calls baresip", linphoneUDP, baresipTCP, false},
		{"baresip calls baresip", baresipTCP, baresipUDP, true},
		{"linphone calls linphone", linphoneTCP, linphoneUDP, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := member(t)
			a, b := start(t, m, c.from, seats[0]), start(t, m, c.to, seats[1])
			connect(a, b)
			hearEachOther(t, a, b)
			first, other, by := a, b, "caller"
			if c.byCalled {
				first, other, by = b, a, "callee"
			}
			first.Hangup()
			other.AwaitEnd()
			for _, r := range records(t, m, 2) {
				if r.Status != 200 || r.By != by || r.Media.Sent == 0 || r.Media.Received == 0 {
					t.Errorf("record %+v, want status 200, ended by %s, packets both ways", r, by)
				}
			}
		})
	}
}

// TestCancel lets each kind give up while the other rings.
func TestCancel(t *testing.T) {
	m := member(t)
	a, b := start(t, m, baresipUDP, seats[0]), start(t, m, linphoneTCP, seats[1])
	for _, c := range []struct{ from, to phone }{{a, b}, {b, a}} {
		c.from.Call(c.to.Number())
		c.to.AwaitRing()
		c.from.Hangup()
		c.to.AwaitEnd()
		c.from.AwaitEnd()
	}
	for _, r := range records(t, m, 4) {
		if r.Status != 487 {
			t.Errorf("record %+v, want status 487", r)
		}
	}
}

// TestDecline lets each kind refuse a call.
func TestDecline(t *testing.T) {
	m := member(t)
	a, b := start(t, m, baresipTCP, seats[0]), start(t, m, linphoneUDP, seats[1])
	for _, c := range []struct{ from, to phone }{{a, b}, {b, a}} {
		c.from.Call(c.to.Number())
		c.to.AwaitRing()
		c.to.Hangup()
		c.from.AwaitEnd()
		c.to.AwaitEnd()
	}
	for _, r := range records(t, m, 4) {
		if r.Status < 400 || r.Status == 487 {
			t.Errorf("record %+v, want the status of a refusal", r)
		}
	}
}

// records waits until the member has ended and recorded so many legs, and no leg is left.
func records(t testing.TB, m *lab.Member, n int) []lab.Record {
	t.Helper()
	lab.Wait(t, patience, "legs live, or records are missing", func() bool {
		return len(m.Legs()) == 0 && len(m.Records()) == n
	})
	return m.Records()
}
