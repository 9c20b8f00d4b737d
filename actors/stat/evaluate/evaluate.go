package evaluate

import (
	"cmp"
	"fmt"
	"slices"

	"tandem/actors/stat/engine"
	"tandem/actors/stat/source"
)

// Result is what a file comes to.
type Result struct {
	Values   []Value             `json:"values"`             // by time, then in the order of the statistics
	Finals   []Value             `json:"finals,omitempty"`   // at the end of each interval
	Warnings map[string][]string `json:"warnings,omitempty"` // of statistics: what of them has no effect
}

// Value is one value of a statistic.
type Value struct {
	At       Time    `json:"at"`
	ID       string  `json:"id"`
	Value    float64 `json:"value"`
	Empty    bool    `json:"empty,omitempty"`   // of nothing
	Invalid  bool    `json:"invalid,omitempty"` // a source cannot be reached
	Since    Time    `json:"since"`             // beginning of its interval
	Complete Time    `json:"complete"`          // since when facts are counted

	State *State `json:"state,omitempty"` // of a category that shows what its object is doing
}

// question is an instant at which a statistic is asked.
type question struct {
	at int64
	id string
}

// Evaluate computes the values of a file. Facts of the same moment as an instant count in it.
func Evaluate(f File) (r Result, err error) {
	w := engine.New(engine.Options{Lateness: -1})
	facts, err := f.facts()
	if err != nil {
		return r, err
	}
	r.Values, r.Warnings = []Value{}, map[string][]string{}
	opens := slices.Clone(f.Statistics)
	slices.SortStableFunc(opens, func(a, b Statistic) int { return cmp.Compare(a.open(), b.open()) })
	run := &run{w: w, r: &r, facts: facts, opens: opens}
	for _, q := range f.questions() {
		if err := run.until(q.at); err != nil {
			return r, err
		}
		v, err := w.Value(q.id, q.at)
		if err != nil {
			return r, fmt.Errorf("%s at %v: it is not open then", q.id, float64(q.at)/1000)
		}
		shown := value(q.id, v)
		if doing, err := w.State(q.id, q.at); err == nil { // else it is a number alone
			s := state(doing)
			shown.State = &s
		}
		r.Values = append(r.Values, shown)
	}
	return r, nil
}

func (s *Statistic) open() int64 {
	if s.Open == nil {
		return 0
	}
	return int64(*s.Open)
}

// facts are those of a file, by time.
func (f *File) facts() (all []engine.Fact, err error) {
	for i := range f.Facts {
		some, err := f.Facts[i].fact(i)
		if err != nil {
			return nil, fmt.Errorf("facts: the one at place %d: %w", i+1, err)
		}
		all = append(all, some...)
	}
	lines, err := f.told(uint64(2 * len(f.Facts)))
	if err != nil {
		return nil, err
	}
	all = append(all, lines...)
	slices.SortStableFunc(all, func(a, b engine.Fact) int { return cmp.Or(cmp.Compare(a.At, b.At), cmp.Compare(a.Seq, b.Seq)) })
	return all, nil
}

// told are the facts that lines of a source come to, numbered from somewhere on. One that a member would not take is an error.
func (f *File) told(seq uint64) (all []engine.Fact, err error) {
	if len(f.Lines) == 0 {
		return nil, nil
	}
	book := source.NewBook()
	for i, line := range f.Lines {
		l, err := source.Parse(line)
		if err == nil && l.At == nil {
			err = fmt.Errorf(`"at" says no time`)
		}
		if err != nil {
			return nil, fmt.Errorf("lines: the one at place %d: %w", i+1, err)
		}
	}
	b := source.Batch{Source: cmp.Or(f.Source, "source"), What: source.Lines, Lines: f.Lines, Rules: source.Rules{Switch: f.Switch}}
	body, err := b.Encode()
	if err != nil {
		return nil, err
	}
	err = book.Read(body, func(x engine.Fact) {
		seq++
		x.Seq = seq
		all = append(all, x)
	})
	return all, err
}

// questions are the instants of all statistics, by time.
func (f *File) questions() (all []question) {
	for _, s := range f.Statistics {
		instants := s.Instants
		if len(instants) == 0 {
			instants = f.Instants
		}
		for _, at := range instants {
			all = append(all, question{int64(at), s.ID})
		}
	}
	slices.SortStableFunc(all, func(a, b question) int { return cmp.Compare(a.at, b.at) })
	return all
}

// run is an evaluation that goes on.
type run struct {
	w     *engine.World
	r     *Result
	facts []engine.Fact
	opens []Statistic
}

// until tells what is up to a moment: statistics are opened before the facts of their moment.
func (r *run) until(at int64) error {
	for {
		switch {
		case len(r.opens) > 0 && r.opens[0].open() <= at && (len(r.facts) == 0 || r.opens[0].open() <= r.facts[0].At):
			s := r.opens[0]
			r.opens = r.opens[1:]
			r.advance(s.open())
			warnings, err := r.w.Open(s.ID, s.Object, s.Definition, s.open())
			if err != nil {
				return fmt.Errorf("statistic %s: %w", s.ID, err)
			}
			if len(warnings) > 0 {
				r.r.Warnings[s.ID] = warnings
			}
		case len(r.facts) > 0 && r.facts[0].At <= at:
			f := r.facts[0]
			r.facts = r.facts[1:]
			r.advance(f.At)
			if err := r.w.Apply(f); err != nil {
				return fmt.Errorf("facts: the one at place %d: %w", f.Seq/2+1, err)
			}
		default:
			r.advance(at)
			return nil
		}
	}
}

// advance does the resets up to a moment.
func (r *run) advance(at int64) {
	for _, f := range r.w.Advance(at) {
		r.r.Finals = append(r.r.Finals, value(f.ID, f.Value))
	}
}

func value(id string, v engine.Value) Value {
	return Value{At: Time(v.At), ID: id, Value: v.Number, Empty: v.Empty, Invalid: !v.Valid, Since: Time(v.Since), Complete: Time(v.Complete)}
}
