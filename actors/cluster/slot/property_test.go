package slot

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// fault is something that goes wrong for a while.
type fault struct {
	at, lasts time.Duration
	kind      string
	member    int
}

var faults = map[string]func(m *simMember, d time.Duration){
	"outage": func(m *simMember, d time.Duration) { m.outage = max(m.outage, m.now+d*4/5) }, // 20 s at most
	"cut":    func(m *simMember, d time.Duration) { m.cut = m.now + d },
	"deaf":   func(m *simMember, d time.Duration) { m.deaf = m.now + d },
	"mute":   func(m *simMember, d time.Duration) { m.mute = m.now + d },
	"slow":   func(m *simMember, d time.Duration) { m.slow = m.now + d },
	"hidden": func(m *simMember, d time.Duration) { m.hidden = m.now + d },
	"pause":  func(m *simMember, d time.Duration) { m.pause(d, false) },
	"sleep":  func(m *simMember, d time.Duration) { m.pause(d, true) },
	"kill":   func(m *simMember, d time.Duration) { m.kill(); m.after(d, m.restart) },
	"leave":  func(m *simMember, d time.Duration) { m.leave(); m.after(10*time.Second+d, m.restart) },
}

// drawFaults draws what goes wrong in the first 90 s.
func drawFaults(t *rapid.T, members int) []fault {
	kinds := rapid.SampledFrom(slices.Sorted(maps.Keys(faults)))
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) fault {
		return fault{
			at:     time.Duration(rapid.Int64Range(0, 90_000).Draw(t, "at")) * time.Millisecond,
			lasts:  time.Duration(rapid.Int64Range(100, 25_000).Draw(t, "lasts")) * time.Millisecond,
			kind:   kinds.Draw(t, "kind"),
			member: rapid.IntRange(0, members-1).Draw(t, "member"),
		}
	}), 0, 40).Draw(t, "faults")
}

func (s *sim) plan(all []fault) {
	for _, f := range all {
		s.after(f.at, func() { faults[f.kind](s.members[f.member], f.lasts) })
	}
}

// storm is many faults at once, most of them short, of these kinds or of all.
func (s *sim) storm(n int, kinds ...string) {
	if len(kinds) == 0 {
		kinds = slices.Sorted(maps.Keys(faults))
	}
	for range n {
		lasts := s.upTo([]time.Duration{time.Second, 4 * time.Second, 14 * time.Second, 25 * time.Second}[s.IntN(4)])
		s.plan([]fault{{s.upTo(90 * time.Second), lasts, kinds[s.IntN(len(kinds))], s.IntN(len(s.members))}})
	}
}

// TestStorms: one owner, in stories of many faults each. TANDEM_STORMS says how many stories.
func TestStorms(t *testing.T) {
	seeds := uint64(60)
	if testing.Short() {
		seeds = 5
	}
	if n, err := strconv.ParseUint(os.Getenv("TANDEM_STORMS"), 10, 64); err == nil {
		seeds = n
	}
	for seed := range seeds {
		s := newSim(seed, 2+int(seed%4))
		s.storm(20 + int(seed%40))
		s.run(3 * time.Minute)
		if err := s.check(); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		if err := s.settled(); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
	}
}

// TestOneOwner: whatever happens, no slot has two owners at one time; and when it is quiet again, each has one.
func TestOneOwner(t *testing.T) {
	if testing.Short() {
		t.Skip("a minute under the race detector; TestStorms tells such stories too")
	}
	rapid.Check(t, func(t *rapid.T) {
		members := rapid.IntRange(3, 5).Draw(t, "members")
		s := newSim(rapid.Uint64().Draw(t, "seed"), members)
		s.plan(drawFaults(t, members))
		s.run(2 * time.Minute) // all faults are over, the latest restart too
		s.run(time.Minute)
		if err := s.check(); err != nil {
			t.Fatal(err)
		}
		if err := s.settled(); err != nil {
			t.Fatal(err)
		}
	})
}

// settled reports that all members know the same owners, that all are alive, and each has its part.
func (s *sim) settled() error {
	count := map[Holder]int{}
	alive := 0
	for _, m := range s.members {
		if !m.alive {
			continue
		}
		alive++
		for i := range Controller + 1 {
			o, ok := m.table.Owner(i, m.local())
			if !ok {
				return fmt.Errorf("%s knows no owner of %v", m.name, i)
			}
			if owner := s.life(o.Holder); owner == nil || owner.table.slots[i].epoch != o.Epoch {
				return fmt.Errorf("%s takes %v for the owner of %v under %d", m.name, o.Holder, i, o.Epoch)
			}
			if o.Mine && i != Controller {
				count[o.Holder]++
			}
		}
	}
	for _, m := range s.members {
		if n := count[Holder{m.name, m.boot}]; m.alive && (2*n*alive < Slots || 2*n*alive > 3*Slots) {
			return fmt.Errorf("%s has %d of %d slots, with %d members", m.name, n, Slots, alive)
		}
	}
	return nil
}

