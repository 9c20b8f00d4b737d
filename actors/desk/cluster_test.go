package desk

import (
	"reflect"
	"testing"
	"time"

	"tandem/actors/cluster"
	"tandem/actors/cluster/slot"
	"tandem/actors/cluster/view"
	"tandem/actors/msg"
	"tandem/web"
)

// A member's record is its row: what is its own, what it does for others, and what is derived.
func TestMemberRow(t *testing.T) {
	heard := time.UnixMilli(9000)
	m := &msg.Member{Name: "b", Boot: 0x1f, Address: "127.0.0.2:7010", Http: "127.0.0.2:8010", Version: "v", Store: true,
		CallLegs: "remotely", Farm: "auto", Draining: true, DrainUntil: 8000, Legs: 5, ForeignLegs: 3, Calls: 4, Tasks: 2, Names: 9,
		Load: 250, Settings: 11, Needed: []*msg.Needed{{Member: "a", Legs: 2}, {Member: "c", Legs: 1}, {Member: "d"}}}
	r := view.Row{Member: m, State: msg.MemberState_UP, Heard: heard, Offset: 1500 * time.Millisecond,
		Sights: []*msg.Sight{{Name: "a", State: msg.MemberState_SUSPECT, AgeMs: 2000}, {Name: "x", State: msg.MemberState_UP, Refused: "another cluster"}}}
	s := &cluster.Society{Willing: &msg.WillingList{Members: []*msg.Willing{{Name: "b", Boot: 0x1f}}},
		Controller: slot.Owner{Holder: slot.Holder{Member: "b", Boot: 0x1f}}}
	got := Cluster{}.row(r, s, map[setting]uint64{{"b", web.KeyCallLegs}: 7, {"", web.KeyFarm}: 8})
	want := web.MemberRow{Name: "b", Address: "127.0.0.2:7010", HTTP: "127.0.0.2:8010", Boot: "0000001f", Version: "v", State: "up",
		Heard: heard, Draining: true, DrainUntil: time.UnixMilli(8000), CutOff: true, Store: true, Controller: true, CallLegs: "remotely",
		CallLegsAt: 7, Farm: "auto", FarmResolved: "relay", Offered: true, OwnLegs: 2, OthersLegs: 3, Settings: 11, Load: 250, Calls: 4,
		Legs: 5, Tasks: 2, Names: 9, ClockOffset: 1.5}
	if got != want {
		t.Errorf("the row is\n%+v, want\n%+v", got, want)
	}
	if got := sights(r); !reflect.DeepEqual(got, []web.Sight{{By: "b", Of: "a", State: "suspect", Heard: heard.Add(-2 * time.Second)}}) {
		t.Errorf("it sees %+v", got)
	}
	if got := placed(m); !reflect.DeepEqual(got, []web.Placed{{Needs: "b", Lives: "b", Legs: 2}, {Needs: "a", Lives: "b", Legs: 2}, {Needs: "c", Lives: "b", Legs: 1}}) {
		t.Errorf("its legs are %+v", got)
	}
	r.State, r.Self = msg.MemberState_DEAD, false
	if got := (Cluster{}).row(r, s, nil); got.State != "dead" || got.CutOff || sights(r) != nil {
		t.Errorf("dead, it is %+v", got)
	}
	r.Self = true
	if got := (Cluster{}).row(r, s, nil); !got.Heard.IsZero() {
		t.Error("a member hears itself")
	}
}

// Members tell states by the words that pages know.
func TestWordsOfStates(t *testing.T) {
	known := map[string]bool{web.MemberJoining: true, web.MemberUp: true, web.MemberSuspect: true, web.MemberLost: true,
		web.MemberDead: true, web.MemberLeft: true}
	for n := range msg.MemberState_name {
		s := msg.MemberState(n)
		if word := cluster.StateWord(s); !known[word] && s != msg.MemberState_UNKNOWN {
			t.Errorf("%v is %q, which no page knows", s, word)
		}
	}
}
