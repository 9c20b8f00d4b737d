package hatch

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"tandem/actors/msg"
	"tandem/signal"
	"tandem/web"
	"tandem/ximss/ami"
)

func TestRights(t *testing.T) {
	l := (&office{}).hatch()
	for who, want := range map[string]string{
		"boss@x":    "enter watch:sales watch:support change:sales change:support log:sales log:support calls direct originate",
		"lead@x":    "enter watch:sales change:sales log:sales",
		"watcher@x": "enter watch:sales watch:support calls",
		"dialler@x": "enter originate",
		"1002@x":    "",
		"gone@x":    "",
		"nobody@x":  "",
	} {
		var got []string
		for _, r := range []ami.Right{ami.Enter, ami.Watch, ami.Change, ami.Log, ami.Calls, ami.Direct, ami.Originate} {
			for _, queue := range map[bool][]string{true: {"sales", "support"}, false: {""}}[r == ami.Watch || r == ami.Change || r == ami.Log] {
				word := string(r)
				if queue != "" {
					word += ":" + queue
				}
				if l.May(who, r, queue) {
					got = append(got, word)
				}
			}
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s may %v, want %s", who, got, want)
		}
	}
}

func TestQueues(t *testing.T) {
	l := (&office{}).hatch()
	got, err := l.Queues(t.Context(), "sales")
	if err != nil || len(got) != 1 {
		t.Fatal(got, err)
	}
	q := got[0]
	if q.Hold != 7*time.Second || q.Answered != 4 || len(q.Callers) != 1 || q.Callers[0].ID != "c-1" || q.Callers[0].Exten != "2000" || q.Callers[0].Waited != 5*time.Second {
		t.Errorf("%+v", q)
	}
	want := []ami.Member{
		{Queue: "sales", Name: "1002", Location: "SIP/1002", Penalty: 1, CallsTaken: 3, LastCall: began, LoginTime: began, Status: ami.InUse, InCall: true, WrapUp: 5 * time.Second},
		{Queue: "sales", Name: "1003", Location: "SIP/1003", Penalty: 2, Status: ami.Unavailable, WrapUp: 5 * time.Second},
		{Queue: "sales", Name: "1004", Location: "SIP/1009", Penalty: 1, CallsTaken: 3, LastCall: began, LoginTime: began, LastPause: began, Status: ami.NotInUse,
			Paused: true, Reason: "Coffee", WrapUp: 5 * time.Second},
	}
	if !slices.Equal(q.Members, want) {
		t.Errorf("members\n%+v\nwant\n%+v", q.Members, want)
	}
}

