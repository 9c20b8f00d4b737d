package actors

import (
	"strings"
	"testing"
	"time"

	"tandem/actors/cluster"
	"tandem/actors/cluster/slot"
	"tandem/actors/cluster/view"
	"tandem/actors/msg"
)

// What operators see of the other members: each state has its number, also none, and the living ones their last sign.
func TestClusterMetrics(t *testing.T) {
	now := time.Unix(100, 0)
	got := map[string]float64{}
	emit := func(name string, v float64, labels ...string) {
		got[strings.Join(append([]string{name}, labels...), " ")] = v
	}
	s := &cluster.Society{Quorum: true, Owners: slot.Lone("a", 1).Map(now), Rows: view.Rows{
		{Member: &msg.Member{Name: "a"}, State: msg.MemberState_UP, Self: true},
		{Member: &msg.Member{Name: "b"}, State: msg.MemberState_UP, Heard: now.Add(-time.Second)},
		{Member: &msg.Member{Name: "c"}, State: msg.MemberState_DEAD, Heard: now.Add(-time.Hour)},
	}}
	(&House{}).emitMembers(emit, s, now)
	for name, want := range map[string]float64{"cluster_members up": 2, "cluster_members dead": 1, "cluster_members suspect": 0,
		"cluster_heartbeat_age_seconds b": 1, "cluster_quorum": 1, "cluster_controller": 0, "cluster_slots_owned": slot.Slots} {
		if v, ok := got[name]; !ok || v != want {
			t.Errorf("%s is %v, %v; want %v", name, v, ok, want)
		}
	}
	if _, ok := got["cluster_heartbeat_age_seconds c"]; ok {
		t.Error("a dead member has a heartbeat")
	}
	ties := tiesByMember([]cluster.TieTraffic{{Member: "b", Waiting: 1, Resent: 2, Dropped: 1}, {Member: "b", Waiting: 3, Bytes: 7, Repeated: 5}, {Member: "c"}})
	if want := (cluster.TieTraffic{Waiting: 4, Bytes: 7, Resent: 2, Repeated: 5, Dropped: 1}); len(ties) != 2 || ties["b"] != want {
		t.Errorf("the links are %+v", ties)
	}
}
