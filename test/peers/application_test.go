package peers

import (
	"testing"

	"tandem/test/lab"
)

// TestNumbers lets each kind call numbers that the member itself answers.
func TestNumbers(t *testing.T) {
	for _, k := range []kind{baresipUDP, baresipTCP, linphoneUDP, linphoneTCP} {
		t.Run(k.name, func(t *testing.T) {
			m := member(t)
			p := start(t, m, k, seats[0])
			for _, c := range []struct {
				number string
				hz     float64
			}{
				{"9196", p.Tone()}, // an echo
				{"9197", 1004},
			} {
				p.Call(c.number)
				p.AwaitTalk()
				hear(t, p, c.hz)
				p.Hangup()
				p.AwaitEnd()
			}
		})
	}
}

// TestConference lets three phones meet: each hears the two others and not itself; when one goes,
// the others hear each other alone.
func TestConference(t *testing.T) {
	m := member(t)
	phones := []phone{
		start(t, m, baresipUDP, seats[0]), start(t, m, linphoneTCP, seats[1]), start(t, m, baresipTCP, seats[2]),
	}
	for _, p := range phones {
		p.Call("3001")
		p.AwaitTalk()
	}
	a, b, c := phones[0], phones[1], phones[2]
	hear(t, a, b.Tone(), c.Tone())
	hear(t, b, a.Tone(), c.Tone())
	hear(t, c, a.Tone(), b.Tone())
	c.Hangup()
	c.AwaitEnd()
	hearEachOther(t, a, b)
	a.Hangup()
	b.Hangup()
	lab.Wait(t, patience, "legs are left", func() bool { return len(m.Legs()) == 0 })
}
