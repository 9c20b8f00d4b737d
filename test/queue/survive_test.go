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

// The owner of a queue dies while an agent is rung for a caller of another member. The phone rings on; the agent takes the
// call, and the records have that once.
func TestOwnerDiesWhileRinging(t *testing.T) {
	lab.Long(t)
	all := company(t)
	probe := enter(t, all[0], "1009", "2000")
	dies := owner(t, all[0], all, "sales")
	probe.Hangup()
	logged(t, all[dies], "|sales|NONE|ABANDON|")
	home, away := all[(dies+1)%3], all[(dies+2)%3]
	p := agent(t, away, "1002")
	caller := enter(t, home, "1001", "2000")
	call := p.Await()
	all[dies].Kill()
	call.Answer()
	talk(t, caller, call)
	stands(t, all, "1002", "talks", is("talking"))
	owner(t, home, all, "sales")
	call.Hangup()
	caller.AwaitEnd()
	log := logged(t, home, "|sales|1002|CONNECT|", "|sales|1002|COMPLETEAGENT|")
	once(t, log, "CONNECT", "COMPLETEAGENT")
	stands(t, all, "1002", "is free", func(s standing) bool { return s.State == "ready" || s.State == "wrap-up" })
}

// The member of an agent's phone dies while he talks: the caller hears that it is over, and the records say so. The agent
// is told to work elsewhere, and takes the next caller there.
func TestAgentsMemberDiesWhileTalking(t *testing.T) {
	lab.Long(t)
	all := company(t)
	probe := enter(t, all[0], "1009", "2000")
	stays := owner(t, all[0], all, "sales")
	probe.Hangup()
	dies, home := all[(stays+1)%3], all[(stays+2)%3]
	p := agent(t, dies, "1002")
	caller := enter(t, home, "1001", "2000")
	call := p.Await()
	call.Answer()
	talk(t, caller, call)
	dies.Kill()
	p.Move(home)
	lab.Wait(t, patience, "the phone is registered elsewhere", func() bool { return p.TryRegister(600) == 200 })
	caller.AwaitEnd()
	logged(t, home, "|sales|1002|CONNECT|", "|sales|1002|COMPLETE")
	stands(t, all, "1002", "is free", is("ready"))
	next := enter(t, home, "1000", "2000")
	call = p.Await()
	call.Answer()
	talk(t, next, call)
	next.Hangup()
	call.AwaitEnd()
	log := logged(t, home, "|sales|1002|COMPLETE", "|sales|1002|CONNECT|", "|sales|1002|COMPLETECALLER|")
	if strings.Count(log, "|1002|CONNECT|") != 2 || strings.Count(log, "|1002|COMPLETE") != 2 {
		t.Errorf("two calls have not two ends:\n%s", log)
	}
}

// The owner of a queue dies together with the Tasks of two callers who wait. Some time later the records have an end of
// both, once, though nobody else comes; the third one, whose Task lives, has none.
func TestOwnerAndCallersDieTogether(t *testing.T) {
	lab.Long(t)
	all := company(t)
	probe := enter(t, all[0], "1009", "2000")
	dies := owner(t, all[0], all, "sales")
	probe.Hangup()
	logged(t, all[dies], "|sales|NONE|ABANDON|")
	lives := all[(dies+1)%3]
	enter(t, all[dies], "1000", "2000")
	enter(t, all[dies], "1001", "2000")
	last := enter(t, lives, "1003", "2000")
	logged(t, lives, "ENTERQUEUE||1003|")
	all[dies].Kill()
	lab.Wait(t, 3*patience, "both have an end", func() bool { return strings.Count(queueLog(lives), "|sales|NONE|ABANDON|") == 3 })
	owner(t, lives, all, "sales")
	last.Hangup()
	log := logged(t, lives, "ABANDON", "ABANDON", "ABANDON", "ABANDON")
	if strings.Count(log, "ABANDON") != 4 || strings.Count(log, "ENTERQUEUE") != 4 {
		t.Errorf("four callers have not four ends:\n%s", log)
	}
}

// The member of two callers dies: one waits, one talks. The agent is free for those who are left, nobody of the dead one is
// in line, and the records have one end of each.
func TestCallersMemberDies(t *testing.T) {
	lab.Long(t)
	all := company(t)
	probe := enter(t, all[0], "1009", "2000")
	stays := owner(t, all[0], all, "sales")
	probe.Hangup()
	dies, away := all[(stays+1)%3], all[(stays+2)%3]
	p := agent(t, away, "1002")
	caller := enter(t, dies, "1001", "2000")
	call := p.Await()
	call.Answer()
	talk(t, caller, call)
	enter(t, dies, "1000", "2000")
	logged(t, away, "|sales|1002|CONNECT|", "|sales|NONE|ENTERQUEUE||1000|")
	last := enter(t, away, "1003", "2000")
	logged(t, away, "ENTERQUEUE||1000|", "|sales|NONE|ENTERQUEUE||1003|")
	dies.Kill()
	next := p.Await()
	if !strings.Contains(next.From, "1003") {
		t.Errorf("%s is rung for", next.From)
	}
	next.Answer()
	talk(t, last, next)
	last.Hangup()
	next.AwaitEnd()
	log := logged(t, away, "|sales|NONE|ENTERQUEUE||1003|", "|sales|1002|CONNECT|", "|sales|1002|COMPLETECALLER|")
	for part, n := range map[string]int{"|sales|NONE|ABANDON|": 2, "|sales|1002|CONNECT|": 2, "|sales|1002|COMPLETE": 2} { // with the probe
		if strings.Count(log, part) != n {
			t.Errorf("the queue_log has %q not %d times:\n%s", part, n, log)
		}
	}
	if line := waiting(t, away, "sales"); len(line) != 0 {
		t.Errorf("in line are %v", line)
	}
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
