package hatch

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"tandem/actors/account"
	"tandem/actors/ledger"
	"tandem/actors/msg"
	"tandem/signal"
	"tandem/web"
)

var began = time.Unix(1795305017, 0)

// office is a desk with the queue sales and the agents 1002, who works, 1003, who does not, and 1004, who works at the
// phone of 1009. It notes what it is asked to do.
type office struct {
	web.Queues
	web.Agents
	done  []string
	asked int // for agents
	lines []*msg.FactLine
	legs  []web.Leg
}

func (d *office) hatch() *Hatch {
	return &Hatch{Options: Options{Books: d, Record: d.record, Queues: queues{d}, Agents: agents{d}, Legs: calls{d},
		Prove:  func(_ context.Context, user, password string) (string, bool) { return user + "@x", password == "right" },
		Secret: func(user string) (string, string, bool) { return user + "@x", "right", user == "boss" },
		Write: func(l *msg.FactLine, done func(uint64, error)) error {
			d.lines = append(d.lines, l)
			done(1, nil)
			return nil
		},
		Log: slog.New(slog.DiscardHandler)}}
}

func (d *office) record(aor signal.AOR) (*account.Record, bool) {
	r := &account.Record{AOR: aor}
	switch aor.User() {
	case "boss":
		r.Roles = []string{account.Administrator}
	case "lead":
		r.Rights = []string{"CanSupervise:sales"}
	case "watcher":
		r.Rights = []string{"Monitor"}
	case "dialler":
		r.Rights = []string{"CanOriginate"}
	case "gone":
		r.Roles, r.Disabled = []string{account.Administrator}, true
	case "1002":
	default:
		return nil, false
	}
	return r, true
}

func (d *office) Queue(name string) (*ledger.Queue, bool) {
	q := ledger.DefaultQueue(name)
	q.Numbers, q.WrapUpTime = []string{"2000"}, "5s"
	return &q, name == "sales" || name == "support"
}

func (d *office) Agent(name string) (*ledger.Agent, bool) {
	a := ledger.DefaultAgent(name)
	a.Account = name + "@x"
	a.Memberships = []ledger.Membership{{Queue: "sales", Penalty: 2}}
	return &a, slices.Contains([]string{"1002", "1003", "1004"}, name)
}

func (d *office) Resolve(name, domain string) (string, bool) { return name + "@" + domain, true }
func (d *office) MayAdminister(who, other string) bool       { return strings.HasPrefix(who, "boss") }

func (d *office) agents() []web.Agent {
	sales := []web.AgentQueue{{Queue: "sales", Penalty: 1, Calls: 3, LastCall: began}}
	return []web.Agent{
		{Name: "1002", Account: "1002@x", State: "talking", Queue: "sales", Since: began, Reachable: true, LoggedOn: began, Devices: []string{"1002@x"}, Queues: sales},
		{Name: "1003", Account: "1003@x", State: "logged out", Queues: []web.AgentQueue{}},
		{Name: "1004", Account: "1004@x", State: "paused", Reason: "Coffee", Since: began, Reachable: true, LoggedOn: began, Devices: []string{"1009@x"}, Queues: sales},
	}
}

func (d *office) AgentsOf(name string) (out []web.Agent) {
	return slices.DeleteFunc(d.agents(), func(a web.Agent) bool { return name != "" && a.Name != name })
}

// calls are the living legs.
type calls struct{ *office }

func (c calls) Legs(context.Context, web.LegQuery) ([]web.Leg, error) { return c.legs, nil }
func (c calls) Records(context.Context, web.RecordQuery) ([]web.Record, error) {
	return nil, nil
}
func (c calls) Hangup(_ context.Context, handler string) error {
	if handler != "leg-1" {
		return web.NotFound("no leg lives under %q", handler)
	}
	c.done = append(c.done, "hangup "+handler)
	return nil
}

func (d *office) Callers(_ context.Context, q web.CallerQuery) ([]web.Caller, error) {
	return []web.Caller{{Queue: q.Queue, Caller: "c-1", Number: "5550010", Position: 1, Priority: 2, Waited: 5}, {Queue: q.Queue, Caller: "c-0", Number: "5550009"}}, nil
}

func (d *office) ActOnCaller(_ context.Context, a web.CallerAct) error {
	d.done = append(d.done, fmt.Sprintf("%s %s %s in %s %s %d", a.By.Account, a.Verb, a.Caller, a.Queue, a.Text, a.Priority))
	return nil
}

func (d *office) ActOnAgent(_ context.Context, a web.AgentAct) (web.Agent, error) {
	text := fmt.Sprintf("%s %s %s", a.By.Account, a.Verb, a.Name)
	for _, s := range []string{a.Queue, a.Reason} {
		if s != "" {
			text += " " + s
		}
	}
	if a.Penalty != nil {
		text += fmt.Sprint(" penalty ", *a.Penalty)
	}
	if a.Paused {
		text += " paused"
	}
	if a.Add || a.Remove {
		text += fmt.Sprint(" add ", a.Add)
	}
	if a.RingInUse != nil {
		text += fmt.Sprint(" ring ", *a.RingInUse)
	}
	d.done = append(d.done, text)
	agent := d.AgentsOf(a.Name)[0]
	if a.Verb == "login" {
		agent.LoggedOn, agent.Queues = began, []web.AgentQueue{{Queue: "sales"}}
	}
	return agent, nil
}
