package measure

import (
	"maps"
	"math"
)

// totals are what facts that are over come to in an interval. Lengths are milliseconds.
type totals struct {
	number, time         int64
	adjusted, adjustedIn int64    // whole facts that ended in it, and how long they were
	longest, shortest    int64    // shortest is -1 where there is none
	inRange, timeInRange [2]int64 // by the two ranges of the definition
	distinct             map[string]int64
	values               tally
}

// tally sums up values of a custom formula.
type tally struct {
	number        int64
	sum, low, top float64
}

func (t *tally) add(v float64) {
	if t.number == 0 {
		t.low, t.top = v, v
	}
	t.number++
	t.sum += v
	t.low, t.top = math.Min(t.low, v), math.Max(t.top, v)
}

// maxDistinct is how many connection ids a statistic tells apart; further ones are counted each time.
const maxDistinct = 100000

func newTotals() totals { return totals{shortest: -1} }

// add counts a piece with the part of it that lies in an interval. An instant counts whole at its moment.
func (t *totals) add(p piece, from, to int64, d *Definition) {
	length := p.whole
	if !p.instant {
		length = d.clock().length(max(p.start, from), min(p.end, to))
	}
	if d.Distinct && p.conn != "" {
		if t.distinct == nil {
			t.distinct = map[string]int64{}
		}
		if _, known := t.distinct[p.conn]; known {
			t.time += length
			t.distinct[p.conn] += length
			return
		}
		if len(t.distinct) < maxDistinct {
			t.distinct[p.conn] = length
		}
	}
	t.number++
	t.time += length
	t.adjusted++
	t.adjustedIn += p.whole
	t.longest = max(t.longest, length)
	if t.shortest < 0 || length < t.shortest {
		t.shortest = length
	}
	for i, r := range d.ranges() {
		if r.has(length) {
			t.inRange[i]++
			t.timeInRange[i] += length
		}
	}
	t.values.add(p.value)
}

// history keeps facts that are over.
type history interface {
	// add takes one more. from is when the interval has begun.
	add(p piece, from int64, d *Definition)
	// totals are those of the interval from one moment up to another.
	totals(from, to int64, d *Definition) totals
	// reset begins anew.
	reset()
}

// sums adds up at once, for an interval that only begins anew.
type sums struct{ t totals }

func (s *sums) add(p piece, from int64, d *Definition)  { s.t.add(p, from, p.end, d) }
func (s *sums) totals(_, _ int64, _ *Definition) totals { return s.t.copy() }
func (s *sums) reset()                                  { s.t = newTotals() }

// copy is one to which more can be added.
func (t totals) copy() totals {
	t.distinct = maps.Clone(t.distinct)
	return t
}

// maxKept is how many facts one statistic keeps that looks back on single ones. Beyond it the oldest are forgotten, and
// the statistic knows of less than its window.
const maxKept = 200000

// window keeps the facts that a sliding statistic can still see.
type window struct {
	kept   []piece // in the order of their ends
	forgot int64   // end of the last one that was forgotten for want of room
}

func (w *window) add(p piece, _ int64, d *Definition) {
	for len(w.kept) > 0 && w.kept[0].end < p.end-d.Profile.Window {
		w.kept = w.kept[1:]
	}
	if len(w.kept) == maxKept {
		w.forgot = w.kept[0].end
		w.kept = w.kept[1:]
	}
	w.kept = append(w.kept, p)
}

func (w *window) totals(from, to int64, d *Definition) totals {
	t := newTotals()
	for _, p := range w.kept {
		if d.counts(p, from, to) {
			t.add(p, from, to, d)
		}
	}
	return t
}

func (w *window) reset() { w.kept = nil }

// counts tells whether a fact that is over belongs to an interval: an action or instant by its end, a status where it
// touches it.
func (d *Definition) counts(p piece, from, to int64) bool {
	if d.Subject != DNAction && !p.instant {
		return p.start < to && (p.end > from || p.end == p.start && p.start >= from)
	}
	return from <= p.end && p.end < to
}

// selection keeps the last facts.
type selection struct{ kept []piece }

func (s *selection) add(p piece, _ int64, d *Definition) {
	if len(s.kept) == d.Profile.Last {
		s.kept = append(s.kept[:0], s.kept[1:]...)
	}
	s.kept = append(s.kept, p)
}

func (s *selection) totals(_, _ int64, d *Definition) totals {
	t := newTotals()
	for _, p := range s.kept {
		t.add(p, p.start, p.end, d)
	}
	return t
}

func (s *selection) reset() { s.kept = nil }

func newHistory(p Profile) history {
	switch p.Kind {
	case Sliding:
		return &window{}
	case Selection:
		return &selection{}
	}
	return &sums{newTotals()}
}
