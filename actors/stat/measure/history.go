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

// copy is one to which more can be added.
func (t totals) copy() totals {
	if t.distinct != nil {
		t.distinct = maps.Clone(t.distinct)
	}
	return t
}

// maxKept is how many facts one statistic keeps that looks back on single ones. Beyond it the oldest are forgotten, and
// the statistic knows of less than its window.
const maxKept = 200000

// kept are single facts that are over, in the order in which they were. They are only added behind and left out in front:
// copies of the meter have the array in common.
type kept struct {
	pieces []piece
	blocks []block // sums of the pieces, of all full blocks of which some are there
	before int     // how many pieces of the first block are left out already
	steps  []step
	forgot int64 // end of the last one that was forgotten for want of room
}

// blockSize is how many pieces have one sum: a window is added up by blocks, but for pieces at its edge.
const blockSize = 128

// block is what so many pieces come to that a window has whole.
type block struct {
	totals
	first, last int64 // earliest beginning, and latest end
}

// add keeps a piece behind the others.
func (k *kept) add(p piece, d *Definition) {
	k.pieces = append(k.pieces, p)
	if (k.before+len(k.pieces))%blockSize != 0 || !d.summed() {
		return
	}
	b := block{totals: newTotals(), first: p.start, last: p.end}
	for _, p := range k.pieces[max(0, len(k.pieces)-blockSize):] {
		b.totals.add(p, p.start, p.end, d)
		b.first, b.last = min(b.first, p.start), max(b.last, p.end)
	}
	k.blocks = append(k.blocks, b)
}

// drop leaves out the oldest piece.
func (k *kept) drop() {
	k.pieces = k.pieces[1:]
	if k.before++; k.before == blockSize {
		k.before = 0
		if len(k.blocks) > 0 {
			k.blocks = k.blocks[1:]
		}
	}
}

// summed tells whether sums of blocks can be added up: what they are of is whole numbers, whose sum does not depend on the
// order, and no call is counted once for many pieces.
func (d *Definition) summed() bool {
	return d.Profile.Kind == Sliding && !d.Distinct && d.Formula.of == nil
}

// window is what the pieces come to in a window.
func (k *kept) window(from, to int64, d *Definition) totals {
	t := newTotals()
	for i := 0; i < len(k.pieces); {
		at := k.before + i
		if n := at / blockSize; at%blockSize == 0 && n < len(k.blocks) {
			if b := &k.blocks[n]; b.first >= from && b.last < to {
				t.merge(&b.totals)
				i += blockSize
				continue
			}
		}
		if p := k.pieces[i]; d.counts(p, from, to) {
			t.add(p, from, to, d)
		}
		i++
	}
	return t
}

// merge adds what other facts come to.
func (t *totals) merge(o *totals) {
	t.number += o.number
	t.time += o.time
	t.adjusted += o.adjusted
	t.adjustedIn += o.adjustedIn
	t.longest = max(t.longest, o.longest)
	if t.shortest < 0 || o.shortest >= 0 && o.shortest < t.shortest {
		t.shortest = o.shortest
	}
	for i := range t.inRange {
		t.inRange[i] += o.inRange[i]
		t.timeInRange[i] += o.timeInRange[i]
	}
}

// add takes a fact that is over. begun is when the interval has begun.
func (s *side) add(p piece, begun, now int64, of *plan) {
	d := &of.Definition
	switch d.Profile.Kind {
	case Sliding:
		s.kept.slide(now - d.Profile.Window)
		if len(s.kept.pieces) == maxKept {
			s.kept.forgot = s.kept.pieces[0].end
			s.kept.drop()
		}
		s.kept.add(p, d)
	case Selection:
		if len(s.kept.pieces) == d.Profile.Last {
			s.kept.drop()
		}
		s.kept.add(p, d)
	default:
		if d.counts(p, begun, math.MaxInt64) {
			s.past.add(p, begun, p.end, d)
		}
	}
}

// slide leaves out what no window can see any more.
func (k *kept) slide(until int64) {
	for len(k.pieces) > 0 && k.pieces[0].end < until {
		k.drop()
	}
}

// totals are those of the interval from one moment up to another.
func (s *side) totals(from, to int64, d *Definition) totals {
	t := newTotals()
	switch d.Profile.Kind {
	case Sliding:
		return s.kept.window(from, to, d)
	case Selection:
		for _, p := range s.kept.pieces {
			t.add(p, p.start, p.end, d)
		}
	default:
		return s.past.copy()
	}
	return t
}

// counts tells whether a fact that is over belongs to an interval: an action or instant by its end, a status where it
// touches it.
func (d *Definition) counts(p piece, from, to int64) bool {
	if d.Subject != DNAction && !p.instant {
		return p.start < to && (p.end > from || p.end == p.start && p.start >= from)
	}
	return from <= p.end && p.end < to
}
