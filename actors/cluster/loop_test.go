package cluster

import (
	"net"
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

// A process that is being ended may listen yet when its connections break: it is asked again until nobody does.
func TestDyingMemberIsAskedAgain(t *testing.T) {
	l := thought(t)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	at, asked := listener.Addr().String(), make(chan struct{})
	go func() {
		if conn, err := listener.Accept(); err == nil {
			_ = conn.Close()
		}
		_ = listener.Close()
		close(asked)
	}()
	suspect := view.Row{Member: &msg.Member{Name: "m2", Boot: 7, Address: at}, State: msg.MemberState_SUSPECT}
	l.shown.Store(&Society{Rows: view.Rows{suspect}})
	go l.probe(at, 7)
	<-asked
	if in, ok := (<-l.inputs).(refused); !ok || in.boot != 7 || in.address != at {
		t.Errorf("told is %v", in)
	}
	suspect.State = msg.MemberState_UP
	l.shown.Store(&Society{Rows: view.Rows{suspect}})
	if l.doubts(7, 0) || l.doubts(8, 0) {
		t.Error("one that is heard of again is asked on")
	}
}
