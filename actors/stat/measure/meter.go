package measure

import (
	"fmt"
	"strings"

	"tandem/actors/stat/filter"
)

// Subject says whose facts are counted beneath an object, in the order of the wire codes.
type Subject int

// Subjects. All but DNAction count statuses.
const (
	DNAction Subject = iota
	DNStatus
	AgentStatus
	PlaceStatus
	GroupStatus
)

// Subjects as they are written.
var subjects = []string{"DNAction", "DNStatus", "AgentStatus", "PlaceStatus", "GroupStatus"}

// ParseSubject finds a subject; Action is another name of DNAction.
func ParseSubject(text string) (Subject, error) {
	for i, s := range subjects {
		if s == text || text == "Action" && i == 0 {
			return Subject(i), nil
		}
	}
	return 0, fmt.Errorf("subject: %q is none of %s", text, strings.Join(subjects, ", "))
}

func (s Subject) String() string { return subjects[s] }

// Definition says what a statistic is.
type Definition struct {
	Category      string
	Subject       Subject
	Main          Mask
	Relative      Mask // empty where the category needs none
	Profile       Profile
	Range, Range2 Range
	Filter        filter.Filter
	Distinct      bool // each connection id counts once (DistByConnID)
	Exact         bool // lengths in milliseconds, instead of whole seconds
	InProgress    bool // actions in progress count as statuses do
}

func (d *Definition) clock() clock     { return clock(d.Exact) }
func (d *Definition) ranges() [2]Range { return [2]Range{d.Range, d.Range2} }

// Meter is a statistic that is open. It is told all facts of its object that go on when it is opened, and then each one
// in order. Its methods take a time that does not go back.
type Meter struct {
	d        Definition
	category *category
	opened   int64
	begun    int64 // of the interval
	next     int64 // reset; 0: never
	sides    []*side
}

// side counts the facts of one mask.
type side struct {
	mask   Mask
	filter filter.Filter
	open   map[uint64]*span
	order  []uint64 // of those that are open, the first first
	past   history
	level  level
}

// Open begins a statistic. Warnings say what of the definition has no effect; an error, why it makes no sense.
func Open(d Definition, now int64) (m *Meter, warnings []string, err error) {
	c, ok := categories[d.Category]
	if !ok {
		return nil, nil, fmt.Errorf("category: %q is not known", d.Category)
	}
	if warnings, err = c.check(&d); err != nil {
		return nil, warnings, err
	}
	m = &Meter{d: d, category: c, opened: now, begun: max(now, d.Profile.Begun(now)), next: d.Profile.Next(now)}
	for i, mask := range c.masks(&d) {
		s := &side{mask: mask, filter: d.Filter, open: map[uint64]*span{}, past: newHistory(d.Profile)}
		if i > 0 && c.mainFilter {
			s.filter = filter.Filter{}
		}
		s.level.begin(now)
		m.sides = append(m.sides, s)
	}
	return m, warnings, nil
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
		m.next = m.d.Profile.Next(at)
		if behind := m.d.Profile.Begun(now); behind > at && m.idle() { // nothing happens in those between
			m.begun, m.next = behind, m.d.Profile.Next(now)
		}
	}
	return finals
}

// idle: nothing goes on, so that an interval without any event is zero.
func (m *Meter) idle() bool {
	for _, s := range m.sides {
		if len(s.open) > 0 {
			return false
		}
	}
	return true
}

// Next is when the next reset is due; 0: never.
func (m *Meter) Next() int64 { return m.next }

func (m *Meter) reset(at int64) {
	m.begun = at
	for _, s := range m.sides {
		s.past.reset()
		s.level.begin(at)
	}
}

// Login begins the interval of a SinceLogin profile anew.
func (m *Meter) Login(at int64) {
	if m.d.Profile.Kind == SinceLogin {
		m.reset(at)
	}
}

// Begin: a durable action or status has begun. One that began before the statistic was opened counts from then on.
func (m *Meter) Begin(f Fact) {
	m.Advance(max(f.At, m.opened))
	for _, s := range m.sides {
		if s.mask.Has(f.Name) && f.Name.Class()&Durable != 0 {
			s.begin(f)
		}
	}
}

