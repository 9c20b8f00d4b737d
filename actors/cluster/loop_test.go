package cluster

import (
	"slices"
	"testing"
	"time"

	"tandem/actors/cluster/carrier"
	"tandem/actors/cluster/slot"
	"tandem/actors/cluster/view"
	"tandem/actors/msg"
	"tandem/conf"
)

// thought is the loop of a member, which a test has think step by step.
func thought(t *testing.T) *loop {
	t.Helper()
	m := lab(t, &probe{})
	c := conf.DefaultCluster()
	return newLoop(m, view.Options{Self: &msg.Member{Name: m.name, Boot: m.boot, Address: "127.0.0.1:1"},
		Heartbeat: c.Heartbeat, DeadAfter: c.DeadAfter}, c.Lease)
}

func TestControllerHearsItsPartInOrder(t *testing.T) {
	l := thought(t)
	var heard []uint64
	l.member.Watch(Watching{Control: func(is bool, epoch uint64) {
		if is {
			epoch += 100
		}
		heard = append(heard, epoch)
	}})
	l.own([]slot.Effect{slot.Own{Slot: slot.Controller, Epoch: 1}, slot.Disown{Slot: slot.Controller, Epoch: 1},
		slot.Own{Slot: slot.Controller, Epoch: 2}})
	close(l.ended) // nobody takes that its actors are put away
	if want := []uint64{101, 1, 102}; !slices.Equal(heard, want) {
		t.Errorf("heard are %v, not %v", heard, want)
	}
}

// What a member says of itself is said once: it must not be lost when much waits for the loop.
func TestDescriptionIsNotLost(t *testing.T) {
	l := thought(t)
	l.member.loop, l.member.carrier = l, &carrier.Carrier{}
	t.Cleanup(func() { l.member.carrier = nil })
	for range loopInputs {
		l.tell(&msg.WillingList{})
	}
	said := make(chan struct{})
	go func() { defer close(said); l.member.Describe(func(m *msg.Member) { m.Draining = true }) }()
	for range loopInputs + 1 {
		l.take(<-l.inputs, time.Now())
	}
	<-said
	l.show(time.Now())
	if rows := l.shown.Load().Rows; len(rows) != 1 || !rows[0].Member.Draining {
		t.Error("that the member is drained is lost")
	}
}
