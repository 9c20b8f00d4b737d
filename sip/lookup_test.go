package sip

import (
	"fmt"
	"testing"

	"tandem/signal"
)

// When no call can find its way any more, those that there are can end, and somebody can call for help; but not without
// bound.
func TestLookupsHaveAReserve(t *testing.T) {
	var l lookups
	n := 0
	add := func(r signal.Request) bool {
		n++
		r.ID = fmt.Sprint(n)
		return l.add(&r, &lookup{stop: func() {}})
	}
	invite, bye := signal.Request{Method: signal.INVITE}, signal.Request{Method: signal.BYE}
	for l.count < maxLookups {
		if !add(invite) {
			t.Fatalf("call %d refused", n)
		}
	}
	if add(invite) {
		t.Error("a call beyond the limit")
	}
	if !add(bye) || !add(signal.Request{Method: signal.INVITE, Urgent: true}) {
		t.Error("the end of a call, or a call for help, is refused")
	}
	for range 2 * lookupReserve {
		add(bye)
	}
	if most := maxLookups + lookupReserve; l.count != most || len(l.known) != most {
		t.Errorf("%d wait, %d are known, want %d", l.count, len(l.known), most)
	}
}
