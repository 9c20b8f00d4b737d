package queue

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"
)

// BenchmarkAgentBecomesReady is a whole call with so many callers waiting: an agent is ready, gets the first caller,
// talks with it, and another one comes. It must not depend on how many wait.
func BenchmarkAgentBecomesReady(b *testing.B) {
	for _, n := range []int{10, 100, 1000, 10000} {
		b.Run(fmt.Sprint(n, " waiting"), func(b *testing.B) { benchmark(b, n, 1, "leastrecent") })
	}
}

// BenchmarkCallerComes is the same with so many agents ready and nobody waiting.
func BenchmarkCallerComes(b *testing.B) {
	for _, strategy := range []string{"leastrecent", "rrmemory", "random", "wrandom"} {
		for _, n := range []int{10, 100, 1000, 10000} {
			b.Run(fmt.Sprint(strategy, " ", n, " ready"), func(b *testing.B) { benchmark(b, 0, n, strategy) })
		}
	}
}

// benchmark goes round: each call is a caller's coming, an agent's readiness, and their conversation.
func benchmark(b *testing.B, waiting, agents int, strategy string) {
	now := time.Unix(1e9, 0)
	s := Default()
	s.Strategy, s.MaxStay = strategy, time.Hour
	q := New("q", 1, s, rand.NewPCG(1, 2), nil)
	q.Gathered(now)
	stands := make(map[AgentName]*Standing, agents)
	for i := range agents {
		a := &Standing{Agent: AgentName(fmt.Sprint(i)), Epoch: 1, Turn: 1, Ready: waiting == 0, Penalty: i % 3}
		stands[a.Agent] = a
		q.Stand(*a, now)
	}
	ids := make([]CallerID, b.N+waiting)
	for i := range ids {
		ids[i] = CallerID(fmt.Sprint(i))
	}
	for i := range waiting {
		q.Join(Join{Caller: ids[i]}, now)
	}
	b.ReportAllocs()
	b.ResetTimer()
	for i := range b.N {
		now = now.Add(time.Millisecond)
		effects := q.Join(Join{Caller: ids[i+waiting]}, now)
		if waiting > 0 {
			a := stands["0"]
			a.Turn, a.Ready = a.Turn+1, true
			effects = q.Stand(*a, now)
		}
		r, ok := effects[len(effects)-1].(Reserve)
		if !ok {
			b.Fatalf("nobody is reserved: %v", effects)
		}
		a := stands[r.Agent]
		a.Turn++
		q.Granted(r.Agent, r.Offer, a.Turn, now)
		q.Connected(r.Offer, "", 0, now)
		q.Ended(r.Offer, End{}, now)
		a.Turn, a.LastCall = a.Turn+1, now
		if waiting == 0 {
			q.Stand(*a, now)
		}
	}
}
