package cluster

import (
	"time"

	"tandem/actors/cluster/slot"
)

// Incarnation is one actor of a name as others know it: the epoch under which it speaks. No other actor of that name
// has it, and each has a higher one than those before it, also where one owner makes several: because one has crashed,
// or was put away. So what is numbered under it is named for all times, and what comes late is known as old.
//
//	epoch of the owner's lease ── 32 bits ──┬── 32 bits ── counts the actors of names that this member has made
//
// A member that is alone has no leases: it takes the second of its start.
type Incarnation uint64

// Incarnation gives the actor of a name that was made just now its epoch. False: this member does not own the name any
// more, and the actor must end.
func (m *Member) Incarnation(kind, name string) (Incarnation, bool) {
	lease, ok := m.lease(kind, name)
	return Incarnation(lease<<32 | uint64(m.incarnations.Add(1))), ok
}

// Acts tells whether the actor of a name may act: this member owns the name, under the lease under which the actor was
// made.
func (m *Member) Acts(kind, name string, i Incarnation) bool {
	lease, ok := m.lease(kind, name)
	return ok && lease == uint64(i)>>32
}

func (m *Member) lease(kind, name string) (uint64, bool) {
	if m.alone() {
		return uint64(m.begun.Unix()), true
	}
	return m.Epoch(kind, name)
}

// Holdings is a number that is another one when this member has come to own other names than before, or the same under
// other epochs.
func (m *Member) Holdings() (sum uint64) {
	if m.alone() {
		return 1
	}
	s, now := m.loop.shown.Load(), time.Now()
	for n := range slot.Slot(slot.Slots) {
		if o, ok := s.Owners.Owner(n, now); ok && o.Mine {
			sum = sum*31 + uint64(n+1)*o.Epoch
		}
	}
	return sum
}
