package stat

import (
	"fmt"
	"math/rand/v2"
	"slices"
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

// TestBackFill: a statistic that is filled from the journal counts what was before it was opened, says so and since when, and
// goes on to do so after its owner's death; one that is not counts from its opening.
func TestBackFill(t *testing.T) {
	h := newHamlet(t, "a", "b")
	for i := range 5 {
		h.queue(fmt.Sprint("c", i), msg.QueueFact_ENTERED, 0, "")
		h.pass(time.Second)
	}
	filled := answered
	filled.Type, filled.BackFill = "Total_Calls_Entered", true
	plain := filled
	plain.BackFill = false
	check := func(when string, r Request, want float64, complete int64) {
		t.Helper()
		if v := h.open("b", r); v.Number != want || v.Complete != complete || v.BackFilled != r.BackFill || v.Problem != "" {
			t.Errorf("%s: %+v, want %g, complete since %d", when, v, want, complete)
		}
	}
	opened := h.now
	check("at once", plain, 0, opened)
	check("at once", filled, 5, begun)
	h.queue("d", msg.QueueFact_ENTERED, 0, "")
	h.values("b")
	if err := h.halls["a"].Checkpoint(t.Context()); err != nil {
		t.Fatal(err)
	}
	h.stop("a")
	h.own("b")
	h.values("b")
	check("after a death", plain, 1, opened)
	check("after a death", filled, 6, begun)
	if err := h.halls["b"].Drop(t.Context(), h.open("b", filled).ID); err != nil {
		t.Fatal(err)
	}
	check("opened anew", filled, 6, begun)
}

// TestLostOpening: a statistic whose opening the journal does not have begins anew with its next owner, and says so; all
// others are taken over as they were.
func TestLostOpening(t *testing.T) {
	h := newHamlet(t, "a", "b")
	var ids []string
	for _, r := range []Request{waiting, answered, oldest} {
		ids = append(ids, h.open("b", r).ID)
	}
	h.queue("c1", msg.QueueFact_ENTERED, 0, "")
	before := h.open("b", waiting)
	h.values("b")
	lost := slices.Min(ids)
	h.mu.Lock()
	for i := range h.facts {
		if h.facts[i].Subject == lost {
			h.facts[i].Kind = askedKind
		}
	}
	h.mu.Unlock()
	h.pass(time.Minute)
	h.stop("a")
	h.own("b")
	h.values("b")
	all, err := h.halls["b"].Peek(t.Context(), ids, 0, false)
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range all {
		if want := map[bool]int64{true: h.now, false: begun}[v.ID == lost]; v.Problem != "" || v.Complete != want {
			t.Errorf("%+v is complete since %d, want %d", v, v.Complete, want)
		}
		if v.ID == before.ID && v.ID != lost && v.Number != before.Number {
			t.Errorf("%+v was %+v", v, before)
		}
	}
}

// TestUnsaved: facts are counted that a checkpoint does not have.
func TestUnsaved(t *testing.T) {
	h := newHamlet(t, "a")
	h.open("a", waiting)
	for want := range uint64(3) {
		if err := h.halls["a"].Checkpoint(t.Context()); err != nil {
			t.Fatal(err)
		}
		for range want {
			h.queue("c", msg.QueueFact_ENTERED, 0, "")
		}
		h.values("a")
		if got := h.halls["a"].Counts().Unsaved; got != want {
			t.Errorf("%d facts are not saved, want %d", got, want)
		}
	}
}

// TestCheckpointAfterTakeOver: who has taken statistics over writes a checkpoint that has them soon, though nothing has
// happened since the one before.
func TestCheckpointAfterTakeOver(t *testing.T) {
	h := newHamlet(t, "a", "b")
	v := h.open("b", waiting)
	h.values("b")
	if err := h.halls["b"].Checkpoint(t.Context()); err != nil {
		t.Fatal(err)
	}
	h.stop("a")
	h.own("b")
	h.until("the new owner's checkpoint has it", func() bool {
		return slices.ContainsFunc(h.halls["b"].checkpoints(t.Context()), func(s *sealed) bool { return s.from == "b" && s.Pool[v.ID].Here })
	})
}
