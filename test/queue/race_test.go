package queue

import (
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"tandem/test/lab"
)

// standing is how an agent stands, as REST tells it.
type standing struct {
	State, Next, Queue, Caller string
	Devices                    []string
}

// stands waits until an agent stands so, as each of the members tells.
func stands(t *testing.T, all []*lab.Member, agent, what string, so func(standing) bool) (s standing) {
	t.Helper()
	defer func() {
		if t.Failed() {
			t.Logf("agent %s: %+v", agent, s)
		}
	}()
	for _, m := range all {
		if !m.Alive() {
			continue
		}
		lab.Wait(t, patience, m.Name+" says that "+agent+" "+what, func() bool {
			s = standing{}
			return m.Ask(http.MethodGet, "agents/"+agent, nil, &s) == nil && so(s)
		})
	}
	return s
}

func is(state string) func(standing) bool {
	return func(s standing) bool { return s.State == state }
}

// waiting are the names of those in line.
func waiting(t *testing.T, m *lab.Member, queue string) (callers []string) {
	t.Helper()
	var list struct {
		Callers []struct {
			Caller   string
			Position int
		}
	}
	lab.Wait(t, patience, queue+" tells who waits", func() bool {
		return m.Ask(http.MethodGet, "queues/"+queue+"/callers", nil, &list) == nil
	})
	for _, c := range list.Callers {
		if c.Position > 0 {
			callers = append(callers, c.Caller)
		}
	}
	return callers
}

// once demands that a log has a part once, and is asked when all has been written.
func once(t *testing.T, log string, parts ...string) {
	t.Helper()
	for _, p := range parts {
		if n := strings.Count(log, p); n != 1 {
			t.Errorf("the queue_log has %q %d times:\n%s", p, n, log)
		}
	}
}

// Two sessions on two members have an agent begin to work at two devices at the same moment, and a third one logs another
// agent on at one of them. Each device has one agent afterwards, and a caller rings one phone, once.
func TestLogOnAtOnce(t *testing.T) {
	lab.Long(t)
	all := company(t)
	phones := map[string]*lab.Phone{}
	for i, user := range []string{"1002", "1003"} {
		p := all[i].Phone(t, user)
		lab.Wait(t, patience, user+" is registered", func() bool { return p.TryRegister(600) == 200 })
		phones[user+"@"+lab.Domain] = p
	}
	boss := []*lab.XIMSS{all[0].XIMSS(t, "1010"), all[1].XIMSS(t, "1010"), all[2].XIMSS(t, "1010")}
	var asked sync.WaitGroup
	for round := range 3 {
		for i, request := range []string{`agent="1002"`, `agent="1002" device="1003"`, `agent="1003" device="1003"`} {
			asked.Go(func() { boss[i].Must("<agentLogin " + request + "/>") })
		}
		asked.Wait()
		first := stands(t, all, "1002", "works", func(s standing) bool { return s.State == "ready" && len(s.Devices) > 0 })
		second := stands(t, all, "1003", "is logged on", is("ready"))
		lab.Wait(t, patience, "each device has one agent", func() bool {
			first = stands(t, all, "1002", "works", is("ready"))
			second = stands(t, all, "1003", "works", is("ready"))
			return !slices.ContainsFunc(first.Devices, func(d string) bool { return slices.Contains(second.Devices, d) })
		})
		t.Logf("round %d: 1002 at %v, 1003 at %v", round, first.Devices, second.Devices)
		if len(first.Devices)+len(second.Devices) != 2 {
			t.Errorf("two phones are there, and not all have an agent")
		}
	}
	stands(t, all, "1003", "pauses", func(s standing) bool {
		if s.State != "paused" {
			boss[0].Ask(`<agentPause agent="1003"/>`)
		}
		return s.State == "paused"
	})
	caller := enter(t, all[2], "1001", "2000")
	var call *lab.Call
	select {
	case call = <-phones["1002@"+lab.Domain].Incoming():
	case call = <-phones["1003@"+lab.Domain].Incoming():
	}
	call.Answer()
	talk(t, caller, call)
	caller.Hangup()
	call.AwaitEnd()
	log := logged(t, all[2], "|sales|1002|CONNECT|", "|sales|1002|COMPLETECALLER|")
	once(t, log, "CONNECT", "COMPLETECALLER")
}

