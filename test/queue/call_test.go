package queue

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tandem/test/lab"
)

func TestMain(m *testing.M) { os.Exit(lab.Run(m)) }

const patience = 30 * time.Second

// agent is a phone at which an agent has logged on.
func agent(t *testing.T, m *lab.Member, user string) *lab.Phone {
	t.Helper()
	p := m.Phone(t, user)
	lab.Wait(t, patience, user+" is registered", func() bool { return p.TryRegister(600) == 200 })
	command(t, p, "*41")
	return p
}

// command dials a feature code and waits until all was said.
func command(t *testing.T, p *lab.Phone, code string) {
	t.Helper()
	c := p.Call(code)
	if c.Status != 200 {
		t.Fatalf("%s: %d %s", code, c.Status, c.Reason)
	}
	c.AwaitEnd()
}

// enter has a caller wait in a queue, until it hears music.
func enter(t *testing.T, m *lab.Member, user, number string) *lab.Call {
	t.Helper()
	c := m.Phone(t, user).Call(number)
	if c.Status != 200 {
		t.Fatalf("%s: %d %s", number, c.Status, c.Reason)
	}
	return c
}

// talk has two parties hear each other.
func talk(t *testing.T, a, b *lab.Call) {
	t.Helper()
	a.Say(500)
	b.Say(700)
	b.AwaitTones(t, 500*time.Millisecond, 500)
	a.AwaitTones(t, 500*time.Millisecond, 700)
}

// queueLog is what a member has written into its queue_log.
func queueLog(m *lab.Member) string {
	for _, home := range []string{m.Data, filepath.Join(m.Data, m.Name)} { // of a cluster, and of one alone
		if b, err := os.ReadFile(filepath.Join(home, "queue_log")); err == nil {
			return string(b)
		}
	}
	return ""
}

// logged waits until the queue_log has lines with these parts, in this order, and gives the whole log.
func logged(t *testing.T, m *lab.Member, parts ...string) string {
	t.Helper()
	var all string
	defer func() {
		if t.Failed() {
			t.Log(all)
		}
	}()
	lab.Wait(t, patience, "the queue_log has "+strings.Join(parts, ", "), func() bool {
		all = queueLog(m)
		rest := all
		for _, p := range parts {
			_, after, ok := strings.Cut(rest, p)
			if !ok {
				return false
			}
			rest = after
		}
		return true
	})
	return all
}

// A caller waits, an agent logs on, and is rung at once; both hear each other until he hangs up. The next caller hangs up
// first.
func TestCall(t *testing.T) {
	lab.Long(t)
	m := lab.Start(t, lab.Options{})
	caller := enter(t, m, "1001", "2000")
	logged(t, m, "|sales|NONE|ENTERQUEUE||1001|1")
	p := agent(t, m, "1002")
	call := p.Await()
	if !strings.Contains(call.From, "1001") {
		t.Errorf("the agent is called by %s", call.From)
	}
	call.Answer()
	talk(t, caller, call)
	call.Hangup()
	caller.AwaitEnd()
	logged(t, m, "|1002|AGENTLOGIN|SIP/1002", "|sales|1002|CONNECT|", "|sales|1002|COMPLETEAGENT|")

	second := enter(t, m, "1000", "2000")
	call = p.Await()
	call.Answer()
	talk(t, second, call)
	second.Hangup()
	call.AwaitEnd()
	logged(t, m, "COMPLETEAGENT", "|sales|1002|CONNECT|", "|sales|1002|COMPLETECALLER|")
	command(t, p, "*42")
	logged(t, m, "COMPLETECALLER", "|1002|AGENTLOGOFF|")
}

// An agent who declines is not the last one; a caller that gives up is rung for no more.
func TestDecline(t *testing.T) {
	lab.Long(t)
	m := lab.Start(t, lab.Options{})
	first := agent(t, m, "1002")
	caller := enter(t, m, "1001", "2000")
	first.Await().Refuse("486 Busy Here")
	logged(t, m, "|sales|1002|RINGNOANSWER|")
	second := agent(t, m, "1003")
	call := second.Await()
	caller.Hangup()
	call.AwaitEnd()
	logged(t, m, "|sales|1003|RINGCANCELED|", "|sales|NONE|ABANDON|1|1|")
}

// An agent gives the caller to somebody else: his part in it is over when that one has answered, and not before.
func TestBlindTransfer(t *testing.T) {
	lab.Long(t)
	m := lab.Start(t, lab.Options{})
	p, other := agent(t, m, "1002"), m.Phone(t, "1010")
	other.Register(600)
	caller := enter(t, m, "1001", "2000")
	call := p.Await()
	call.Answer()
	talk(t, caller, call)
	call.Refer("1010")
	third := other.Await()
	third.Answer()
	talk(t, caller, third)
	all := logged(t, m, "|sales|1002|CONNECT|", "|sales|1002|BLINDTRANSFER|1010|")
	if strings.Contains(all, "COMPLETE") {
		t.Errorf("a conversation that was passed on has two ends:\n%s", all)
	}
	caller.Hangup()
	third.AwaitEnd()
}

// An agent asks somebody first and then joins him with the caller: the agent's part ends there, and so does his talk.
func TestAttendedTransfer(t *testing.T) {
	lab.Long(t)
	m := lab.Start(t, lab.Options{})
	p, other := agent(t, m, "1002"), m.Phone(t, "1010")
	other.Register(600)
	caller := enter(t, m, "1001", "2000")
	call := p.Await()
	call.Answer()
	talk(t, caller, call)
	asked := make(chan *lab.Call, 1)
	go func() { asked <- p.Call("1010") }()
	third := other.Await()
	third.Answer()
	consult := <-asked
	talk(t, consult, third)
	call.Attend(consult)
	talk(t, caller, third)
	call.AwaitEnd()
	consult.AwaitEnd()
	all := logged(t, m, "|sales|1002|CONNECT|", "|sales|1002|ATTENDEDTRANSFER|")
	if strings.Contains(all, "COMPLETE") {
		t.Errorf("a conversation that was passed on has two ends:\n%s", all)
	}
	var a struct{ State string }
	lab.Wait(t, patience, "the agent is ready again", func() bool {
		return m.Ask(http.MethodGet, "agents/1002", nil, &a) == nil && a.State == "ready"
	})
	caller.Hangup()
	third.AwaitEnd()
}

// A pause by feature code keeps calls away; being ready again brings the one that waits.
func TestPause(t *testing.T) {
	lab.Long(t)
	m := lab.Start(t, lab.Options{})
	p := agent(t, m, "1002")
	command(t, p, "*437")
	caller := enter(t, m, "1001", "2000")
	logged(t, m, "|NONE|1002|PAUSEALL|7", "ENTERQUEUE")
	command(t, p, "*44")
	call := p.Await()
	call.Answer()
	talk(t, caller, call)
	caller.Hangup()
	call.AwaitEnd()
	logged(t, m, "UNPAUSEALL", "CONNECT", "COMPLETECALLER")
}
