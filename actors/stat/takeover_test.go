package stat

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"tandem/actors/msg"
)

// TestTakenOver: owners die at random moments, some with a checkpoint and some without, members come back; all values equal
// those of a twin whose owner lives all the time and is told the same, unfinished actions included.
func TestTakenOver(t *testing.T) {
	for seed := range uint64(6) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			random := rand.New(rand.NewPCG(seed, 7))
			h, twin := newHamlet(t, "a", "b", "c"), newHamlet(t, "a")
			both := func(f func(*hamlet)) { f(h); f(twin) }
			opened := []Request{waiting, answered, ready, talked, oldest,
				{Object: "Queue:Q", Type: "Average_Speed_Of_Answer", Profile: "LastQuarter"},
				{Object: "Queue:Q", Type: "Average_Handle_Time"}, {Object: "Agent:bob", Type: "Occupancy"},
				{Object: "Queue:Q", Category: "MaxTime", Main: "CallAnswered", Profile: "LastTen"},
				{Object: "Queue:Q", Type: "ServiceFactor1"}, {Object: "Queue:Q", Type: "EstimWaitingTime"}}
			for step := range 60 {
				if step%6 == 0 && len(opened) > 0 {
					r := opened[0]
					opened = opened[1:]
					both(func(x *hamlet) { x.open(x.owner, r) })
				}
				caller, offer := fmt.Sprint("c", step), uint64(step+1)
				agent, talks := []string{"ann", "bob"}[step%2], step%3 != 0
				both(func(x *hamlet) {
					x.agent(agent, "ready", "")
					x.queue(caller, msg.QueueFact_ENTERED, 0, "")
				})
				wait := time.Duration(random.IntN(9000)) * time.Millisecond
				both(func(x *hamlet) { x.pass(wait) })
				if talks {
					both(func(x *hamlet) {
						x.queue(caller, msg.QueueFact_OFFERED, offer, agent)
						x.agent(agent, "talking", caller)
						x.queue(caller, msg.QueueFact_JOINED, offer, agent)
						x.pass(wait)
					})
				}
				if random.IntN(4) == 0 {
					h.crash(random)
				}
				if talks && random.IntN(3) > 0 {
					both(func(x *hamlet) {
						x.queue(caller, msg.QueueFact_COMPLETED_BY_AGENT, offer, agent)
						x.agent(agent, "wrap-up", "")
					})
				}
				if step%5 == 4 {
					if a, b := strings.Join(h.values(h.owner), "\n"), strings.Join(twin.values("a"), "\n"); a != b {
						t.Fatalf("step %d:\n%s\nwithout a crash:\n%s", step, a, b)
					}
				}
			}
		})
	}
}

// crash ends the owner, sometimes shortly after a checkpoint; another one takes over, and the dead one comes back.
func (h *hamlet) crash(random *rand.Rand) {
	h.Helper()
	dead := h.owner
	if random.IntN(2) == 0 {
		if err := h.halls[dead].Checkpoint(h.Context()); err != nil {
			h.Fatal(err)
		}
	}
	h.stop(dead)
	for _, heir := range []string{"a", "b", "c"} {
		if heir != dead && (h.owner == dead || random.IntN(2) == 0) {
			h.own(heir)
		}
	}
	h.start(dead)
}
