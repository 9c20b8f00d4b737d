package centre

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"tandem/actors/msg"
)

// One call, from the caller's first word to the records.
func TestOneCall(t *testing.T) {
	c := newCentre(t, 1)
	c.define("sales", nil)
	c.employ("ann", "sales")
	call := c.call(c.members[0], "sales", "c1")
	c.until("the caller is in line", call.placed)
	if got := c.line("sales"); !slices.Equal(got, []string{"c1"}) {
		t.Fatalf("in line are %v", got)
	}
	c.logOn("ann")
	c.until("ann is rung", func() bool { return call.agentRung() == "ann" })
	if s := c.state("ann"); s != "ringing" {
		t.Errorf("ann is %s", s)
	}
	call.tell(&connect{"ann"})
	c.until("they talk", func() bool { return call.talks() == "ann" })
	call.tell(&finish{"agent"})
	c.until("the caller has left", func() bool { return call.hasLeft() == "SERVED" })
	c.until("ann is ready", func() bool { return c.state("ann") == "ready" })
	want := []string{"c1|sales||ENTERQUEUE|||1", "c1|sales|ann|CONNECT|0|leg-ann|1", "c1|sales|ann|COMPLETEAGENT|0|0|1"}
	if got := c.journal.lines(); !slices.Equal(got, want) {
		t.Errorf("the records have\n%s", strings.Join(got, "\n"))
	}
	c.sound()
}

// A queue that is not defined lets nobody in; once it is, it does.
func TestUndefinedQueue(t *testing.T) {
	c := newCentre(t, 1)
	c.employ("ann", "sales")
	c.logOn("ann")
	first := c.call(c.members[0], "sales", "c1")
	c.until("the caller is refused", func() bool {
		first.mu.Lock()
		defer first.mu.Unlock()
		return first.refuse != nil && first.refuse.Why == "UNKNOWN"
	})
	c.define("sales", nil)
	c.queues[0].Changed("sales")
	second := c.call(c.members[0], "sales", "c2")
	c.until("ann is rung", func() bool { return second.agentRung() == "ann" })
	if a := c.ask("agent", "nobody", &msg.AgentLogOn{}).(*msg.AgentChanged); a.Refused != "UNKNOWN" {
		t.Errorf("nobody logs on: %v", a)
	}
	c.sound()
}

// TestOwnerGoes lets the owner of a queue hand its names over, or stop without doing so, or lose the store while it
// lives, with callers in line on the other members, agents on all, and conversations and rings under way. The order
// stays, nobody is lost, nobody is rung twice, and the work goes on.
func TestOwnerGoes(t *testing.T) {
	for _, how := range []string{"hands over", "stops", "is cut off"} {
		t.Run(strings.ReplaceAll(how, " ", "-"), func(t *testing.T) { t.Parallel(); ownerGoes(t, how) })
	}
}

func ownerGoes(t *testing.T, how string) {
	c := newCentre(t, 3)
	c.define("sales", nil)
	owner := c.owner("queue", "sales")
	var homes, staff []string
	for i := range 6 {
		staff = append(staff, fmt.Sprint("a", i))
		c.employ(staff[i], "sales")
	}
	c.logOn(staff[:2]...)
	var calls []*task
	for i := range 20 {
		m := c.members[i%3]
		if m == owner {
			m = c.members[(i+1)%3]
		}
		homes = append(homes, m.Name())
		calls = append(calls, c.call(m, "sales", fmt.Sprintf("c%02d", i)))
		c.until("the caller is in line", calls[i].placed)
	}
	c.until("two agents are rung", func() bool { return calls[0].agentRung() != "" && calls[1].agentRung() != "" })
	calls[0].tell(&connect{calls[0].agentRung()})
	c.until("the first one talks", func() bool { return calls[0].talks() != "" })
	before := c.line("sales")
	c.go_(owner.Name(), how)
	next := c.awaken("queue", "sales", owner)
	c.until("all are there again", func() bool { return len(c.line("sales")) == len(before) })
	if after := c.line("sales"); !slices.Equal(before, after) {
		t.Fatalf("%s was the owner, %s is it now.\nbefore: %v\nafter:  %v\n%v", owner.Name(), next.Name(), before, after, homes)
	}
	for _, s := range staff {
		if c.owner("agent", s) == nil {
			c.until("there is an owner", func() bool { return c.owner("agent", s) != nil })
		}
	}
	c.wake()
	calls[0].tell(&finish{"caller"})
	c.logOn(staff[2:]...)
	for i, call := range calls {
		c.until(fmt.Sprintf("caller %d is rung for or has talked", i), func() bool { return call.agentRung() != "" || call.hasLeft() != "" })
		if call.hasLeft() == "" {
			call.tell(&connect{call.agentRung()})
			c.until("they talk", func() bool { return call.talks() != "" })
			call.tell(&finish{"caller"})
		}
		c.until("the caller has left", func() bool { return call.hasLeft() == "SERVED" })
	}
	for _, what := range []msg.QueueFact_What{msg.QueueFact_ENTERED, msg.QueueFact_JOINED, msg.QueueFact_COMPLETED_BY_CALLER} {
		if n := c.journal.count(what); n != len(calls) {
			t.Errorf("%d callers were %v, of %d:\n%s", n, what, len(calls), strings.Join(c.journal.lines(), "\n"))
		}
	}
	c.sound()
}

// go_ has a member go.
func (c *centre) go_(name, how string) {
	c.Helper()
	switch m := c.member(name); how {
	case "hands over":
		m.HandOver(c.Context())
		c.stop(name)
	case "stops":
		c.stop(name)
	case "is cut off":
		c.company.CutOff(name)
		c.mu.Lock()
		c.cut[name] = true
		c.mu.Unlock()
	}
}