func (s *side) begin(f Fact) {
	if _, known := s.open[f.ID]; known {
		return
	}
	sp := &span{Fact: f}
	s.open[f.ID] = sp
	s.order = append(s.order, f.ID)
	s.turn(sp, f.With, f.At)
}

// turn takes what is attached to a fact, and follows whether it counts.
func (s *side) turn(sp *span, with filter.Attributes, at int64) {
	held, since := sp.holds, sp.since
	sp.change(s.filter, with, at)
	switch {
	case sp.holds && !held:
		s.level.rise(at)
	case held && !sp.holds:
		s.level.fall(at, at-since)
	}
}

// Change: what is attached to a fact has changed.
func (m *Meter) Change(id uint64, with filter.Attributes, at int64) {
	m.Advance(at)
	for _, s := range m.sides {
		if sp := s.open[id]; sp != nil {
			s.turn(sp, with, at)
		}
	}
}

// End: a fact is over.
func (m *Meter) End(id uint64, at int64) {
	m.Advance(at)
	for _, s := range m.sides {
		if sp := s.open[id]; sp != nil {
			s.end(sp, at, m)
		}
	}
}

func (s *side) end(sp *span, at int64, m *Meter) {
	delete(s.open, sp.ID)
	for i, id := range s.order {
		if id == sp.ID {
			s.order = append(s.order[:i], s.order[i+1:]...)
			break
		}
	}
	if sp.holds {
		s.level.fall(at, at-sp.since)
	}
	for _, p := range sp.over(at) {
		p.whole = m.d.clock().length(p.start, p.end)
		s.past.add(p, m.begun, &m.d)
	}
}

// Happen: an instant.
func (m *Meter) Happen(f Fact) {
	m.Advance(f.At)
	for _, s := range m.sides {
		if s.mask.Has(f.Name) && f.Name.Class()&Instant != 0 && s.filter.Holds(f.With) {
			length := m.d.clock().length(f.At-f.Length, f.At)
			s.past.add(piece{start: f.At - f.Length, end: f.At, whole: length, instant: true, conn: f.Conn}, m.begun, &m.d)
		}
	}
}

// Value is what a statistic comes to.
type Value struct {
	Number float64
	Whole  bool // a whole number by its nature
	Empty  bool // of nothing: its denominator is zero, so it is 0
	Since  int64
}

// Value is the value now. The time does not go back.
func (m *Meter) Value(now int64) Value {
	m.Advance(now)
	return m.value(now)
}

func (m *Meter) value(now int64) Value {
	v := m.view(now)
	value := m.category.value(v)
	value.Since = v.from
	return value
}

// view is a statistic at one moment.
type view struct {
	d        *Definition
	from, to int64
	sides    []sideView
}

// sideView is what the facts of one mask come to.
type sideView struct {
	totals
	side *side
}

func (m *Meter) view(now int64) *view {
	v := &view{d: &m.d, from: m.begun, to: now}
	if m.d.Profile.Kind == Sliding {
		v.from = max(m.opened, now-m.d.Profile.Window)
	}
	for _, s := range m.sides {
		shown := sideView{side: s}
		if m.category.historical {
			shown.totals = s.past.totals(v.from, now, &m.d)
			shown.running(v)
		}
		v.sides = append(v.sides, shown)
	}
	return v
}

// running counts facts that go on: statuses, and actions where the definition says so.
func (s *sideView) running(v *view) {
	if v.d.Subject == DNAction && !v.d.InProgress {
		return
	}
	for _, id := range s.side.order {
		sp := s.side.open[id]
		pieces := sp.pieces
		if sp.holds {
			pieces = append(pieces[:len(pieces):len(pieces)], piece{start: sp.since, end: v.to, conn: sp.Conn})
		}
		for _, p := range pieces {
			if p.end >= v.from && p.start < v.to {
				p.whole = v.d.clock().length(p.start, p.end)
				s.totals.add(p, v.from, v.to, v.d)
			}
		}
	}
}
