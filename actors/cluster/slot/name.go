package slot

import (
	"fmt"
	"time"
)

// A name belongs to the life whose session the store has under it. Whoever begins with a name that another life has at
// another address, a copy of a machine or one that has moved, waits until that life is over: it is surely dead, was
// declared dead, or has not renewed its session for a lease. The compare-and-set makes sure of the last: it fails if
// there was a renewal that we have not seen. An old life at our own address is surely dead, or we could not listen there:
// what it owned is ours to claim at once, so that a cluster whose members all start again has owners at once.

// name follows whose session the store has under a name.
func (t *Table) name(member string, s session, now time.Time) {
	old := t.sessions[member]
	t.sessions[member] = s
	if old.boot != s.boot || old.revision == 0 {
		t.do(Named{Holder{member, s.boot}})
	}
	if member != t.me.Member {
		return
	}
	t.lease.knows(s.revision, now)
	switch {
	case s.boot == t.me.Boot:
		t.had = true
	case t.ended(s.boot):
	case t.had:
		t.fence("its name was taken by a younger life at "+s.address, now)
	case s.address == t.at:
		t.dead[s.boot] = true
	case old.boot != s.boot:
		t.rivalled = now
	case now.Sub(t.rivalled) >= t.limit.lost: // what was on its way when that life ended is here by now: it lives
		t.fence(fmt.Sprintf("the name %s belongs to the member at %s", member, s.address), now)
	}
}

// rival reports that another life has our name and may live.
func (t *Table) rival(now time.Time) bool {
	s := t.sessions[t.me.Member]
	if s.revision == 0 || s.boot == t.me.Boot || s.address == t.at || t.ended(s.boot) ||
		now.Sub(t.heard[s.boot]) >= t.limit.lease {
		return false
	}
	if t.waitsFor != s.boot {
		t.waitsFor = s.boot
		t.do(Held{s.boot, s.address})
	}
	return true
}

// ended reports that a life has no name any more.
func (t *Table) ended(boot uint32) bool { return t.dead[boot] || t.over[boot] }
