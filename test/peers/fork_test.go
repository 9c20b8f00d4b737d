package peers

import "testing"

// TestFork registers both kinds for one account: both ring, one answers, the other stops; and when
// the caller gives up, both stop.
func TestFork(t *testing.T) {
	m := member(t)
	caller := start(t, m, linphoneUDP, seats[0])
	one, other := start(t, m, baresipUDP, seats[1]), start(t, m, linphoneTCP, seat{number: seats[1].number, hz: seats[2].hz})
	for _, c := range []struct{ answers, stops phone }{{one, other}, {other, one}} {
		caller.Call(seats[1].number)
		one.AwaitRing()
		other.AwaitRing()
		c.answers.Answer()
		caller.AwaitTalk()
		c.answers.AwaitTalk()
		c.stops.AwaitEnd()
		hearEachOther(t, caller, c.answers)
		c.answers.Hangup()
		caller.AwaitEnd()
		c.answers.AwaitEnd()
	}
	caller.Call(seats[1].number)
	one.AwaitRing()
	other.AwaitRing()
	caller.Hangup()
	one.AwaitEnd()
	other.AwaitEnd()
	caller.AwaitEnd()
	records(t, m, 9)
}
