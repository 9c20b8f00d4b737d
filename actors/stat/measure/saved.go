package measure

import (
	"errors"

	"tandem/actors/stat/filter"
)

// Saved is a meter as it stands in a file that every processor reads. Facts that go on are named by their ids.
type Saved struct {
	Opened, Begun, Next int64
	Sides               []savedSide
}

type savedSide struct {
	Open     []savedSpan      `json:",omitempty"`
	Totals   [10]int64        // see save
	Distinct map[string]int64 `json:",omitempty"`
	Values   [4]float64       // number, sum, lowest, highest
	Pieces   []savedPiece     `json:",omitempty"`
	Steps    [][3]int64       `json:",omitempty"`
	Forgot   int64            `json:",omitempty"`
	Level    [10]int64
	AreaAge  float64 `json:",omitempty"`
	Outside  bool    `json:",omitempty"`
}

type savedSpan struct {
	ID          uint64
	From, Since int64
	Holds       bool         `json:",omitempty"`
	Pieces      []savedPiece `json:",omitempty"`
}

type savedPiece struct {
	Start, End, Whole int64
	Instant           bool    `json:",omitempty"`
	Conn              string  `json:",omitempty"`
	Value             float64 `json:",omitempty"`
}

// Save writes a meter down.
func (m *Meter) Save() Saved {
	saved := Saved{Opened: m.opened, Begun: m.begun, Next: m.next}
	for i := range m.sides {
		saved.Sides = append(saved.Sides, m.sides[i].save())
	}
	return saved
}

func (s *side) save() (saved savedSide) {
	for i := range s.open {
		sp := &s.open[i]
		saved.Open = append(saved.Open, savedSpan{sp.fact.ID, sp.from, sp.since, sp.holds, savePieces(sp.pieces)})
	}
	t, v, l := &s.past, &s.past.values, &s.level
	saved.Totals = [10]int64{t.number, t.time, t.adjusted, t.adjustedIn, t.longest, t.shortest, t.inRange[0], t.inRange[1],
		t.timeInRange[0], t.timeInRange[1]}
	saved.Distinct = t.distinct
	saved.Values = [4]float64{float64(v.number), v.sum, v.low, v.top}
	saved.Pieces, saved.Forgot = savePieces(s.kept.pieces), s.kept.forgot
	for _, step := range s.kept.steps {
		saved.Steps = append(saved.Steps, [3]int64{step.at, step.number, step.ages})
	}
	saved.Level = [10]int64{l.since, l.number, l.low, l.top, l.steps, l.area, l.ages, l.entries, l.inside, l.left}
	saved.AreaAge, saved.Outside = l.areaAge, l.outside
	return saved
}

func savePieces(all []piece) (saved []savedPiece) {
	for _, p := range all {
		saved = append(saved, savedPiece{p.start, p.end, p.whole, p.instant, p.conn, p.value})
	}
	return saved
}

// Part ends what goes on, so that the meter can go to where it does not: what counts while it goes on, statuses and actions in
// progress, counts up to now; other actions have not been.
func (m *Meter) Part(at int64) {
	m.Advance(at)
	counts := m.Subject != DNAction || m.InProgress
	for i := range m.sides {
		s := &m.sides[i]
		for len(s.open) > 0 {
			if counts {
				m.end(i, 0, at)
				continue
			}
			if sp := s.open[0]; sp.holds && m.category.level {
				s.fall(m.plan, at, sp.since)
			}
			s.open = s.open[1:]
		}
	}
}

// Load makes a meter of what was saved. going finds a fact that goes on by its id, and what is attached to it now; nil: it
// does not go on any more, and is left out.
func (p Plan) Load(saved Saved, going func(id uint64) (*Fact, filter.Attributes)) (*Meter, error) {
	if len(saved.Sides) != len(p.p.masks) {
		return nil, errors.New("measure: what was saved is of another definition")
	}
	m := &Meter{plan: p.p, opened: saved.Opened, begun: saved.Begun, next: saved.Next, sides: make([]side, len(saved.Sides))}
	for i := range saved.Sides {
		m.sides[i].load(&saved.Sides[i], &p.p.Definition, going)
	}
	return m, nil
}

func (s *side) load(saved *savedSide, d *Definition, going func(id uint64) (*Fact, filter.Attributes)) {
	for _, sp := range saved.Open {
		if f, with := going(sp.ID); f != nil {
			at, _ := s.find(f.ID)
			s.open = append(s.open, span{})
			copy(s.open[at+1:], s.open[at:])
			s.open[at] = span{fact: f, with: with, from: sp.From, since: sp.Since, holds: sp.Holds, pieces: loadPieces(sp.Pieces)}
		}
	}
	t, v, l := saved.Totals, saved.Values, saved.Level
	s.past = totals{number: t[0], time: t[1], adjusted: t[2], adjustedIn: t[3], longest: t[4], shortest: t[5],
		inRange: [2]int64{t[6], t[7]}, timeInRange: [2]int64{t[8], t[9]}, distinct: saved.Distinct,
		values: tally{int64(v[0]), v[1], v[2], v[3]}}
	s.kept = kept{forgot: saved.Forgot}
	for _, p := range loadPieces(saved.Pieces) {
		s.kept.add(p, d)
	}
	for _, step1 := range saved.Steps {
		s.kept.steps = append(s.kept.steps, step{step1[0], step1[1], step1[2]})
	}
	s.level = level{since: l[0], number: l[1], low: l[2], top: l[3], steps: l[4], area: l[5], ages: l[6], entries: l[7], inside: l[8],
		left: l[9], areaAge: saved.AreaAge, outside: saved.Outside}
}

func loadPieces(saved []savedPiece) (all []piece) {
	for _, p := range saved {
		all = append(all, piece{p.Start, p.End, p.Whole, p.Instant, p.Conn, p.Value})
	}
	return all
}
