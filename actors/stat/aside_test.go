package stat

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"tandem/actors/msg"
)

// TestExchange: two members give each other what they compute. Both go on to write checkpoints, keep the one before it until the
// other one has written down what it has got, and then let it go; whoever dies, what was counted is there.
func TestExchange(t *testing.T) {
	for _, dies := range []string{"nobody", "m1", "m2"} {
		t.Run(dies, func(t *testing.T) {
			h := newHamlet(t)
			h.split = map[string]string{"m1": "west", "m2": "north", "m3": "free"}
			members := []string{"m1", "m2", "m3"}
			for _, m := range members {
				h.start(m)
			}
			count := Request{Object: "Queue:Q", Type: "Total_Calls_Entered"}
			ids := map[string]string{}
			for _, m := range members[:2] {
				ids[m] = h.open(m, count).ID
			}
			h.queue("c1", msg.QueueFact_ENTERED, 0, "")
			h.values("m3")
			write := func(of ...string) {
				for _, m := range of {
					if err := h.halls[m].Checkpoint(t.Context()); err != nil {
						t.Fatal(err)
					}
				}
			}
			write(members...)
			h.forget()

			h.mu.Lock()
			h.split = map[string]string{"m1": "north", "m2": "west", "m3": "free"}
			h.epoch++
			h.mu.Unlock()
			has := func(m, id string) bool { // in the checkpoint that it has written last
				return slices.ContainsFunc(h.halls[m].checkpoints(t.Context()), func(s *sealed) bool { return s.from == m && !s.aside && s.Pool[id].Here })
			}
			h.until("both have what the other one had", func() bool {
				h.pass(time.Second)
				return has("m1", ids["m2"]) && has("m2", ids["m1"])
			})
			if dies != "nobody" {
				other := map[string]string{"m1": "m2", "m2": "m1"}[dies]
				h.mu.Lock()
				h.split[other] = "none" // the third one computes all
				h.mu.Unlock()
				h.stop(dies)
				for _, of := range []string{"west", "north"} {
					h.mu.Lock()
					h.split["m3"] = of
					h.epoch++
					h.mu.Unlock()
					r := count
					r.Solution = of
					if v := h.open("m3", r); v.Number != 1 || v.Complete != begun {
						t.Errorf("of %s %g are counted, complete since %d", of, v.Number, v.Complete-begun)
					}
				}
				return
			}
			h.queue("c2", msg.QueueFact_ENTERED, 0, "")
			h.values("m3")
			write(members...)
			write(members...)
			if left := (cabinet{h}).List(asides); len(left) != 0 {
				t.Errorf("all is handed over, and yet there is %v", left)
			}
			if got := fmt.Sprint(h.owners("m3")); got != "map[north:[m1] west:[m2]]" {
				t.Errorf("%s compute", got)
			}
		})
	}
}
