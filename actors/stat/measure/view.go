package measure

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

// from is when the interval begins that a value is of.
func (m *Meter) from(now int64) int64 {
	if m.Profile.Kind == Sliding {
		return max(m.opened, now-m.Profile.Window)
	}
	return m.begun
}

func (m *Meter) view(now int64) *view {
	v := &view{d: &m.Definition, from: m.from(now), to: now, sides: make([]sideView, len(m.sides))}
	for i := range m.sides {
		shown := &v.sides[i]
		shown.side = &m.sides[i]
		if m.category.historical && !m.category.line {
			shown.totals = shown.side.totals(v.from, now, &m.Definition)
			shown.running(m.plan, v)
		}
	}
	return v
}

// running counts facts that go on: statuses, and actions where the definition says so.
func (s *sideView) running(p *plan, v *view) {
	if v.d.Subject == DNAction && !v.d.InProgress {
		return
	}
	for i := range s.side.open {
		sp := &s.side.open[i]
		for _, done := range sp.pieces {
			s.totals.part(done, v)
		}
		if sp.holds {
			s.totals.part(sp.piece(p, v.to), v)
		}
	}
}

// part counts a piece of a fact that goes on, where it touches the interval.
func (t *totals) part(p piece, v *view) {
	if p.start < v.to && (p.end > v.from || p.start >= v.from) {
		t.add(p, v.from, v.to, v.d)
	}
}
