package cluster

import (
	"testing"
	"time"

	"tandem/test/lab"
)

// TestSplit cuts one of three members, the Controller, off from the others. It keeps its calls and owns nothing; the
// others take over. When the network is whole again it ends its life and comes back.
func TestSplit(t *testing.T) {
	lab.Long(t)
	n := lab.NewNet(t)
	if n == nil {
		return
	}
	all := start(t, lab.ClusterOptions{Net: n})
	alone, epoch, _ := controller(all)
	rest := others(all, alone)
	kept := call(t, alone, "1000", "9196")
	far := call(t, rest[0], "1001", "9196")

	cut := time.Now()
	n.Isolate(alone)
	t.Logf("%s, the Controller, is cut off; known dead by the others %v after it", alone.Name,
		awaitGone(t, alone.Name, cut, rest...).Round(time.Millisecond))
	lab.Wait(t, settle, "it owns nothing any more", func() bool { return len(holds(alone)) == 0 })
	t.Logf("it owns nothing %v after it", since(cut))
	var heir *lab.Member
	lab.Wait(t, settle, "the others have a Controller", func() bool {
		var next uint64
		heir, next, _ = controller(rest)
		return next > epoch
	})
	t.Logf("%s is Controller %v after it", heir.Name, since(cut))
	registerAll(t, rest[0], cut)
	if s := alone.Phone(t, "1002").TryRegister(60); s != 503 {
		t.Errorf("a registration at the one that is cut off got %d, not 503", s)
	}
	call(t, alone, "1000", "9196").Hangup() // it takes calls all the same
	for name, c := range map[string]*lab.Call{"cut off": kept, "with the others": far} {
		c.Say(700)
		c.AwaitTones(t, time.Second, 700)
		if lost := c.Traffic().Missing; lost > 0 {
			t.Errorf("the call on the member %s has lost %d packets", name, lost)
		}
	}
	if words := blamed(rest[0].Name, cut, rest[1]); len(words) > 0 {
		t.Errorf("the others doubt each other: %+v", words)
	}

	healed := time.Now()
	n.Heal()
	lab.Wait(t, settle, "it knows that it was declared dead", func() bool {
		return len(lines(alone, "this member was declared dead by others")) > 0
	})
	t.Logf("it knows what others think of it %v after the network is whole", since(healed))
	kept.Say(900)
	kept.AwaitTones(t, time.Second, 900) // a call may end by itself
	kept.Hangup()
	if code := alone.AwaitExit(settle); code == 0 {
		t.Error("it has ended without an error")
	}
	t.Logf("it has ended %v after the network is whole", since(healed))
	alone.Restart()
	awaitAll(t, all)
	lab.Wait(t, settle, "a phone can register there", func() bool { return alone.Phone(t, "1002").TryRegister(60) == 200 })
	far.Hangup()
	history(t, all)
}

// holds are the names that a member says it owns, in its present life.
func holds(m *lab.Member) map[string]uint64 {
	open := map[string]uint64{}
	lives := livesOf(m)
	if len(lives) == 0 {
		return open
	}
	for _, l := range lives[len(lives)-1] {
		switch l.Msg {
		case "names are owned":
			open[l.Slot] = l.Epoch
		case "names are given up":
			delete(open, l.Slot)
		}
	}
	return open
}