func TestActs(t *testing.T) {
	ctx := t.Context()
	for name, c := range map[string]struct {
		do   func(l *Hatch) error
		want string
	}{
		"pause by interface":        {func(l *Hatch) error { return l.Pause(ctx, "lead@x", "sales", "SIP/1002", true, "lunch") }, "lead@x pause 1002 sales lunch"},
		"pause where he works":      {func(l *Hatch) error { return l.Pause(ctx, "lead@x", "", "Local/1009@agents/n", false, "") }, "lead@x resume 1004"},
		"pause nobody":              {func(l *Hatch) error { return l.Pause(ctx, "lead@x", "", "SIP/77", true, "") }, "Interface not found"},
		"add who is there":          {func(l *Hatch) error { return l.Add(ctx, "lead@x", "sales", "1002", 0, false) }, "Unable to add interface: Already there"},
		"add to another queue":      {func(l *Hatch) error { return l.Add(ctx, "lead@x", "support", "1002", 3, true) }, "lead@x queues 1002 support penalty 3 paused add true"},
		"add who is logged out":     {func(l *Hatch) error { return l.Add(ctx, "lead@x", "sales", "Agent/1003", 4, true) }, "lead@x login 1003 sales penalty 4 paused"},
		"add to no queue":           {func(l *Hatch) error { return l.Add(ctx, "lead@x", "none", "1003", 0, false) }, "Unable to add interface to queue: No such queue"},
		"remove from the last one":  {func(l *Hatch) error { return l.Remove(ctx, "lead@x", "sales", "1002") }, "lead@x queues 1002 sales add false; lead@x logout 1002"},
		"remove who is not there":   {func(l *Hatch) error { return l.Remove(ctx, "lead@x", "sales", "1003") }, "Unable to remove interface: Not there"},
		"penalty in all his queues": {func(l *Hatch) error { return l.SetPenalty(ctx, "lead@x", "", "1004", 4) }, "lead@x queues 1004 sales penalty 4"},
		"ring in use":               {func(l *Hatch) error { return l.SetRingInUse(ctx, "lead@x", "sales", "1002", true) }, "lead@x queues 1002 sales ring true"},
		"withdraw":                  {func(l *Hatch) error { return l.Withdraw(ctx, "lead@x", "sales", "c-1", "closed") }, "lead@x withdraw c-1 in sales closed 0"},
		"promote":                   {func(l *Hatch) error { return l.Promote(ctx, "lead@x", "sales", "c-1", 9) }, "lead@x promote c-1 in sales  9"},
		"hang up":                   {func(l *Hatch) error { return l.Hangup(ctx, "boss@x", "leg-1") }, "hangup leg-1"},
		"hang up nothing":           {func(l *Hatch) error { return l.Hangup(ctx, "boss@x", "leg-2") }, `no leg lives under "leg-2"`},
		"log too long a verb":       {func(l *Hatch) error { return l.Log(ctx, ami.LogLine{Verb: "A B"}) }, "An event is one word of 32 letters at most"},
		"call in another's name":    {func(l *Hatch) error { return l.Originate(ctx, "dialler@x", ami.Order{Account: "1002"}) }, "You may not call in the name of that account"},
		"show another number": {func(l *Hatch) error {
			return l.Originate(ctx, "dialler@x", ami.Order{Channel: "SIP/1002", Exten: "2000", Number: "110"})
		}, "You may not show another number"},
		"call what is no number": {func(l *Hatch) error {
			return l.Originate(ctx, "boss@x", ami.Order{Channel: "SIP/10;02", Exten: "2000"})
		}, "'Channel' and 'Exten' are a number or a name each"},
	} {
		d := &office{}
		err := c.do(d.hatch())
		got := strings.Join(d.done, "; ")
		if refused := ami.Refusal(""); errors.As(err, &refused) {
			got = string(refused)
		} else if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

func TestLog(t *testing.T) {
	d := &office{}
	if err := d.hatch().Log(t.Context(), ami.LogLine{Call: "c", Queue: "q", Agent: "a", Verb: "CALLOUTBOUND", Text: "url|5551234"}); err != nil {
		t.Fatal(err)
	}
	if l := d.lines[0]; l.Verb != "CALLOUTBOUND" || !slices.Equal(l.Args, []string{"url", "5551234"}) || l.Call != "c" || l.Agent != "a" {
		t.Errorf("%v", l)
	}
}

func TestOriginate(t *testing.T) {
	l := (&office{}).hatch()
	var begun ami.Order
	l.Begin = func(by signal.AOR, o ami.Order) (string, error) { begun = o; return "task-1", nil }
	for state, want := range map[string]string{"answered": "", "486-Busy Here": "486-Busy Here"} {
		looks := 0
		l.State = func(string) (string, bool) {
			if looks++; looks < 2 {
				return "", true
			}
			return state, true
		}
		told := make(chan ami.Outcome, 1)
		o := ami.Order{Channel: "PJSIP/1002@x/n", Exten: "2000", Timeout: time.Second, Callback: func(o ami.Outcome) { told <- o }}
		if err := l.Originate(t.Context(), "dialler@x", o); err != nil {
			t.Fatal(err)
		}
		if out := <-told; out.Failed != want || out.Call != "task-1" || begun.Channel != "1002" {
			t.Errorf("%+v, begun %+v", out, begun)
		}
	}
}

// Not more calls are begun than can be followed.
func TestOriginateTooMany(t *testing.T) {
	l := (&office{}).hatch()
	begun := 0
	l.Begin = func(signal.AOR, ami.Order) (string, error) { begun++; return "task-1", nil }
	l.followed.Store(maxFollowed)
	err := l.Originate(t.Context(), "dialler@x", ami.Order{Channel: "SIP/1002", Exten: "2000"})
	if refused := ami.Refusal(""); !errors.As(err, &refused) || begun != 0 || l.followed.Load() != maxFollowed {
		t.Errorf("%v, begun %d, followed %d", err, begun, l.followed.Load())
	}
}

func TestCalls(t *testing.T) {
	d := &office{legs: []web.Leg{
		{Handler: "leg-1", Call: "c", Direction: "in", State: "answered", From: "sip:5550010@x", To: "sip:2000@x", Since: began, Answered: began},
		{Handler: "leg-2", Call: "c", Direction: "out", State: "ringing", From: "sip:5550010@x", To: `"A" <sip:1002@x>`, Since: began},
	}}
	got, err := d.hatch().Calls(t.Context())
	if err != nil || got[0].State != "Up" || got[0].Unique != "c" || got[1].Unique != "" || got[0].Number != "5550010" || got[0].Peer != "2000" ||
		got[1].State != "Ringing" || got[1].Number != "1002" || got[1].Peer != "5550010" || got[1].Of != "c" {
		t.Errorf("%+v %v", got, err)
	}
}

// TestFeed tells a call and an agent's day as facts, and wants the events that a real server would send.
func TestFeed(t *testing.T) {
	d := &office{}
	var events []ami.Event
	f := NewFeed(d.hatch(), func() bool { return true }, func(e ami.Event) { events = append(events, e) })
	queueFact := func(what msg.QueueFact_What, caller, agent string) *msg.QueueFact {
		return &msg.QueueFact{What: what, Queue: "sales", Caller: caller, Agent: agent, Number: "5550010", Position: 1, Original: 1, Waited: 7000, Talked: 61000, Rang: 3500}
	}
	for _, c := range []struct {
		q    *msg.QueueFact
		a    *msg.AgentFact
		want string
	}{
		{q: queueFact(msg.QueueFact_ENTERED, "c-2", ""), want: "QueueCallerJoin Position: 1; Count: 2"}, // c-1 waits already
		{q: queueFact(msg.QueueFact_OFFERED, "c-2", "1002"), want: "AgentCalled Interface: SIP/1002; MemberName: 1002"},
		{q: queueFact(msg.QueueFact_RUNG_IN_VAIN, "c-2", "1002"), want: "AgentRingNoAnswer MemberName: 1002; RingTime: 3500"},
		{q: queueFact(msg.QueueFact_JOINED, "c-2", "1002"), want: "QueueCallerLeave Position: 1; Count: 1 AgentConnect HoldTime: 7; RingTime: 3"},
		{q: queueFact(msg.QueueFact_COMPLETED_BY_AGENT, "c-2", "1002"), want: "AgentComplete TalkTime: 61; Reason: agent"},
		{q: queueFact(msg.QueueFact_DUMPED, "c-1", "1002"), want: "AgentDump Interface: SIP/1002; MemberName: 1002"},
		{q: queueFact(msg.QueueFact_EXPIRED, "c-1", ""), want: "QueueCallerAbandon OriginalPosition: 1; HoldTime: 7 QueueCallerLeave Position: 1; Count: 0"},
		{q: queueFact(msg.QueueFact_NOT_SERVED, "c-1", ""), want: ""},
		{a: &msg.AgentFact{What: msg.AgentFact_LOGGED_ON, Agent: "1003", Text: "SIP/1003"}, want: "AgentLogin Linkedid: 1003; Agent: 1003"},
		{a: &msg.AgentFact{What: msg.AgentFact_ADDED_TO, Agent: "1003", Queue: "sales"}, want: "QueueMemberAdded Ringinuse: 0; Wrapuptime: 5"},
		{a: &msg.AgentFact{What: msg.AgentFact_PAUSED_IN, Agent: "1002", Queue: "sales", Text: "Tea", At: began.UnixNano()}, want: "QueueMemberPause Ringinuse: 0; Wrapuptime: 5"},
		{a: &msg.AgentFact{What: msg.AgentFact_PENALTY_SET, Agent: "1002", Queue: "sales", Number: 7}, want: "QueueMemberPenalty Ringinuse: 0; Wrapuptime: 5"},
		{a: &msg.AgentFact{What: msg.AgentFact_BECAME, Agent: "1002", State: "talking"}, want: "QueueMemberStatus Ringinuse: 0; Wrapuptime: 5"},
		{a: &msg.AgentFact{What: msg.AgentFact_REMOVED_FROM, Agent: "1002", Queue: "support"}, want: "QueueMemberRemoved Ringinuse: 0; Wrapuptime: 0"},
		{a: &msg.AgentFact{What: msg.AgentFact_LOGGED_OFF, Agent: "1002", Time: 200000}, want: "AgentLogoff Agent: 1002; Logintime: 200"},
		{a: &msg.AgentFact{What: msg.AgentFact_PAUSED_IN_ALL, Agent: "1002"}, want: ""},
	} {
		events = nil
		f.tell(t.Context(), []fact{{queue: c.q, agent: c.a}})
		var got []string
		for _, e := range events {
			last := e.Of[len(e.Of)-2:]
			got = append(got, e.Name, last[0].Name+": "+last[0].Value+";", last[1].Name+": "+last[1].Value)
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("got %s\nwant %s", strings.Join(got, " "), c.want)
		}
		if c.a != nil && c.a.What == msg.AgentFact_PAUSED_IN && (events[0].Of.Get("Paused") != "1" || events[0].Of.Get("PausedReason") != "Tea" || events[0].Of.Get("InCall") != "1") {
			t.Errorf("%v", events[0])
		}
	}
	for _, what := range []msg.AgentFact_What{msg.AgentFact_LOGGED_ON, msg.AgentFact_LOGGED_OFF} {
		events = nil
		f.tell(t.Context(), []fact{{agent: &msg.AgentFact{What: what, Agent: "1002"}}})
		if len(events) != 1 || !slices.Equal(events[0].Queues, []string{"sales"}) {
			t.Errorf("%v is for those who watch sales: %+v", what, events)
		}
	}
	events, d.asked = nil, 0
	for range 3 { // many changes at once
		f.Take(nil, &msg.AgentFact{What: msg.AgentFact_BECAME, Agent: "1002"})
		f.Take(nil, &msg.AgentFact{What: msg.AgentFact_BECAME, Agent: "1004"})
		f.Take(queueFact(msg.QueueFact_OFFERED, "c-2", "1002"), nil)
	}
	f.tell(t.Context(), f.more(<-f.facts))
	var names []string
	for _, e := range events {
		names = append(names, e.Name)
	}
	if want := []string{"AgentCalled", "AgentCalled", "QueueMemberStatus", "QueueMemberStatus", "AgentCalled"}; d.asked != 1 || !slices.Equal(names, want) {
		t.Errorf("asked %d times for %v, want %v", d.asked, names, want)
	}
	for range feedRoom + 3 {
		f.Take(nil, &msg.AgentFact{})
	}
	if f.Lost() != 3 {
		t.Errorf("%d are lost", f.Lost())
	}
}

// Where facts were lost who waits is asked again: what is counted would be wrong for ever.
func TestFeedAfterLostFacts(t *testing.T) {
	var counts []string
	f := NewFeed((&office{}).hatch(), func() bool { return true }, func(e ami.Event) {
		if e.Name == "QueueCallerJoin" {
			counts = append(counts, e.Of.Get("Count"))
		}
	})
	entered := func(caller string) *msg.QueueFact {
		return &msg.QueueFact{What: msg.QueueFact_ENTERED, Queue: "sales", Caller: caller, Position: 1}
	}
	for i := range feedRoom + 1 {
		f.Take(entered([]string{"c-2", "c-3"}[i%2]), nil)
	}
	if f.Lost() != 1 {
		t.Fatalf("%d are lost", f.Lost())
	}
	f.tell(t.Context(), f.more(<-f.facts))
	if n := counts[len(counts)-1]; n != "3" {
		t.Errorf("%s wait", n)
	}
	for len(f.facts) > 0 {
		<-f.facts
	}
	f.Take(entered("c-4"), nil) // c-2 and c-3 have left, of which nothing was heard; c-1 waits still
	f.tell(t.Context(), f.more(<-f.facts))
	if n := counts[len(counts)-1]; n != "2" {
		t.Errorf("%s wait after the gap", n)
	}
}
