package queue

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"tandem/test/lab"
)

// owner waits until a queue has an owner that lives, as that member tells, and gives its number.
func owner(t *testing.T, m *lab.Member, all []*lab.Member, queue string) (number int) {
	t.Helper()
	lab.Wait(t, patience, "the queue has an owner", func() bool {
		var q struct{ Member string }
		if m.Ask("GET", "queues/"+queue, nil, &q) != nil {
			return false
		}
		for n, o := range all {
			if o.Name == q.Member && o.Alive() {
				number = n
				return true
			}
		}
		return false
	})
	return number
}

// The member that owns a queue dies while three callers wait. Those whose calls are elsewhere hear nothing of it, keep
// their order, and are served in it.
func TestOwnerDies(t *testing.T) {
	lab.Long(t)
	all := company(t)
	probe := enter(t, all[0], "1009", "2000") // so that the queue lives
	dies := owner(t, all[0], all, "sales")
	probe.Hangup()
	lives, p := all[(dies+1)%3], agent(t, all[(dies+2)%3], "1002")
	command(t, p, "*43")
	var waiting []*lab.Call
	for n := range 3 {
		waiting = append(waiting, enter(t, lives, fmt.Sprint(1006+n), "2000"))
		logged(t, lives, fmt.Sprintf("|sales|NONE|ENTERQUEUE||%d|", 1006+n))
	}
	all[dies].Kill()
	begun := time.Now()
	lab.Wait(t, patience, "the agent is ready", func() bool { // his owner may have died too: then he dials again
		command(t, p, "*44")
		var a struct{ State string }
		return lives.Ask(http.MethodGet, "agents/1002", nil, &a) == nil && a.State != "paused"
	})
	for n, c := range waiting {
		call := p.Await()
		if n == 0 {
			t.Logf("the first offer came %v after the owner's death", time.Since(begun).Round(time.Millisecond))
			if gap := waiting[2].Gap(time.Since(begun)); gap > 200*time.Millisecond {
				t.Errorf("the last caller heard a gap of %v", gap)
			}
		}
		if want := fmt.Sprint(1006 + n); !strings.Contains(call.From, want) {
			t.Fatalf("%s is served, and not %s", call.From, want)
		}
		call.Answer()
		talk(t, c, call)
		call.Hangup()
		c.AwaitEnd()
	}
	logged(t, lives, "COMPLETEAGENT", "COMPLETEAGENT", "COMPLETEAGENT")
}

// The member of an agent's phone dies while it rings, and while he talks: the caller goes on waiting, or hears that the
// conversation is over, and the next agent is rung.
func TestAgentsMemberDies(t *testing.T) {
	lab.Long(t)
	all := company(t)
	probe := enter(t, all[0], "1009", "2000")
	stays := owner(t, all[0], all, "sales")
	probe.Hangup()
	dies := all[(stays+1)%3]
	first := agent(t, dies, "1002")
	caller := enter(t, all[stays], "1001", "2000")
	first.Await()
	second := agent(t, all[(stays+2)%3], "1003")
	dies.Kill()
	call := second.Await()
	call.Answer()
	talk(t, caller, call)
	call.Hangup()
	caller.AwaitEnd()
	logged(t, all[stays], "|sales|1003|CONNECT|", "|sales|1003|COMPLETEAGENT|")
}

// company is three members, each of which takes registrations: names have owners then.
func company(t *testing.T) []*lab.Member {
	t.Helper()
	all := lab.StartCluster(t, lab.ClusterOptions{})
	for i, m := range all {
		p := m.Phone(t, fmt.Sprint(1016+i))
		lab.Wait(t, patience, m.Name+" takes registrations", func() bool { return p.TryRegister(60) == 200 })
	}
	return all
}
