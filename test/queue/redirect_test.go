package queue

import (
	"bufio"
	"fmt"
	"net"
	"strconv"
	"strings"
	"testing"
	"time"

	"tandem/test/lab"
)

// manager is a client of the manager interface, logged in as the administrator.
type manager struct {
	t  *testing.T
	in *bufio.Reader
	net.Conn
}

func manage(t *testing.T, m *lab.Member) *manager {
	t.Helper()
	c, err := net.Dial("tcp", net.JoinHostPort(m.Bind, strconv.Itoa(m.AMI)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	_ = c.SetDeadline(time.Now().Add(time.Minute))
	a := &manager{t, bufio.NewReader(c), c}
	a.does("Login", "Username: admin", "Secret: "+lab.Password, "Events: off")
	return a
}

// does demands that an action is done.
func (a *manager) does(action string, headers ...string) {
	a.t.Helper()
	if got := a.says(action, headers...); !strings.Contains(got, "Success") {
		a.t.Fatalf("%s: %s", action, got)
	}
}

// says is the answer to an action.
func (a *manager) says(action string, headers ...string) (answer string) {
	a.t.Helper()
	fmt.Fprintf(a, "Action: %s\r\n%s\r\n\r\n", action, strings.Join(headers, "\r\n"))
	for {
		line, err := a.in.ReadString('\n')
		if err != nil {
			a.t.Fatal(err)
		}
		if strings.HasPrefix(line, "Response:") || answer != "" {
			answer += line
		}
		if line == "\r\n" && answer != "" {
			return answer
		}
	}
}

// legOf is the handler of the leg by which somebody called.
func legOf(t *testing.T, m *lab.Member, user string) (handler string) {
	t.Helper()
	lab.Wait(t, patience, user+" has a leg", func() bool {
		for _, l := range m.Legs() {
			if l.Direction == "in" && strings.Contains(l.From, user) {
				handler = l.Handler
			}
		}
		return handler != ""
	})
	return handler
}

// The manager interface sends a caller who talks with an agent to somebody else: his part is over when that one answers,
// and the queue knows whom it was passed to. A caller who waits goes as well, and stays where nobody takes it.
func TestRedirect(t *testing.T) {
	lab.Long(t)
	m := lab.Start(t, lab.Options{})
	boss := manage(t, m)
	p, other := agent(t, m, "1002"), m.Phone(t, "1010")
	other.Register(600)
	caller := enter(t, m, "1001", "2000")
	call := p.Await()
	call.Answer()
	talk(t, caller, call)
	boss.does("Redirect", "Channel: "+legOf(t, m, "1001"), "Exten: 1010", "Context: default", "Priority: 1")
	third := other.Await()
	third.Answer()
	talk(t, caller, third)
	call.AwaitEnd()
	logged(t, m, "|sales|1002|CONNECT|", "|sales|1002|BLINDTRANSFER|1010|")
	third.Hangup()
	caller.AwaitEnd()

	command(t, p, "*42")
	caller = enter(t, m, "1008", "2000")
	logged(t, m, "|sales|NONE|ENTERQUEUE||1008|1")
	leg := legOf(t, m, "1008")
	if got := boss.says("Redirect", "Channel: "+leg, "Exten: a b"); !strings.Contains(got, "Error") {
		t.Errorf("redirected to what is no number: %s", got)
	}
	boss.does("Redirect", "Channel: "+leg, "Exten: 1010")
	other.Await().Refuse("486 Busy Here")
	lab.Wait(t, patience, "it can be sent elsewhere again", func() bool {
		return strings.Contains(boss.says("Redirect", "Channel: "+leg, "Exten: 1010"), "Success")
	})
	third = other.Await()
	if strings.Contains(queueLog(m), "ABANDON") {
		t.Error("who was sent away, and not taken, waits no more")
	}
	third.Answer()
	talk(t, caller, third)
	logged(t, m, "|sales|NONE|ABANDON|1|1|")
	if got := boss.says("Redirect", "Channel: nothing", "Exten: 1010"); !strings.Contains(got, "No such channel") {
		t.Errorf("%s", got)
	}
	third.Hangup()
	caller.AwaitEnd()
}

// A supervisor sends a caller from one queue to another one, where it is served with the time that it has waited.
func TestSentToAnotherQueue(t *testing.T) {
	lab.Long(t)
	m := lab.Start(t, lab.Options{})
	caller := enter(t, m, "1001", "2000")
	logged(t, m, "|sales|NONE|ENTERQUEUE||1001|1")
	var list struct{ Callers []struct{ Caller string } }
	if err := m.Ask("GET", "queues/sales/callers", nil, &list); err != nil || len(list.Callers) != 1 {
		t.Fatalf("%+v %v", list, err)
	}
	path := "queues/sales/callers/" + list.Callers[0].Caller + "/send"
	if err := m.Ask("POST", path, map[string]string{"to": "nowhere"}, nil); err == nil {
		t.Error("sent to a queue that is none")
	}
	if err := m.Ask("POST", path, map[string]string{"to": "support"}, nil); err != nil {
		t.Fatal(err)
	}
	logged(t, m, "|sales|NONE|WITHDRAW|", "|support|NONE|ENTERQUEUE||1001|1")
	p := agent(t, m, "1004") // who works for support
	call := p.Await()
	call.Answer()
	talk(t, caller, call)
	call.Hangup()
	caller.AwaitEnd()
}
