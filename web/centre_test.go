package web

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"tandem/web/screen"
)

// callCentre is a call centre with some of everything, whose acts it notes.
type callCentre struct {
	houseQueues
	houseAgents

	mu      sync.Mutex
	now     func() time.Time
	queues  []Queue
	callers []Caller
	agents  []Agent
	told    []string
	deaf    bool // the owners of queues do not say who is in them
}

// centreAt is a call centre at a moment: sales is over its limit, support is calm, billing has nobody.
func centreAt(now func() time.Time) *callCentre {
	at := now()
	c := &callCentre{now: now, queues: []Queue{
		{Name: "billing", Numbers: []string{"2002"}, Strategy: "ringall", State: QueueEmpty, ServiceLevel: 20, Target: 80},
		{Name: "sales", Display: "Sales", Numbers: []string{"2000"}, Strategy: "leastrecent", State: QueueNear, ServiceLevel: 20, Target: 80, Waiting: 3,
			Callbacks: 1, Longest: 16, LoggedOn: 3, Ready: 1, Talking: 1, Paused: 1, Answered: 10, InTime: 6, Abandoned: 2,
			At: at.Add(-26 * time.Second), Member: "tandem1"},
		{Name: "support", Numbers: []string{"2001"}, Strategy: "linear", State: QueueOnTarget, ServiceLevel: 30, Target: 80, LoggedOn: 2, Ready: 1,
			Answered: 4, InTime: 4, At: at.Add(-time.Minute), Member: "tandem2"},
	}}
	for _, x := range []Caller{{Caller: "c-1", Number: "1000", Name: "alice", Position: 1, State: "ringing", Waited: 42, Agents: []string{"1002"}},
		{Caller: "c-2", Number: "1001", Name: hostile, Position: 2, State: "waiting", Waited: 31},
		{Caller: "c-3", Position: 3, State: "resting", Waited: 5, Callback: true, Priority: 4},
		{Caller: "c-4", Number: "1007", State: "talking", Waited: 9, Agents: []string{"1003"}}} {
		x.Queue = "sales"
		c.callers = append(c.callers, x)
	}
	for i, state := range []string{"ringing", "talking", "paused", "ready", "ready", "wrap-up", "logged out"} {
		name := fmt.Sprint(1002 + i)
		a := Agent{Name: name, Display: "agent " + name, State: state, Next: state, Since: at.Add(-time.Duration(i+1) * 40 * time.Second),
			Reachable: i != 4, Devices: []string{name + "@tandem.local"}, Queues: []AgentQueue{{Queue: "sales", Penalty: i % 2}, {Queue: "support"}},
			Day: AgentDay{Calls: i, Talk: 125, Paused: Seconds(60 * i)}, Skills: map[string]int{"french": 2}}
		switch state {
		case "ringing":
			a.Queue, a.Caller, a.Number, a.CallerName = "sales", "c-1", "1000", "alice"
		case "talking":
			a.Queue, a.Caller, a.Number, a.Next = "sales", "c-4", "1007", "paused"
		case "paused":
			a.Reason = hostile
		case "wrap-up":
			a.WrapUpUntil = at.Add(30 * time.Second)
		}
		c.agents = append(c.agents, a)
	}
	return c
}

func (c *callCentre) Queues(_ context.Context, q QueueQuery) (out []Queue, _ error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, x := range c.queues {
		if q.By.Account != "" && (q.Name == "" || q.Name == x.Name) {
			out = append(out, x)
		}
	}
	return out, nil
}

func (c *callCentre) Callers(_ context.Context, q CallerQuery) (out []Caller, _ error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.deaf {
		return nil, Unavailable("the owner of %s is silent", q.Queue)
	}
	for _, x := range c.callers {
		if x.Queue == q.Queue && q.By.Account != "" && (q.Caller == "" || q.Caller == x.Caller) {
			out = append(out, x)
		}
	}
	return out, nil
}

func (c *callCentre) Explain(_ context.Context, q CallerQuery) (Explanation, error) {
	if q.Caller != "c-1" && q.Caller != "c-2" && q.Caller != "c-9" {
		return Explanation{}, NotFound("no caller %q", q.Caller)
	}
	return Explanation{Waits: []Reason{{Agent: "1004", Why: "is paused: " + hostile}}, History: []Event{{At: c.now(), What: "entered", Queue: "sales"},
		{At: c.now(), What: "offered", Queue: "sales", Agent: "1002", Because: "least recent", Reasons: []Reason{{Agent: "1003", Why: "talks"}}}}}, nil
}

