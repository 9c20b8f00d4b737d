package peers

import "testing"

// TestCall lets each kind call each: they hear each other, and the one sees that the other ends the
// call.
func TestCall(t *testing.T) {
	for _, c := range []struct {
		name     string
		from, to kind
	}{
		{"baresip calls linphone", baresipUDP, linphoneTCP},
		{"linphone calls baresip", linphoneUDP, baresipTCP},
		{"baresip calls baresip", baresipTCP, baresipUDP},
		{"linphone calls linphone", linphoneTCP, linphoneUDP},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := member(t)
			a, b := start(t, m, c.from, seats[0]), start(t, m, c.to, seats[1])
			connect(a, b)
			hearEachOther(t, a, b)
			a.Hangup()
			b.AwaitEnd()
		})
	}
}
