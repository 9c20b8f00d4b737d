package source

import (
	"fmt"
	"testing"

	"tandem/actors/stat/engine"
)

// TestOneCallOfMany: a source that has one call at ever more devices and queues has no more of it kept than a limit; what was
// begun ends.
func TestOneCallOfMany(t *testing.T) {
	var lines []string
	for n := range 2 * maxAtCall {
		for _, event := range []string{`"EventQueued","dn":"Q%d"`, `"EventRinging","dn":"%d"`, `"EventEstablished","dn":"X%d"`} {
			lines = append(lines, fmt.Sprintf(`{"conn":"c","event":`+event+`}`, n))
		}
	}
	for n := range 2 * maxAtCall {
		lines = append(lines, fmt.Sprintf(`{"conn":"d","old_conn":"c","event":"EventPartyChanged","dn":"%d"}`, n))
	}
	b, begun, ended := NewBook(), 0, 0
	count := func(facts []engine.Fact) {
		for _, f := range facts {
			switch {
			case f.What == engine.Begin:
				begun++
			case f.What == engine.End:
				ended++
			}
		}
		for _, c := range b.feeds["pbx"].Calls {
			if len(c.Entered) > maxAtCall || len(c.Parties) > maxAtCall || len(c.Actions) > maxAtCall {
				t.Fatalf("queues %d, devices %d, actions %d", len(c.Entered), len(c.Parties), len(c.Actions))
			}
		}
	}
	for _, line := range numbered(lines...) {
		count(tell(t, b, Batch{}, line))
	}
	count(tell(t, b, Batch{What: Stuck, Arrived: 1 << 50, Conns: []string{"c", "d"}}))
	if begun != ended || begun < maxAtCall {
		t.Errorf("%d have begun and %d ended", begun, ended)
	}
}
