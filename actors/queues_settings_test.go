package actors

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"tandem/actors/ledger"
	"tandem/actors/queue"
	"tandem/actors/store"
	"tandem/conf"
)

// A queue of which nothing was said has the defaults of its machine, but for those of our own.
func TestDefaultQueueSettings(t *testing.T) {
	q := ledger.DefaultQueue("sales")
	want := queue.Default()
	want.ServiceLevel = 20 * time.Second
	want.Announce.PositionLimit = 0 // "yes" tells every position
	want.Announce.PeriodicEvery = time.Minute
	if got := queueSettings(&q); !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

// Each setting of a definition arrives at the machine.
func TestQueueSettings(t *testing.T) {
	q := ledger.DefaultQueue("sales")
	q.ForceLongest, q.AutoPause, q.AnnouncePosition, q.AnnounceHoldTime, q.TimeoutPriority = "prio", "all", "more", "once", "conf"
	q.Autofill = false
	q.JoinEmpty, q.LeaveWhenEmpty = "paused,wrapup", "yes"
	q.Rules = []ledger.PenaltyRule{{After: "30s", Max: "+1", Min: "-2", Raise: "3"}}
	q.Relax = []ledger.SkillStep{{After: "1m", Skill: "french", By: 2}}
	q.Exits = []ledger.QueueExit{{Key: "0", To: "operator"}}
	s := queueSettings(&q)
	if s.Longest != queue.LongestPriority || !s.AutoPause.On || !s.AutoPause.All || !s.RingInFull || !s.OneByOne ||
		s.Announce.PositionLimit != 10 || !s.Announce.HoldTimeOnce {
		t.Errorf("%+v", s)
	}
	if s.JoinEmpty != queue.Paused|queue.WrapUp || s.LeaveEmpty != queue.Paused|queue.Penalty|queue.Invalid {
		t.Errorf("%s and %s", s.JoinEmpty, s.LeaveEmpty)
	}
	rule := queue.Rule{After: 30 * time.Second, Max: queue.Change{Set: true, Relative: true, Value: 1},
		Min: queue.Change{Set: true, Relative: true, Value: -2}, Raise: queue.Change{Set: true, Value: 3}}
	if !reflect.DeepEqual(s.Rules, []queue.Rule{rule}) || !reflect.DeepEqual(s.Relax, []queue.Step{{After: time.Minute, Skill: "french", By: 2}}) ||
		!reflect.DeepEqual(s.Exits, []queue.Exit{{Key: "0", To: "operator"}}) {
		t.Errorf("%+v %+v %+v", s.Rules, s.Relax, s.Exits)
	}
}

// The ledger refuses the strategies that there are not, and no other one.
func TestStrategiesAreThoseOfTheMachine(t *testing.T) {
	have, want := slices.Sorted(slices.Values(ledger.QueueStrategies)), slices.Sorted(slices.Values(queue.Strategies()))
	if !slices.Equal(have, want) {
		t.Errorf("%v, the machine has %v", have, want)
	}
}

// The first start makes the demo queues and agents, and no later one.
func TestDemoQueuesAreFounded(t *testing.T) {
	c := settingsOf(t.TempDir())
	c.Queues.Demo = []conf.DemoQueue{{Name: "sales", DisplayName: "Sales", Number: "2000", Strategy: "leastrecent"}}
	c.Queues.DemoAgents = []conf.DemoAgent{{Name: "1001", Queues: []string{"sales"}}}
	h := start(t, c)
	q, ok := h.ledger.Queue("sales")
	if !ok || q.Numbers[0] != "2000" || q.Strategy != "leastrecent" {
		t.Fatalf("%+v", q)
	}
	a, ok := h.ledger.Agent("1001")
	d, defined := h.definitionOf("1001")
	if !ok || a.Account != "1001@tandem.local" || !defined || len(d.Queues) != 1 {
		t.Errorf("%+v, for his actor %+v", a, d)
	}
	if err := h.ledger.RemoveQueue(t.Context(), "sales", store.Write{}); err != nil {
		t.Fatal(err)
	}
	stop(t, h)
	h = start(t, c)
	if _, ok := h.ledger.Queue("sales"); ok {
		t.Error("a queue that was removed is there again")
	}
}
