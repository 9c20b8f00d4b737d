package measure

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"testing"
)

// TestBlocks: a window that is added up by blocks is what its pieces come to one by one, whatever was left out in front.
func TestBlocks(t *testing.T) {
	for seed := range uint64(60) {
		r := rand.New(rand.NewPCG(seed, 5))
		d := Definition{Subject: []Subject{DNAction, AgentStatus}[seed%2], Exact: seed%3 == 0, Range: Range{0, 3}, Range2: Range{2, 9},
			Profile: Profile{Kind: Sliding, Window: 100000}}
		s, at := &side{}, int64(1_000_000)
		for range 200 + r.IntN(2000) {
			at += r.Int64N(400)
			p := piece{start: at - r.Int64N(9000), end: at - r.Int64N(2)*r.Int64N(50), instant: r.IntN(4) == 0}
			p.start = min(p.start, p.end)
			p.whole = d.clock().length(p.start, p.end)
			s.add(p, 0, at, &plan{Definition: d})
		}
		for range 50 {
			from := at - r.Int64N(100000)
			to := from + r.Int64N(at-from+2)
			want := newTotals()
			for _, p := range s.kept.pieces {
				if d.counts(p, from, to) {
					want.add(p, from, to, &d)
				}
			}
			got := s.kept.window(from, to, &d)
			got.values, want.values = tally{}, tally{} // of no formula
			if !reflect.DeepEqual(got, want) {
				t.Fatalf("seed %d: from %d to %d: %+v, want %+v", seed, from, to, got, want)
			}
		}
		if len(s.kept.pieces) > 500 && len(s.kept.blocks) < 3 {
			t.Fatalf("%d pieces have %d blocks", len(s.kept.pieces), len(s.kept.blocks))
		}
	}
}

// BenchmarkWindow is what a value over a window costs, by how many facts the window has.
func BenchmarkWindow(b *testing.B) {
	for _, n := range []int{1000, 10000, 100000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			d := Definition{Category: "TotalTime", Main: set("CallReleased"), Profile: Profile{Kind: Sliding, Window: 3600000, Sample: 1000}}
			m, _, err := Open(d, 0)
			if err != nil {
				b.Fatal(err)
			}
			for i := range int64(n) {
				m.Happen(&Fact{Name: named("CallReleased"), At: i * 3600000 / int64(n), Length: 10})
			}
			for b.Loop() {
				m.Value(3600000)
			}
		})
	}
}
