package centre

import (
	"slices"
	"strings"
	"testing"

	"tandem/actors/msg"
	"tandem/actors/queue"
)

// A caller that is to be called back hears that it may hang up when that is written down, and not before. Its place is
// kept by nobody else: the queue's next owner has it, calls it back when its turn has come, and forgets it then.
func TestCallbackIsKept(t *testing.T) {
	c := newCentre(t, 3)
	c.define("sales", func(s *queue.Settings) { s.Callback.Key = "2" })
	c.employ("ann", "sales")
	owner := c.owner("queue", "sales")
	home := c.members[0]
	if home == owner {
		home = c.members[1]
	}
	call := c.call(home, "sales", "c1")
	c.until("the caller is in line", call.placed)
	c.kept.hold()
	call.tell(&confirm{"0301"})
	c.until("it is about to be written", func() bool { return c.kept.holds() > 0 })
	if why := call.hasLeft(); why != "" {
		t.Fatalf("the caller has left by %s, and nothing is written", why)
	}
	c.kept.let()
	c.until("the caller may hang up", func() bool { return call.hasLeft() == "CALLBACK" })
	c.go_(owner.Name(), "hands over")
	c.awaken("queue", "sales", owner)
	if got := c.line("sales"); !slices.Equal(got, []string{"c1"}) {
		t.Fatalf("in line are %v", got)
	}
	c.logOn("ann")
	var back *task
	c.until("it is called back", func() bool {
		c.mu.Lock()
		defer c.mu.Unlock()
		back = c.tasks["c1"]
		return back != call
	})
	back.tell(&dialled{})
	c.until("ann is rung", func() bool { return back.agentRung() == "ann" })
	back.tell(&connect{"ann"})
	c.until("they talk", func() bool { return back.talks() == "ann" })
	back.tell(&finish{"caller"})
	c.until("it has left", func() bool { return back.hasLeft() == "SERVED" })
	var verbs []string
	for _, l := range c.journal.lines() {
		verbs = append(verbs, strings.Split(l, "|")[3])
	}
	if want := []string{"ENTERQUEUE", "CALLBACKREQUEST", "CALLBACKDIAL", "CONNECT", "COMPLETECALLER"}; !slices.Equal(verbs, want) {
		t.Errorf("the records have %v", verbs)
	}
	if _, there := c.kept.Get("callback/sales/c1"); there {
		t.Error("the callback is kept still")
	}
	c.sound()
}

// An agent whose owner goes while he talks goes on talking at the next one, who hears it from the queue and from the
// caller's Task; nobody else gets him until that is over, and then the next caller does.
func TestAgentsOwnerGoes(t *testing.T) {
	c := newCentre(t, 3)
	c.define("sales", nil)
	c.employ("ann", "sales")
	owner := c.owner("agent", "ann")
	home := c.members[0]
	if home == owner {
		home = c.members[1]
	}
	first, second := c.call(home, "sales", "c1"), c.call(home, "sales", "c2")
	c.until("both are in line", func() bool { return first.placed() && second.placed() })
	c.logOn("ann")
	talks := first
	c.until("ann is rung", func() bool {
		if second.agentRung() != "" {
			talks, second = second, first
		}
		return talks.agentRung() == "ann"
	})
	talks.tell(&connect{"ann"})
	c.until("they talk", func() bool { return talks.talks() == "ann" })
	c.go_(owner.Name(), "hands over")
	c.awaken("agent", "ann", owner)
	c.until("ann talks", func() bool { return c.state("ann") == "talking" })
	if a := second.agentRung(); a != "" {
		t.Errorf("%s is rung for another caller", a)
	}
	found := c.ask("queue", "sales", &msg.QueueFind{Caller: second.id}).(*msg.QueueFound)
	if len(found.Reasons) != 1 || !strings.Contains(found.Reasons[0].Why, "talking") {
		t.Errorf("the other one waits because of %v", found.Reasons)
	}
	talks.tell(&finish{"agent"})
	c.until("ann is rung for the other one", func() bool { return second.agentRung() == "ann" })
	c.sound()
}

// Why somebody is rung, and why a caller has to wait, is in the records with the reasons of that moment.
func TestDecisionsAreFacts(t *testing.T) {
	c := newCentre(t, 1)
	c.define("sales", nil)
	c.employ("ann", "sales")
	c.employ("bob", "sales")
	c.logOn("ann")
	first := c.call(c.members[0], "sales", "c1")
	c.until("ann is rung", func() bool { return first.agentRung() == "ann" })
	second := c.call(c.members[0], "sales", "c2")
	c.until("the other one is in line", second.placed)
	c.logOn("bob")
	c.until("bob is rung", func() bool { return second.agentRung() == "bob" })
	c.journal.mu.Lock()
	defer c.journal.mu.Unlock()
	var got []string
	for _, f := range c.journal.facts {
		for _, r := range f.Reasons {
			got = append(got, strings.Join([]string{f.Caller, f.What.String(), f.Because, r.Agent, r.Why}, ", "))
		}
	}
	want := []string{"c2, NOT_SERVED, of 1 agents nobody is free and fits, ann, is ringing c1",
		"c2, OFFERED, leastrecent: the first of 1 who are free and fit, ann, is ringing c1"}
	if !slices.Equal(got, want) {
		t.Errorf("the reasons are\n%s", strings.Join(got, "\n"))
	}
}
