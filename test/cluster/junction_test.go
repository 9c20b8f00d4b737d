package cluster

import (
	"testing"
	"time"

	"tandem/test/lab"
)

// Parties that different members have taken in are in one conference, and hear each other; whoever leaves
// takes its ports with it, and be it the one who came first.
func TestConferenceOfMembers(t *testing.T) {
	lab.Long(t)
	all := start(t, lab.ClusterOptions{})
	tones := []float64{500, 700, 1100}
	var calls []*lab.Call
	for i, m := range all {
		p := m.Phone(t, []string{"1000", "1001", "1002"}[i])
		c := p.Call("3001")
		if c.Status != 200 {
			t.Fatalf("the room answers %s with %d %s", m.Name, c.Status, c.Reason)
		}
		welcomed(t, c) // else the next one is as early as this one, and both may open the room
		calls = append(calls, c)
	}
	for i, c := range calls {
		c.Say(tones[i])
		for j, other := range calls {
			if i != j {
				other.AwaitTones(t, 500*time.Millisecond, tones[i])
			}
		}
		c.Say(0)
	}
	if n := rtpStreams(all...); n != 7 {
		t.Errorf("three parties and two junctions have %d streams", n)
	}
	calls[0].Hangup() // whoever came first may have the mixer
	calls[1].Say(900)
	calls[2].AwaitTones(t, 500*time.Millisecond, 900)
	calls[1].Say(0)
	calls[2].Say(600)
	calls[1].AwaitTones(t, 500*time.Millisecond, 600)
	for _, c := range calls[1:] {
		c.Hangup()
	}
	lab.Wait(t, 30*time.Second, "all streams are closed", func() bool { return rtpStreams(all...) == 0 })
}

// A caller whom one member has parked is retrieved by one of another member. They hear each other; when one hangs up,
// and when the member of one is killed, nothing of the path between them stays.
func TestBridgeOfMembers(t *testing.T) {
	lab.Long(t)
	all := start(t, lab.ClusterOptions{Members: 2})
	waits, retrieves := parked(t, all, "6001")
	retrieves.Hangup()
	lab.Wait(t, 30*time.Second, "nothing stays but a caller", func() bool {
		return rtpStreams(all[1]) == 0 && rtpStreams(all[0]) <= 1
	})
	waits.Hangup()
	waits, _ = parked(t, all, "6002")
	all[1].Kill()
	waits.Say(0)
	lab.Wait(t, 30*time.Second, "nothing stays but a caller", func() bool { return rtpStreams(all[0]) <= 1 })
}

// parked parks a caller with the first member, and lets one of the second retrieve it.
func parked(t *testing.T, all []*lab.Member, slot string) (waits, retrieves *lab.Call) {
	t.Helper()
	lab.Wait(t, 30*time.Second, "all streams are closed", func() bool { return rtpStreams(all...) == 0 })
	waits = all[0].Phone(t, "1000").Call(slot)
	welcomed(t, waits) // the slot is taken before it is said
	retrieves = all[1].Phone(t, "1001").Call(slot)
	if waits.Status != 200 || retrieves.Status != 200 {
		t.Fatalf("parked by %d, retrieved by %d %s", waits.Status, retrieves.Status, retrieves.Reason)
	}
	waits.Say(500)
	retrieves.AwaitTones(t, 500*time.Millisecond, 500)
	retrieves.Say(700)
	waits.AwaitTones(t, 500*time.Millisecond, 700)
	if n := rtpStreams(all...); n != 4 {
		t.Errorf("two parties and a junction have %d streams", n)
	}
	return waits, retrieves
}

// welcomed waits until a call has heard something.
func welcomed(t *testing.T, c *lab.Call) {
	t.Helper()
	lab.Wait(t, 30*time.Second, "the call is spoken to", func() bool {
		s := c.Heard()
		return s.Length()-s.Silent(0) > 200*time.Millisecond
	})
}

// rtpStreams is how many members have together.
func rtpStreams(all ...*lab.Member) (n int) {
	for _, m := range all {
		n += int(m.Metric("tandem_rtp_streams"))
	}
	return n
}
