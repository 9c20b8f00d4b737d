package peers

import "testing"

// TestTransferBlind lets each kind, calling and called, send the other to a third, and be sent.
func TestTransferBlind(t *testing.T) {
	for _, c := range []struct {
		name              string
		from, sent, third kind
		called            bool // the transferring party is the called one
	}{
		{"baresip sends linphone to baresip", baresipUDP, linphoneTCP, baresipTCP, false},
		{"linphone sends baresip to linphone", linphoneUDP, baresipUDP, linphoneTCP, false},
		{"called baresip sends linphone to linphone", baresipTCP, linphoneUDP, linphoneTCP, true},
		{"called linphone sends baresip to baresip", linphoneTCP, baresipTCP, baresipUDP, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := member(t)
			from, sent := start(t, m, c.from, seats[0]), start(t, m, c.sent, seats[1])
			third := start(t, m, c.third, seats[2])
			if c.called {
				connect(sent, from)
			} else {
				connect(from, sent)
			}
			hearEachOther(t, from, sent)
			from.Transfer(third.Number())
			third.AwaitRing()
			third.Answer()
			third.AwaitTalk()
			from.AwaitEnd()
			hearEachOther(t, sent, third)
			third.Hangup()
			sent.AwaitEnd()
		})
	}
}

// TestTransferAttended lets linphone speak with a second party first and then connect the two.
// baresip 1.0.0 has no command for it; it is transferred, and transferred to.
func TestTransferAttended(t *testing.T) {
	for _, c := range []struct {
		name          string
		first, second kind
	}{
		{"baresip to linphone", baresipUDP, linphoneTCP},
		{"linphone to baresip", linphoneUDP, baresipTCP},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := member(t)
			from := start(t, m, linphoneUDP, seats[0]).(*linphone)
			first, second := start(t, m, c.first, seats[1]), start(t, m, c.second, seats[2])
			connect(from, first)
			hearEachOther(t, from, first)
			from.Hold()
			connect(from, second)
			hear(t, second, from.Tone())
			from.TransferTo("1", "2")
			from.AwaitEnd()
			from.AwaitEnd()
			hearEachOther(t, first, second)
			first.Hangup()
			second.AwaitEnd()
		})
	}
}
