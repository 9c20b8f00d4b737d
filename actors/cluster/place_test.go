package cluster

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/asynkron/protoactor-go/actor"
	"google.golang.org/protobuf/proto"

	"tandem/actors/cluster/link"
	"tandem/actors/msg"
	"tandem/conf"
)

// A member that refuses when its time is over does not speak for the one that was asked in its place.
func TestLateRefusalIsNoAnswerOfTheNext(t *testing.T) {
	b := apart(t, link.Limits{Entries: 10, Bytes: 1 << 20})
	m := b.member
	c := m.silentPeer("c", 8, "127.0.0.1:2")
	m.peers.add(b)
	m.peers.add(c)
	s := newPlacements(m)
	p := &placement{kind: "leg", operation: "o", tried: []string{"b", "c"}, asked: c}
	s.open[p.operation] = p
	s.onSpawned(nil, &msg.Spawned{Operation: "o", Status: 503, Reason: "full"}, hostOf(b))
	if s.open["o"] != p || p.asked != c || len(p.why) != 0 {
		t.Errorf("the placement goes on with %v, because %q", p.asked, p.why)
	}
	s.onSpawned(nil, &msg.Spawned{Operation: "o", Pid: leg(t, m)}, hostOf(c)) // of nobody that was asked
	if s.open["o"] != p {
		t.Error("an actor of another member was taken")
	}
}

// Who gives up waiting for an actor leaves none behind: neither one that is made later, nor one that is made already.
func TestActorThatNobodyWaitsForIsDismissed(t *testing.T) {
	b := apart(t, link.Limits{Entries: 10, Bytes: 1 << 20})
	m := b.member
	m.kinds["leg"].Dismiss = func() proto.Message { return &msg.LegHangup{} } // at which a probe panics
	s := newPlacements(m)
	for name, givesUp := range map[string]func(p *placement, finish func()){
		"before": func(p *placement, finish func()) { s.onGivenUp(p); finish() },
		"after":  func(p *placement, finish func()) { finish(); s.onGivenUp(p) },
	} {
		pid := leg(t, m)
		p := &placement{kind: "leg", operation: name}
		s.open[name] = p
		givesUp(p, func() { s.finish(p, &msg.Spawned{Pid: pid}) })
		until(t, "it has ended, given up "+name, func() bool { return m.Alive("leg") == 0 })
	}
}

// Where nobody makes call legs for others a call for help has its own made here.
func TestNobodyIsWillingToHelp(t *testing.T) {
	b := apart(t, link.Limits{Entries: 10, Bytes: 1 << 20})
	m := b.member
	m.SetPlacement(Placement{CallLegs: conf.Remotely})
	s := newPlacements(m)
	for _, urgent := range []bool{false, true} {
		p := &placement{kind: "leg", operation: "o", work: &msg.LegStart{Urgent: urgent}}
		s.open["o"] = p
		s.nobody(p)
		if made := p.made != nil; made != urgent {
			t.Errorf("urgent %t: made %t", urgent, made)
		}
	}
}

// Who waits for an actor does so no longer than he likes.
func TestPlaceNowEndsWithItsContext(t *testing.T) {
	b := apart(t, link.Limits{Entries: 10, Bytes: 1 << 20})
	ctx, cancel := context.WithCancel(t.Context())
	silent := actor.NewPID(b.member.system.Address(), leg(t, b.member).Id)
	began := time.Now()
	time.AfterFunc(time.Millisecond, cancel)
	if _, err := b.member.request(ctx, silent, &msg.LegInfo{}, time.Minute); !errors.Is(err, context.Canceled) {
		t.Errorf("after %v: %v", time.Since(began), err)
	}
}
