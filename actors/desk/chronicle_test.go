package desk

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"tandem/actors/cluster"
	"tandem/actors/cluster/slot"
	"tandem/actors/msg"
	"tandem/web"
)

// Two members tell each other what they see: both show it, the newest first, with who says so, and within limits.
func TestChronicle(t *testing.T) {
	a, b := &Chronicle{Self: "a"}, &Chronicle{Self: "b"}
	a.Publish, b.Publish = b.Hear, a.Hear
	at := time.UnixMilli(1000)
	for i, e := range []cluster.Event{
		{Member: "c", From: "joining", To: "up"}, {Member: "c", From: "up", To: "suspect", Why: "silence"},
		{Member: "c", From: "suspect", To: "joining"}, // of no interest
		{Member: "c", From: "suspect", To: "up"}, {Member: "c", From: "up", To: "lost"}, {Member: "c", From: "lost", To: "up"},
		{Member: "c", From: "up", To: "left"}, {Member: "c", From: "up", To: "dead"},
	} {
		e.At = at.Add(time.Duration(i) * time.Second)
		a.Saw(e)
	}
	b.Saw(cluster.Event{At: at.Add(500 * time.Millisecond), Member: "c", From: "joining", To: "up"})
	for _, c := range []*Chronicle{a, b} {
		var v web.ClusterView
		c.view(&v)
		var words []string
		for _, e := range v.Events {
			words = append(words, e.By+" "+e.What)
		}
		if got := strings.Join(words, ", "); got != "a dead, a left, a healed, a split, a healed, a suspect, b joined, a joined" {
			t.Errorf("%s shows %s", c.Self, got)
		}
		if e := v.Events[5]; e.Why != "silence" || e.Member != "c" || !e.Time.Equal(at.Add(time.Second)) {
			t.Errorf("%s shows %+v", c.Self, e)
		}
	}
	for n := range 3 * maxEvents {
		a.Saw(cluster.Event{At: at.Add(time.Hour), Member: fmt.Sprint(n), To: "up"})
		a.Changed(web.ClusterHistory{Time: at, Key: "drain", Member: fmt.Sprint(n)}, 0)
	}
	if len(b.events) != maxEvents || len(b.changes) != maxChanges {
		t.Errorf("%d events and %d changes are kept", len(b.events), len(b.changes))
	}
	var v web.ClusterView
	b.view(&v)
	if len(v.Events) != maxShown || len(v.Changes) != maxShown || v.Changes[0].Member != fmt.Sprint(3*maxEvents-1) {
		t.Errorf("%d events and %d changes are shown, first %+v", len(v.Events), len(v.Changes), v.Changes[0])
	}
	b.Hear(&msg.MemberNews{Why: strings.Repeat("x", 1<<20)})
	if n := len(b.events[maxEvents-1].Why); n != maxNewsText {
		t.Errorf("a text of %d bytes is kept", n)
	}
}

// A life that was forgotten on one member is so on all; the next life of that member is not.
func TestForgotten(t *testing.T) {
	a, b := &Chronicle{Self: "a"}, &Chronicle{Self: "b"}
	a.Publish, b.Publish = b.Hear, a.Hear
	a.Changed(web.ClusterHistory{Key: changeForget, Member: "c"}, 7)
	a.Changed(web.ClusterHistory{Key: askDrain, Member: "c"}, 8)
	for _, c := range []*Chronicle{a, b} {
		if !c.forgot(7) || c.forgot(8) || c.forgot(0) {
			t.Errorf("%s has forgotten %v", c.Self, c.forgotten)
		}
	}
}

// A change of the Controller is told once, by the one who is it.
func TestControllerIsFollowed(t *testing.T) {
	heard := 0
	c := &Chronicle{Self: "a", Publish: func(cluster.News) { heard++ }}
	begin := time.UnixMilli(1000)
	other := slot.Owner{Holder: slot.Holder{Member: "b", Boot: 2}, Epoch: 5}
	mine := slot.Owner{Holder: slot.Holder{Member: "a", Boot: 1}, Epoch: 6, Mine: true}
	for i, o := range []slot.Owner{other, other, mine, mine} {
		c.Look(&cluster.Society{Controller: o}, begin.Add(time.Duration(i)*time.Second))
	}
	var v web.ClusterView
	c.view(&v)
	if v.Controller.Member != "a" || v.Controller.Epoch != 6 || !v.Controller.Since.Equal(begin.Add(2*time.Second)) {
		t.Errorf("the Controller is %+v", v.Controller)
	}
	if heard != 1 || len(v.Events) != 1 || v.Events[0].What != "controller" || v.Events[0].Member != "a" {
		t.Errorf("told %d times: %+v", heard, v.Events)
	}
}
