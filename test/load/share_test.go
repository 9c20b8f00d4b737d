package load

import (
	"fmt"
	"testing"
	"time"

	"tandem/test/lab"
)

// shared is what calls have cost one group in one round, beyond what its members take when they are idle.
type shared struct {
	begin, talk, end time.Duration // processor time of all members for each call
	lost             float64       // percent of the packets
	idle             time.Duration // processor time in a second
	others           float64
}

func (s shared) whole() time.Duration { return s.begin + s.talk + s.end }

// TestThreeForOne lets the same calls, with their audio, go through one member alone and through a cluster of three
// at whose members the phones are evenly, and compares the processor time of all processes.
func TestThreeForOne(t *testing.T) {
	onDemand(t)
	names := []string{"one member", "three members"}
	var exchanges []*exchange
	for _, n := range []int{1, 3} {
		g := startGroup(t, lab.ClusterOptions{Members: n, Env: []string{"GOMAXPROCS=1"}})
		g.onOneCore(t)
		exchanges = append(exchanges, newExchange(t, g))
	}
	costs := make([][]shared, len(exchanges))
	for range *rounds {
		for i, x := range exchanges {
			costs[i] = append(costs[i], x.round(t, *among))
		}
	}
	tb := table{title: fmt.Sprintf("%d calls at once with %.1f s of audio, through one member and through three: medians of "+
		"%d rounds, without what idle members take", *among/atEach*atEach, *seconds, *rounds)}
	tb.add("through", "set-up µs CPU/call", "audio", "end", "whole", "ratio", "lost %", "idle µs CPU/s", "RSS MiB",
		"others %", "")
	base := median(each(costs[0], shared.whole))
	for i, x := range exchanges {
		c := costs[i]
		figure := func(f func(shared) time.Duration) time.Duration { return median(each(c, f)) }
		foreign := median(each(c, func(s shared) float64 { return s.others }))
		whole := figure(shared.whole)
		tb.add(names[i], figure(func(s shared) time.Duration { return s.begin }),
			figure(func(s shared) time.Duration { return s.talk }), figure(func(s shared) time.Duration { return s.end }),
			whole, fmt.Sprintf("%.2f", whole.Seconds()/base.Seconds()), median(each(c, func(s shared) float64 { return s.lost })),
			figure(func(s shared) time.Duration { return s.idle }), x.resident(t)/(1<<20), foreign, doubt(foreign))
	}
	tb.print()
}

// round makes n calls, lets them talk and ends them, after a rest by which what idle members take is known.
func (x *exchange) round(t *testing.T, n int) (s shared) {
	t.Helper()
	length := time.Duration(*seconds * float64(time.Second))
	time.Sleep(settle) // what others have done before
	rest := x.servers.spend(t, func() { time.Sleep(length) })
	busy := func(r spent) time.Duration {
		s.others = max(s.others, r.others)
		return (r.cpu - time.Duration(float64(rest.cpu)*r.took.Seconds()/rest.took.Seconds())) / time.Duration(n/atEach*atEach)
	}
	s.idle = time.Duration(float64(rest.cpu) / rest.took.Seconds())
	s.begin = busy(x.servers.spend(t, func() { x.begin(t, n) }))
	talked := talk(t, x.servers, length, x.caller, x.called)
	s.talk, s.lost = busy(talked.spent), talked.lost()
	s.end = busy(x.servers.spend(t, func() { x.end(t); time.Sleep(time.Second - settle) })) // until records are written
	return s
}
