package centre

import (
	"fmt"
	"slices"
	"testing"

	"tandem/actors/msg"
)

// Two agents with owners on two members take the same phone while neither owner hears of the other one. Once what is kept
// has come to both, the later one alone works there, for whoever asks; the other one is logged on and has no device.
func TestOneAgentWorksAtADevice(t *testing.T) {
	c := newCentre(t, 2)
	c.define("sales", nil)
	var names []string
	for i := 0; len(names) < 2; i++ {
		if name := fmt.Sprint("agent", i); c.owner("agent", name) == c.members[len(names)] {
			names = append(names, name)
		}
	}
	c.there["desk@t.local"] = true
	for _, name := range names {
		c.employ(name, "sales")
	}
	devices := func(name string) []string { return c.ask("agent", name, &msg.AgentFind{}).(*msg.AgentFound).Devices }
	c.kept.hold()
	for _, name := range names {
		if a := c.ask("agent", name, &msg.AgentLogOn{Device: "desk@t.local"}).(*msg.AgentChanged); a.State != "ready" {
			t.Fatalf("%s is %s %s", name, a.State, a.Refused)
		}
	}
	if !slices.Equal(devices(names[0]), devices(names[1])) {
		t.Fatal("they know of each other too early for this story")
	}
	c.kept.let()
	c.until("the first one has no device", func() bool { return len(devices(names[0])) == 0 })
	if got := devices(names[1]); !slices.Equal(got, []string{"desk@t.local"}) {
		t.Errorf("the second one works at %v", got)
	}
	for _, f := range c.agents {
		c.until("all know who works there", func() bool { return f.WorksAt("desk@t.local") == names[1] })
	}
	if c.state(names[0]) != "ready" {
		t.Errorf("the first one is %s", c.state(names[0]))
	}
	c.logOn(names[0]) // at his own phone
	if got := devices(names[0]); !slices.Equal(got, []string{names[0] + "@t.local"}) {
		t.Errorf("the first one works at %v", got)
	}
	c.sound()
}
