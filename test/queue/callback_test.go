package queue

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"tandem/test/lab"
)

// A caller chooses to be called back and hangs up. When an agent is ready it is dialled first, and then joined with him.
func TestCallback(t *testing.T) {
	lab.Long(t)
	m := lab.Start(t, lab.Options{})
	m.Tandem("queue", "set", "sales", "callback.key=8")
	phone := m.Phone(t, "1001")
	phone.Register(600)
	caller := phone.Call("2000")
	logged(t, m, "|sales|NONE|ENTERQUEUE||1001|1")
	choose(t, caller)
	p := agent(t, m, "1002")
	back := phone.Await()
	back.Answer()
	call := p.Await()
	call.Answer()
	talk(t, back, call)
	back.Hangup()
	call.AwaitEnd()
	logged(t, m, "ENTERQUEUE", "|sales|1002|CONNECT|", "|sales|1002|COMPLETECALLER|")
}

// Three callers want to be called back, and the member dies that owns their queue. They are still due, in order: the next
// owner has each dialled when its turn comes, and joined with an agent.
func TestCallbacksOutliveTheOwner(t *testing.T) {
	lab.Long(t)
	all := company(t)
	all[0].Tandem("queue", "set", "sales", "callback.key=8")
	probe := enter(t, all[0], "1009", "2000") // so that the queue lives
	dies := owner(t, all[0], all, "sales")
	probe.Hangup()
	lives := all[(dies+1)%3]
	var phones []*lab.Phone
	for n := range 3 {
		phone := lives.Phone(t, fmt.Sprint(1006+n))
		lab.Wait(t, patience, "it is registered", func() bool { return phone.TryRegister(600) == 200 })
		caller := phone.Call("2000")
		logged(t, lives, fmt.Sprintf("|sales|NONE|ENTERQUEUE||%d|", 1006+n))
		choose(t, caller)
		phones = append(phones, phone)
	}
	all[dies].Kill()
	owner(t, lives, all, "sales")
	p := lives.Phone(t, "1002")
	lab.Wait(t, patience, "the agent's phone is registered", func() bool { return p.TryRegister(600) == 200 })
	lab.Wait(t, patience, "the agent is ready", func() bool { // his owner may have died too: then he dials again
		command(t, p, "*41")
		var a struct{ State string }
		return lives.Ask(http.MethodGet, "agents/1002", nil, &a) == nil && a.State != "logged out"
	})
	for _, phone := range phones {
		back := phone.Await()
		back.Answer()
		call := p.Await()
		call.Answer()
		talk(t, back, call)
		back.Hangup()
		call.AwaitEnd()
	}
	log := logged(t, lives, "COMPLETECALLER", "COMPLETECALLER", "COMPLETECALLER")
	if n := strings.Count(log, "|sales|NONE|ENTERQUEUE|"); n != 4 {
		t.Errorf("%d callers have entered, with the probe", n)
	}
}

// choose has a caller choose to be called back, and waits until the queue has promised it.
func choose(t *testing.T, caller *lab.Call) {
	t.Helper()
	caller.Press("8")
	lab.Wait(t, patience, "the callback is confirmed", func() bool {
		select {
		case <-caller.Ended():
			return true
		default:
			caller.Press("1")
			return false
		}
	})
}