func (c *callCentre) ActOnCaller(_ context.Context, a CallerAct) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !slices.ContainsFunc(c.callers, func(x Caller) bool { return x.Caller == a.Caller }) {
		return NotFound("no caller %q is there", a.Caller)
	}
	c.told = append(c.told, fmt.Sprintf("%s %s %s %q %d %d by %s", a.Verb, a.Queue, a.Caller, a.Text+a.To, a.Position, a.Priority, a.By.Account))
	return nil
}

func (c *callCentre) Agents(_ context.Context, q AgentQuery) (out []Agent, _ error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, x := range c.agents {
		if q.By.Account != "" && (q.Name == "" || q.Name == x.Name) && (q.Queue == "" || x.belongs(q.Queue)) {
			out = append(out, x)
		}
	}
	return out, nil
}

func (c *callCentre) ExplainAgent(_ context.Context, _ Asker, name string) (Explanation, error) {
	return Explanation{Waits: []Reason{{Queue: "sales", Why: "nobody waits there"}, {Queue: "billing", Why: "not his"}},
		History: []Event{{At: c.now(), What: "became ready", Agent: name}}}, nil
}

func (c *callCentre) ActOnAgent(_ context.Context, a AgentAct) (Agent, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	i := slices.IndexFunc(c.agents, func(x Agent) bool { return x.Name == a.Name })
	if i < 0 {
		return Agent{}, NotFound("there is no agent %q", a.Name)
	}
	c.told = append(c.told, fmt.Sprintf("%s %s %q by %s", a.Verb, a.Name, a.Reason+a.Device, a.By.Account))
	x := &c.agents[i]
	switch a.Verb {
	case "pause":
		x.State, x.Reason, x.Since = "paused", a.Reason, c.now()
	case "ready":
		x.State, x.Reason, x.Since = "ready", "", c.now()
	}
	if a.Verb != "check" {
		x.Next = x.State
	}
	return *x, nil
}

// change lets a test change what there is.
func (c *callCentre) change(f func(*callCentre)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	f(c)
}

// inCentre is a member with a call centre.
func inCentre(t testing.TB) (*Server, *callCentre) {
	t.Helper()
	s := inTown(t, newTown())
	s.now = func() time.Time { return moment }
	c := centreAt(s.now)
	s.services.Queues, s.services.Agents = c, c
	return s, c
}

// The board counts each agent once however many queues he is in, and a wait goes on after the last change of its queue.
func TestFiguresOfTheBoard(t *testing.T) {
	s, _ := inCentre(t)
	c, err := s.lookAtCentre(askedBy(t.Context(), Asker{Account: "admin", Master: true}), "")
	if err != nil {
		t.Fatal(err)
	}
	got := ""
	for _, f := range c.figures() {
		got += fmt.Sprintf("%s=%s%s (%s) ", f.Key, f.Value, f.Of, f.Tone)
		if f.State != nil {
			got += f.State.Word + " "
		}
	}
	const want = "waiting=3 () longest=0:42 (bad) sales level=62.5% (warn) 10 of 16, target 80 % lost=12.5% () ready=1of 6 () talking=1 () "
	if got != want {
		t.Errorf("\n%s\n%s", got, want)
	}
	c.agents[3].Queues[1].Paused = true // who is ready, in support
	counts := ""
	for _, x := range [][2]string{{"sales", "ready"}, {"sales", "paused"}, {"support", "ready"}, {"support", "paused"}, {"billing", "ready"}} {
		counts += fmt.Sprint(c.agentsOf(x[0], x[1]))
	}
	if counts != "11020" {
		t.Errorf("agents of queues: %s", counts)
	}
	if state := c.queues[1].stateAt(c.now); state != QueueOver {
		t.Errorf("sales is %s", state)
	}
}

func TestServiceLevels(t *testing.T) {
	for _, x := range []struct {
		share, target float64
		tone          string
	}{{80, 80, "good"}, {79.9, 80, "warn"}, {60, 80, "warn"}, {59, 80, "bad"}, {0, 0, "good"}} {
		if got := levelState(x.share, x.target); got.Tone != x.tone {
			t.Errorf("%v of %v: %v", x.share, x.target, got)
		}
	}
	if _, target := (Queue{}).levelCells(); target.Text != screen.Dash {
		t.Errorf("a queue without a target has %q", target.Text)
	}
}
