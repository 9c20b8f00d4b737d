package engine

import (
	"fmt"
	"testing"

	"tandem/actors/stat/measure"
)

// TestTakeMany: 50,000 statistics that were opened just now go to another world in a moment: what is done for one does not
// depend on how many there are.
func TestTakeMany(t *testing.T) {
	const many = 50_000
	from, to := New(Options{}), New(Options{})
	d := measure.Definition{Category: "TotalNumber", Subject: measure.DNAction}
	d.Main, _ = measure.ParseMask("CallEntered", measure.DNAction)
	entered, _ := measure.ParseName("CallEntered")
	for _, w := range []*World{from, to} {
		if err := w.Apply(Fact{At: 1000, What: Happen, Object: Object{Queue, "Q"}, Name: entered}); err != nil {
			t.Fatal(err)
		}
	}
	var ids []string
	for n := range many {
		ids = append(ids, fmt.Sprint(n))
		if _, err := from.Open(ids[n], Object{Queue, fmt.Sprint("Q", n/10)}, d, 1500); err != nil {
			t.Fatal(err)
		}
	}
	to.Take(from, ids)
	if err := to.Apply(Fact{At: 1600, What: Happen, Object: Object{Queue, "Q0"}, Name: entered}); err != nil {
		t.Fatal(err)
	}
	for n, want := range map[int]float64{0: 1, 9: 1, 10: 0, many - 1: 0} {
		if v, err := to.Value(ids[n], 2000); err != nil || v.Number != want || v.Complete != 1500 {
			t.Errorf("%d: %+v, %v", n, v, err)
		}
	}
	if len(from.statistics) > 0 || len(from.things) > 1 {
		t.Errorf("%d statistics and %d objects are left", len(from.statistics), len(from.things))
	}
}
