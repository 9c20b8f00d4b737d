package queue

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"
)

// wrandom draws as each agent for himself would: a number up to 1 + penalty, the lowest one taken.
func TestWeightedRandomIsFair(t *testing.T) {
	now := time.Unix(1e9, 0)
	s := Default()
	s.Strategy = "wrandom"
	q := New("q", 1, s, rand.NewPCG(3, 4), nil)
	q.Gathered(now)
	penalties := []int{0, 0, 1, 1, 3}
	for i, p := range penalties {
		q.Stand(Standing{Agent: AgentName(fmt.Sprint(i)), Turn: 1, Ready: true, Penalty: p}, now)
	}
	c := newCaller(Join{Caller: "c"})
	q.enterClass(c, now)
	const draws = 200_000
	got, want, dice := map[string]float64{}, map[string]float64{}, rand.New(rand.NewPCG(5, 6))
	for range draws {
		got[string(q.strategy.choose(q, c, c.class.ready, nil)[0].stands.Agent)]++
		best, lowest := 0, math.Inf(1)
		for i, p := range penalties {
			if x := dice.Float64() * float64(1+p); x < lowest {
				best, lowest = i, x
			}
		}
		want[fmt.Sprint(best)]++
	}
	for name, n := range want {
		if math.Abs(got[name]-n)/draws > 0.005 {
			t.Errorf("agent %s was drawn %v times, by himself %v", name, got[name], n)
		}
	}
}

func TestStrategyNames(t *testing.T) {
	if got := fmt.Sprint(Strategies()); got != "[ringall linear rrmemory rrordered leastrecent fewestcalls random wrandom]" {
		t.Error(got)
	}
	if strategyOf("RRMemory").name != "rrmemory" || strategyOf("unknown").name != "ringall" {
		t.Error("names")
	}
}
