package cluster

import (
	"fmt"
	"testing"
	"time"

	"tandem/test/lab"
)

// lobbyist is a program with one caller.
const lobbyist = `entry main is
  if AcceptCall() != null then stop; end if;
  loop exitif IsDisconnectEvent(ReadInput(1000)); end loop;
end entry;`

// TestNamesThatMove parks a caller and begins a Named Task on one member, and then lets another one go: each in turn, by
// a kill and by a stop. One of them is the owner of their names. The caller is found all the same, and the Named Task
// gets no second instance.
func TestNamesThatMove(t *testing.T) {
	lab.Long(t)
	all := start(t, lab.ClusterOptions{})
	all[0].Program("lobbyist.sppr", lobbyist)
	for _, command := range []string{"CREATENAMEDTASK lobby FOR 1000", `UPDATENAMEDTASK lobby {"Program Name"=lobbyist;}`} {
		if _, err := all[0].Console().Do(command); err != nil {
			t.Fatal(err)
		}
	}
	for i, victim := range all {
		for j, how := range []struct {
			name string
			end  func(*lab.Member)
		}{{"kill", (*lab.Member).Kill}, {"stop", (*lab.Member).Stop}} {
			t.Run(victim.Name+" "+how.name, func(t *testing.T) {
				outlive(t, victim, how.end, all[(i+1)%3], all[(i+2)%3], fmt.Sprintf("60%d%d", i+1, j))
				victim.Restart()
				awaitAll(t, all)
			})
		}
	}
}

// outlive ends a member while a caller of another one is parked in a slot, and a Named Task has another.
func outlive(t *testing.T, victim *lab.Member, end func(*lab.Member), at, from *lab.Member, slot string) {
	t.Helper()
	var visits *lab.Call
	lab.Wait(t, settle, "the named task takes a call", func() bool {
		visits = at.Phone(t, "1002").Call("lobby")
		return visits.Status == 200
	})
	waits := call(t, at, "1000", slot)
	welcomed(t, waits) // the slot is taken before it is said

	end(victim)
	began := time.Now()
	retrieves := call(t, from, "1001", slot)
	waits.Say(500)
	retrieves.AwaitTones(t, 500*time.Millisecond, 500)
	retrieves.Say(700)
	waits.AwaitTones(t, 500*time.Millisecond, 700)
	t.Logf("parked caller found %v after the end of a member", since(began))
	lab.Wait(t, settle, "the named task is known to be busy", func() bool {
		second := from.Phone(t, "1003").Call("lobby")
		if second.Status == 200 {
			t.Fatal("the named task has a second instance")
		}
		return second.Status == 486
	})
	visits.Say(900)
	for _, c := range []*lab.Call{visits, waits} {
		c.Hangup()
	}
	retrieves.AwaitEnd()
}
