package actors

import (
	"testing"

	"tandem/actors/msg"
	"tandem/conf"
)

// TestTrunkUp: a trunk that registers takes calls when its owner is registered, wherever calls go meanwhile; an owner of an
// older version does not say.
func TestTrunkUp(t *testing.T) {
	for _, x := range []struct {
		registration string
		register, up bool
	}{
		{"registered", true, true}, {"refused", true, false}, {"asking", true, false}, {"", true, true}, {"none", false, true},
	} {
		s := &msg.TrunkStanding{Up: true, Contact: "sip:line@10.0.0.1", Registration: x.registration}
		if up, why := trunkUp(s, conf.Trunk{Register: x.register}); up != x.up || (why == "") != x.up {
			t.Errorf("%q: %t %q", x.registration, up, why)
		}
	}
	if up, why := trunkUp(&msg.TrunkStanding{Why: "no answer"}, conf.Trunk{Register: true}); up || why != "no answer" {
		t.Errorf("no target is up: %t %q", up, why)
	}
}
