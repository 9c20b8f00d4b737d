package cluster

import (
	"testing"

	"tandem/actors/cluster/link"
	"tandem/actors/msg"
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
