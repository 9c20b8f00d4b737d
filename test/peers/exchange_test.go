package peers

import (
	"testing"
	"time"

	"tandem/test/lab"
)

// TestExchange lets a program pass its caller on in each way: by a blind transfer, which the phone carries out
// itself; by connecting two calls directly; by a bridge between two Tasks.
func TestExchange(t *testing.T) {
	for _, c := range []struct {
		name, spelling, key string
		from, to            kind
		tasks               int // that stay while the two talk
	}{
		{"blind", "basic", "1", baresipUDP, linphoneTCP, 0},
		{"blind", "alternative", "1", baresipTCP, baresipUDP, 0},
		{"directly", "basic", "2", baresipTCP, baresipUDP, 0},
		{"directly", "alternative", "2", baresipUDP, linphoneTCP, 0},
		{"bridge", "basic", "3", baresipUDP, linphoneUDP, 2},
		{"bridge", "alternative", "3", baresipTCP, baresipUDP, 2},
	} {
		t.Run(c.name+" "+c.spelling, func(t *testing.T) {
			m := member(t)
			run(t, m, c.spelling, "exchange")
			port, transport := m.UDP, c.from.transport
			if transport == "tcp" {
				port = m.TCP
			}
			do(t, m, `UPDATEACCOUNTPREFS exchange {BlindTarget="sip:1001@127.0.0.1:%d;transport=%s";}`, port, transport)
			from, to := start(t, m, c.from, seats[0]).(*baresip), start(t, m, c.to, seats[1])
			from.Call("exchange")
			from.AwaitTalk()
			from.AwaitSpoken(1500 * time.Millisecond) // two calls begun in one second share a recording
			from.Press(c.key)
			to.AwaitRing()
			to.Answer()
			to.AwaitTalk()
			hearEachOther(t, from, to)
			lab.Wait(t, patience, "other tasks live than are needed", func() bool { return len(tasks(t, m)) == c.tasks })
			to.Hangup()
			from.AwaitEnd()
			lab.Wait(t, patience, "all tasks and legs have ended", func() bool {
				return len(tasks(t, m)) == 0 && len(m.Legs()) == 0
			})
		})
	}
}

// TestRelay lets a program call somebody with the caller's own media, before the caller is answered: he hears
// that it rings, and is answered by the one who answers, or refused as he refuses.
func TestRelay(t *testing.T) {
	for _, spelling := range spellings {
		t.Run(spelling, func(t *testing.T) {
			m := member(t)
			run(t, m, spelling, "relay")
			from, to := start(t, m, baresipUDP, seats[0]), start(t, m, baresipTCP, seats[1])
			from.Call("relay")
			to.AwaitRing()
			to.Answer()
			to.AwaitTalk()
			from.AwaitTalk()
			hearEachOther(t, from, to)
			from.Hangup()
			to.AwaitEnd()
			lab.Wait(t, patience, "all tasks have ended", func() bool { return len(tasks(t, m)) == 0 })

			from.Call("relay")
			to.AwaitRing()
			to.Hangup()
			from.AwaitEnd()
			lab.Wait(t, patience, "all tasks and legs have ended", func() bool {
				return len(tasks(t, m)) == 0 && len(m.Legs()) == 0
			})
			refused := map[string]int{} // a record may come after its leg has gone
			lab.Wait(t, patience, "a refusal is not in the records", func() bool {
				for _, r := range m.Records() {
					if r.Status >= 300 {
						refused[r.Direction] = r.Status
					}
				}
				return len(refused) == 2
			})
			if refused["in"] != refused["out"] {
				t.Errorf("the caller was refused otherwise than the called refused: %v", refused)
			}
		})
	}
}
