package view

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

var happenings = []string{"kill", "restart", "restart", "pause", "pause", "resume", "cut", "cut both", "split", "mend",
	"outage", "broke", "leave"}

// TestRandomWorlds lets anything happen to clusters of three to seven members: messages are lost, ways break in one
// direction or both, members are paused, killed and started again at the same address, the store is out. The world
// watches throughout: nobody is fenced whom nobody with quorum declared dead, no name is up twice, who ended is lost
// in time. In the end all is well again, and all agree.
func TestRandomWorlds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := plan{members: rapid.IntRange(2, 7).Draw(t, "members"), store: rapid.IntRange(0, 2).Draw(t, "store"),
			refuses: rapid.Bool().Draw(t, "refuses"), oneSeed: rapid.Bool().Draw(t, "one seed"), patience: 2,
			loss: rapid.SampledFrom([]float64{0, 0, 0.05, 0.3}).Draw(t, "loss")}
		w := newWorld(p, rapid.Uint64().Draw(t, "seed"), t.Fatalf)
		any := func(label string) *node {
			return w.nodes[rapid.IntRange(0, p.members-1).Draw(t, label)]
		}
		w.pass(time.Duration(rapid.IntRange(0, 5000).Draw(t, "start")) * time.Millisecond)
		for range rapid.IntRange(1, 12).Draw(t, "events") {
			what := rapid.SampledFrom(happenings).Draw(t, "event")
			n := any("node")
			switch what {
			case "kill":
				w.kill(n, what, 0)
			case "restart":
				w.kill(n, what, time.Duration(rapid.IntRange(100, 4000).Draw(t, "after"))*time.Millisecond)
			case "pause":
				w.pause(n)
			case "resume":
				w.resume(n)
			case "cut", "cut both":
				m := any("other")
				w.note("%s m%d m%d", what, n.at, m.at)
				w.cut[[2]int{n.at, m.at}] = true
				w.cut[[2]int{m.at, n.at}] = w.cut[[2]int{m.at, n.at}] || what == "cut both"
			case "split":
				w.split(rapid.Uint8().Draw(t, "side"))
			case "mend":
				w.note("mend")
				clear(w.cut)
			case "outage":
				w.outage = !w.outage
				w.note("outage %v", w.outage)
			case "broke":
				m := any("other")
				w.post(n.at, m, func(v *View, now time.Time) []Effect { return v.Broke(address(n.at), now) })
			case "leave":
				if n.running && !n.paused {
					w.does(n, n.view.Leave(w.now))
					w.kill(n, what, 0)
				}
			}
			w.pass(time.Duration(rapid.IntRange(0, 6000).Draw(t, "pass")) * time.Millisecond)
		}
		w.heal()
		w.settle()
	})
}

// split parts the members in two; the bits of side say who is where.
func (w *world) split(side uint8) {
	w.note("split %07b", side)
	for i := range w.nodes {
		for j := range w.nodes {
			if side>>i&1 != side>>j&1 {
				w.cut[[2]int{i, j}] = true
			}
		}
	}
}

// TestNobodyIsSuspected: as long as no message is lost, whoever runs is suspected by nobody, even while others are
// killed, start again and leave.
func TestNobodyIsSuspected(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := plan{members: rapid.IntRange(2, 7).Draw(t, "members"), store: rapid.IntRange(0, 2).Draw(t, "store"),
			refuses: rapid.Bool().Draw(t, "refuses"), patience: 2}
		w := newWorld(p, rapid.Uint64().Draw(t, "seed"), t.Fatalf)
		w.pass(2 * time.Second)
		for range rapid.IntRange(1, 8).Draw(t, "events") {
			n := w.nodes[rapid.IntRange(0, p.members-1).Draw(t, "node")]
			after := time.Duration(rapid.IntRange(0, 3000).Draw(t, "after")) * time.Millisecond
			if after < slowest {
				after = 0 // who starts at once would hear of his own old life's end
			}
			if rapid.Bool().Draw(t, "leaves") && n.running {
				w.does(n, n.view.Leave(w.now))
			}
			w.kill(n, "killed", after)
			w.pass(time.Duration(rapid.IntRange(100, 5000).Draw(t, "pass")) * time.Millisecond)
		}
		w.settle()
		for _, line := range w.log {
			for _, state := range []string{"-> SUSPECT", "-> LOST"} {
				if strings.Contains(line, state) && !w.aboutEnded(line) {
					w.wrong("suspected without reason: %s", line)
				}
			}
		}
	})
}

// aboutEnded says that a line of the log is about a life that is over.
func (w *world) aboutEnded(line string) bool {
	for _, n := range w.nodes {
		if n.running && strings.Contains(line, fmt.Sprintf("%08x UP ->", n.boot)) {
			return false
		}
	}
	return true
}

// TestKilled measures how soon a killed member is lost everywhere, in the time of the world: with silence alone, and
// where the host lives on and refuses.
func TestKilled(t *testing.T) {
	for _, refuses := range []bool{false, true} {
		most := deadAfter + 2*tick
		if refuses {
			most = tick + 3*slowest
		}
		for seed := range uint64(50) {
			w := newWorld(plan{members: 3, refuses: refuses, patience: 2}, seed, t.Fatalf)
			w.pass(5*time.Second + time.Duration(seed)*step)
			w.kill(w.nodes[2], "killed", 0)
			boot, end := w.nodes[2].boot, w.now
			w.pass(most + slowest)
			for _, n := range w.nodes[:2] {
				r, _ := n.view.ByBoot(boot)
				if r.State != dead || r.Since.Sub(end) > most+slowest {
					t.Errorf("refuses=%v: m%d says %s after %s", refuses, n.at, r.State, r.Since.Sub(end))
				}
			}
		}
	}
}

// TestPaused: two of three with quorum declare a paused one dead; it finds out when it goes on, ends, and comes back.
// Without quorum it comes back as it was.
func TestPaused(t *testing.T) {
	for _, outage := range []bool{false, true} {
		w := newWorld(plan{members: 3, patience: 2}, 1, t.Fatalf)
		w.pass(5 * time.Second)
		w.outage = outage
		w.pass(2 * time.Second)
		n, boot := w.nodes[1], w.nodes[1].boot
		w.pause(n)
		w.pass(8 * time.Second)
		w.resume(n)
		w.pass(time.Second)
		if _, over := w.ended[boot]; over == outage {
			t.Errorf("outage %v: ended %v", outage, over)
		}
		w.heal()
		w.settle()
	}
}

// TestSplit: two against one, and healed. The one ends and comes back; where nobody can write the store nobody ends.
func TestSplit(t *testing.T) {
	for _, outage := range []bool{false, true} {
		w := newWorld(plan{members: 3, patience: 2}, 2, t.Fatalf)
		w.pass(5 * time.Second)
		w.outage = outage
		w.pass(2 * time.Second)
		w.split(0b100)
		w.pass(10 * time.Second)
		w.heal()
		w.settle()
		want := 1
		if outage {
			want = 0
		}
		if len(w.ended) != want {
			t.Errorf("outage %v: %d lives ended", outage, len(w.ended))
		}
	}
}
