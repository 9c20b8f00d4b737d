package measure

import (
	"slices"

	"tandem/actors/stat/filter"
)

// Meter is a statistic that is open. It is told all facts of its object that go on when it is opened, and then each one
// in order. Its methods take a time that does not go back.
type Meter struct {
	*plan
	opened int64
	begun  int64 // of the interval
	next   int64 // reset; 0: never
	sides  []side
}

// side counts the facts of one mask.
type side struct {
	open  []span // in the order of their ids
	past  totals // of an interval that only begins anew
	kept  kept   // of one that looks back on single facts
	level level
}

// Forget leaves nothing of m but its room, for a Copy.
func (m *Meter) Forget() { *m = Meter{sides: m.sides} }

// Copy makes into what m is, so that m can go on and be given up for it later. What into has is used again. The pieces that
// are over are shared: they are only ever added to.
func (m *Meter) Copy(into *Meter) {
	sides := into.sides
	*into = *m
	if len(sides) != len(m.sides) {
		sides = make([]side, len(m.sides))
	}
	for i := range m.sides {
		open := append(sides[i].open[:0], m.sides[i].open...)
		sides[i] = m.sides[i]
		sides[i].open = open
		sides[i].past = m.sides[i].past.copy()
	}
	into.sides = sides
}

// Final is the value of an interval at its end.
type Final struct {
	At    int64
	Value Value
}

// Advance does the resets that are due, and gives the value before each.
func (m *Meter) Advance(now int64) (finals []Final) {
	for m.next != 0 && m.next <= now {
		at := m.next
		finals = append(finals, Final{at, m.value(at)})
		m.reset(at)
		m.next = m.plan.next(at)
		if behind := m.plan.begun(now); behind > at && m.idle() { // nothing happens in those between
			m.begun, m.next = behind, m.plan.next(now)
		}
	}
	return finals
}

// idle: nothing goes on, so that an interval without any event is zero.
func (m *Meter) idle() bool {
	for i := range m.sides {
		if len(m.sides[i].open) > 0 {
			return false
		}
	}
	return true
}

// Next is when the next reset is due; 0: never.
func (m *Meter) Next() int64 { return m.next }

func (m *Meter) reset(at int64) {
	m.begun = at
	for i := range m.sides {
		s := &m.sides[i]
		s.past, s.kept = newTotals(), kept{}
		s.level.begin(at)
	}
}

// Login begins the interval of a SinceLogin profile anew.
func (m *Meter) Login(at int64) {
	if m.Profile.Kind == SinceLogin {
		m.reset(at)
	}
}

// Begin: a durable action or status has begun, or has come to belong to the object later, at from, when with was attached to
// it. One that began before the statistic was opened counts from the opening on.
func (m *Meter) Begin(f *Fact, with filter.Attributes, from int64) {
	m.Advance(max(from, m.opened))
	for i := range m.sides {
		if m.masks[i].Has(f.Name) && f.Name.Class()&Durable != 0 {
			m.begin(i, f, with, from)
		}
	}
}

func (m *Meter) begin(i int, f *Fact, with filter.Attributes, from int64) {
	s := &m.sides[i]
	at, known := s.find(f.ID)
	if known {
		return
	}
	s.open = slices.Insert(s.open, at, span{fact: f, from: from})
	m.turn(i, &s.open[at], with, from)
}

// find is where a fact is among those that go on, or where it would be. Most are told in order.
func (s *side) find(id uint64) (at int, known bool) {
	n := len(s.open)
	if n == 0 || s.open[n-1].fact.ID < id {
		return n, false
	}
	low := 0
	for low < n {
		mid := (low + n) / 2
		if s.open[mid].fact.ID < id {
			low = mid + 1
		} else {
			n = mid
		}
	}
	return low, low < len(s.open) && s.open[low].fact.ID == id
}

// turn takes what is attached to a fact, and follows whether it counts.
func (m *Meter) turn(i int, sp *span, with filter.Attributes, at int64) {
	held, since := sp.holds, sp.since
	sp.change(m.plan, i, with, at)
	if !m.category.level {
		return
	}
	switch {
	case sp.holds && !held:
		m.sides[i].rise(m.plan, at)
	case held && !sp.holds:
		m.sides[i].fall(m.plan, at, since)
	}
}

// Change: what is attached to a fact has changed.
func (m *Meter) Change(id uint64, with filter.Attributes, at int64) {
	m.Advance(at)
	for i := range m.sides {
		if at1, known := m.sides[i].find(id); known {
			m.turn(i, &m.sides[i].open[at1], with, at)
		}
	}
}

// End: a fact is over, or does not belong to the object any more.
func (m *Meter) End(id uint64, at int64) {
	m.Advance(at)
	for i := range m.sides {
		if at1, known := m.sides[i].find(id); known {
			m.end(i, at1, at)
		}
	}
}

func (m *Meter) end(i, which int, at int64) {
	s := &m.sides[i]
	sp := s.open[which]
	s.open = slices.Delete(s.open, which, which+1)
	if sp.holds && m.category.level {
		s.fall(m.plan, at, sp.since)
	}
	if !m.category.historical {
		return
	}
	for _, p := range sp.pieces {
		s.add(p, m.begun, at, m.plan)
	}
	if sp.holds {
		s.add(sp.piece(m.plan, at), m.begun, at, m.plan)
	}
}

// Happen: an instant.
func (m *Meter) Happen(f *Fact) {
	m.Advance(f.At)
	if !m.category.historical || f.Name.Class()&Instant == 0 {
		return
	}
	for i := range m.sides {
		if m.masks[i].Has(f.Name) && m.filters[i].Holds(f.With) {
			length := m.clock().length(f.At-f.Length, f.At)
			m.sides[i].add(piece{start: f.At - f.Length, end: f.At, whole: length, instant: true, conn: f.Conn,
				value: m.Formula.value(f.With, seconds(length))}, m.begun, f.At, m.plan)
		}
	}
}
