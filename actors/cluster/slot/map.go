package slot

import "time"

// Owner is who owns a slot, as one member knows it.
type Owner struct {
	Holder
	Epoch uint64
	Mine  bool // it is this member, and it may act
}

// Map is who owns what, at one moment, for readers on other goroutines. It never changes. Its word that a slot is
// ours runs out by itself, so a reader with an old Map is never wrong about that.
type Map struct {
	me    Holder
	lone  bool
	until time.Time
	known [Slots + 1]bool
	slots [Slots + 1]Owner
}

// Map makes a Map; due after each input, before its effects are performed.
func (t *Table) Map(now time.Time) *Map {
	m := &Map{me: t.me, lone: t.lone, until: t.lease.until}
	for i := range t.slots {
		m.slots[i], m.known[i] = t.owner(&t.slots[i], now)
	}
	return m
}

// Owner is who owns a slot; false when nobody is known to, or only somebody who may not act at present, ourselves too.
func (t *Table) Owner(s Slot, now time.Time) (Owner, bool) { return t.Map(now).Owner(s, now) }

// Owner is as in Table.
func (m *Map) Owner(s Slot, now time.Time) (Owner, bool) {
	if s < 0 || s > Controller {
		return Owner{}, false
	}
	if m.lone {
		return Owner{m.me, 1, true}, true
	}
	o, ok := m.slots[s], m.known[s]
	if o.Mine && !now.Before(m.until) {
		o.Mine, ok = false, false
	}
	return o, ok
}

// Same tells whether two Maps know the same owners under the same epochs.
func (m *Map) Same(o *Map) bool { return m.known == o.known && m.slots == o.slots }

// Mine is how many slots of names are ours to act for.
func (m *Map) Mine(now time.Time) (n int) {
	for s := range Slot(Slots) {
		if o, _ := m.Owner(s, now); o.Mine {
			n++
		}
	}
	return n
}

func (t *Table) owner(s *slot, now time.Time) (Owner, bool) {
	o := Owner{Holder: s.Holder, Epoch: s.revision}
	if s.Holder == t.me {
		o.Mine = s.state == owned && t.may(now)
		return o, o.Mine
	}
	return o, !t.gone(s.Holder, now)
}
