package peers

import "testing"

// TestHold lets each kind hold the other and resume: in between the other hears music, though a holder
// may go on sending (baresip does), and afterwards they hear each other as before.
func TestHold(t *testing.T) {
	for _, c := range []struct {
		name         string
		holder, held kind
	}{
		{"baresip holds linphone", baresipUDP, linphoneUDP},
		{"linphone holds baresip", linphoneTCP, baresipTCP},
		{"linphone holds linphone", linphoneUDP, linphoneTCP},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := member(t)
			a, b := start(t, m, c.holder, seats[0]), start(t, m, c.held, seats[1])
			connect(a, b)
			hearEachOther(t, a, b)
			for range 2 { // the second round finds what the first has left behind
				a.Hold()
				hearMusic(t, b)
				a.Resume()
				hear(t, b, a.Tone())
				if c.holder.records {
					hear(t, a, b.Tone())
				}
			}
			b.Hangup()
			a.AwaitEnd()
		})
	}
}

// TestHoldByBoth lets the called party hold, then the caller as well: who takes the call back first
// hears music until the other does too.
func TestHoldByBoth(t *testing.T) {
	m := member(t)
	a, b := start(t, m, linphoneUDP, seats[0]), start(t, m, linphoneTCP, seats[1])
	connect(a, b)
	b.Hold()
	hearMusic(t, a)
	a.Hold()
	b.Resume()
	hearMusic(t, b)
	a.Resume()
	hearEachOther(t, a, b)
	b.Hangup()
	a.AwaitEnd()
}