func (s *sim) life(h Holder) *simMember {
	for _, m := range s.members {
		if m.alive && m.name == h.Member && m.boot == h.Boot {
			return m
		}
	}
	return nil
}

// TestPlantedFaults: the check finds what it is there to find. With one rule broken, some story shows two owners.
func TestPlantedFaults(t *testing.T) {
	for name, breakIt := range map[string]func(*times){
		"we act longer than others wait":    func(l *times) { l.valid = 2 * l.lease },
		"a watch that stands still decides": func(l *times) { l.fresh = 100 * l.lease; l.grace = 0 },
		"others do not wait":                func(l *times) { l.lease /= 4; l.grace = 0 },
	} {
		t.Run(name, func(t *testing.T) {
			for seed := range uint64(300) {
				s := newSim(seed, 3)
				breakIt(&s.limit)
				s.storm(12, "deaf", "cut", "mute", "slow", "outage", "pause")
				s.run(2 * time.Minute)
				if overlap(s.conclude()) != nil {
					return
				}
			}
			t.Fatal("no story shows it")
		})
	}
}

// TestTakeOver: the slots of a killed member are owned again in time.
func TestTakeOver(t *testing.T) {
	seeds := uint64(10)
	if testing.Short() {
		seeds = 3
	}
	for _, sure := range []bool{false, true} {
		for seed := range seeds {
			s := newSim(seed, 3+int(seed%3))
			s.run(time.Minute)
			if err := s.settled(); err != nil {
				t.Fatal(err)
			}
			dead := s.members[s.IntN(len(s.members))]
			boot := dead.boot
			dead.drop()
			within := leaseTime + 2*time.Second
			if sure {
				within = 3 * time.Second
				for _, m := range s.members {
					m.surely(boot, 500*time.Millisecond)
				}
			}
			took, ok := s.runUntil(within, func() bool { return s.settledOwners() })
			if !ok {
				t.Errorf("seed %d, sure %v: not within %v", seed, sure, within)
			}
			t.Logf("seed %d, %d members, sure %v: %v", seed, len(s.members), sure, took)
		}
	}
}

// drop kills a member, of which nobody is told.
func (m *simMember) drop() {
	m.alive = false
	for s := range m.open {
		m.close(Slot(s), m.now)
	}
}

// settledOwners reports that each slot is owned by somebody.
func (s *sim) settledOwners() bool {
	for i := range Controller + 1 {
		owned := false
		for _, m := range s.members {
			owned = owned || m.alive && m.open[i] != nil
		}
		if !owned {
			return false
		}
	}
	return true
}

// TestCopy: a member that lives is copied, and the copy begins at another address. At most one of the two has the name
// at any time. While nothing but the store's pace goes wrong it is the original, and the copy ends; whatever goes wrong,
// whoever has the name last goes on.
func TestCopy(t *testing.T) {
	seeds := uint64(40)
	if testing.Short() {
		seeds = 10
	}
	for seed := range seeds {
		s := newSim(seed, 3)
		original := s.members[0]
		twin := &simMember{sim: s, name: original.name, address: address(9), stays: true, unseen: true}
		original.stays = true
		s.members = append(s.members, twin)
		s.after(5*time.Second+s.upTo(20*time.Second), twin.start)
		calm := seed%2 == 0
		if calm {
			s.storm(6, "slow")
		} else {
			s.storm(12, "slow", "cut", "pause", "sleep", "outage")
		}
		s.run(3 * time.Minute)
		if err := s.check(); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		has := s.newest[SessionKey(original.name)].holder.Boot
		switch {
		case calm && (!original.alive || twin.alive):
			t.Errorf("seed %d: the original lives: %v, the copy: %v", seed, original.alive, twin.alive)
		case original.alive == twin.alive:
			t.Errorf("seed %d: the original and the copy live: %v", seed, twin.alive)
		case original.alive && has != original.boot, twin.alive && has != twin.boot:
			t.Errorf("seed %d: %x has the name; the original %x lives: %v, the copy is %x",
				seed, has, original.boot, original.alive, twin.boot)
		}
	}
}
