package agent

import (
	"testing"
	"time"

	"github.com/asynkron/protoactor-go/actor"
)

// Who has logged on last works at a device, whatever the members' clocks say and in whatever order they hear of it.
func TestTheLastOneSits(t *testing.T) {
	noon := time.Unix(1795305017, 0)
	var s seats
	ann, bob := actor.NewPID("m1", "ann"), actor.NewPID("m1", "bob")
	s.written("carl", []Desk{{"d@x", "", noon.UnixNano()}}) // elsewhere, by a clock that is fast
	if at := s.sit("d@x", "ann", ann, 0, noon.Add(-time.Minute)); at != noon.UnixNano()+1 || s.at("d@x") != "ann" {
		t.Errorf("ann since %d, %s works", at, s.at("d@x"))
	}
	if got := s.here("d@x", true); len(got) != 0 {
		t.Errorf("the last one gives way: %v", got)
	}
	s.written("dora", []Desk{{"d@x", "", noon.UnixNano() + 5}})
	if got := s.here("d@x", true); len(got) != 1 || got[0].pid != ann || s.at("d@x") != "dora" {
		t.Errorf("%v gives way to %s", got, s.at("d@x"))
	}
	s.leave("d@x", "ann")
	s.written("ann", []Desk{{"d@x", "", noon.UnixNano() + 1}}) // what was kept of her before she left is late
	if s.at("d@x") != "dora" {
		t.Errorf("%s works", s.at("d@x"))
	}
	s.written("dora", nil)
	s.written("ann", []Desk{})
	s.written("carl", []Desk{})
	if s.at("d@x") != "" || len(s.names()) != 2 || !s.works("ann") || s.works("dora") {
		t.Errorf("%s works, %v are logged on", s.at("d@x"), s.names())
	}
	for _, one := range []string{"bob", "ann"} { // as they were kept before desks knew since when
		s.sit("e@x", one, map[string]*actor.PID{"ann": ann, "bob": bob}[one], 1, noon)
	}
	if got := s.here("e@x", true); len(got) != 1 || got[0].pid != ann {
		t.Errorf("%v give way", got)
	}
	s.written("bob", []Desk{{"e@x", "", 1}})
	s.absent("bob", []Desk{{"e@x", "", 1}})
	if s.at("e@x") != "bob" || len(s.here("e@x", false)) != 1 {
		t.Errorf("%s works where what is kept says bob does", s.at("e@x"))
	}
}