// What supervisors do to a caller for whom an agent is rung: it is moved, promoted, and at last taken out, from another
// member each. The agent rings no more, nobody is left in line, and the records have one end.
func TestActsWhileRinging(t *testing.T) {
	lab.Long(t)
	all := company(t)
	p := agent(t, all[0], "1002")
	first := enter(t, all[1], "1001", "2000")
	call := p.Await()
	second := enter(t, all[2], "1000", "2000")
	lab.Wait(t, patience, "both are in line", func() bool { return len(waiting(t, all[0], "sales")) == 2 })
	line := waiting(t, all[0], "sales")
	path := "queues/sales/callers/" + line[0]
	var acts sync.WaitGroup
	for i, act := range []struct {
		verb string
		body map[string]any
	}{{"move", map[string]any{"position": 2}}, {"promote", map[string]any{"priority": -1}}, {"move", map[string]any{"position": 1}}} {
		acts.Go(func() {
			if err := all[i].Ask(http.MethodPost, path+"/"+act.verb, act.body, nil); err != nil {
				t.Error(err)
			}
		})
	}
	acts.Wait()
	if err := all[2].Ask(http.MethodPost, path+"/withdraw", map[string]any{"text": "closing"}, nil); err != nil {
		t.Error(err)
	}
	call.AwaitEnd()
	first.AwaitEnd()
	next := p.Await()
	if !strings.Contains(next.From, "1000") {
		t.Errorf("%s is rung for", next.From)
	}
	next.Answer()
	talk(t, second, next)
	second.Hangup()
	next.AwaitEnd()
	log := logged(t, all[1], "|sales|NONE|ENTERQUEUE||1001|", "|sales|1002|CONNECT|", "|sales|1002|COMPLETECALLER|")
	once(t, log, "CONNECT", "COMPLETECALLER", "|1002|RINGCANCELED|")
	if ends := strings.Count(log, "|"+line[0]+"|sales|NONE|"); ends != 2 { // ENTERQUEUE and what it ends with
		t.Errorf("the caller that was taken out has %d lines:\n%s", ends, log)
	}
	if line := waiting(t, all[0], "sales"); len(line) != 0 {
		t.Errorf("in line are %v", line)
	}
}

// An agent logs off, logs on and logs off again while he talks. The call goes on; when it is over he has gone.
func TestLogOffWhileTalking(t *testing.T) {
	lab.Long(t)
	all := company(t)
	p := agent(t, all[0], "1002")
	caller := enter(t, all[1], "1001", "2000")
	call := p.Await()
	call.Answer()
	talk(t, caller, call)
	boss := all[2].XIMSS(t, "1010")
	boss.Must(`<agentLogout agent="1002"/>`)
	stands(t, all, "1002", "goes after his call", func(s standing) bool { return s.State == "talking" && s.Next == "logged out" })
	boss.Must(`<agentLogin agent="1002"/>`)
	stands(t, all, "1002", "stays after his call", func(s standing) bool { return s.State == "talking" && s.Next != "logged out" })
	boss.Must(`<agentLogout agent="1002"/>`)
	talk(t, caller, call)
	caller.Hangup()
	call.AwaitEnd()
	stands(t, all, "1002", "has gone", is("logged out"))
	log := logged(t, all[0], "|sales|1002|CONNECT|", "|sales|1002|COMPLETECALLER|", "|1002|AGENTLOGOFF|")
	once(t, log, "COMPLETECALLER", "AGENTLOGOFF")
	next := enter(t, all[1], "1001", "2000")
	logged(t, all[0], "AGENTLOGOFF", "|sales|NONE|ENTERQUEUE||1001|")
	next.Hangup()
	logged(t, all[0], "AGENTLOGOFF", "|sales|NONE|ABANDON|")
}
