package measure

import (
	"slices"

	"tandem/actors/stat/filter"
)

// Fact is the beginning of a durable action or status, or an instant. A meter keeps it, and whoever gave it does not
// change it afterwards: the meters of many statistics have it in common.
type Fact struct {
	ID     uint64 // of a durable one: by which its end is told; later ones have higher ids
	Name   Name
	Conn   string // connection id
	At     int64
	Length int64 // of a retrospective one, milliseconds
	With   filter.Attributes
}

// piece is a fact that is over, or a part of one: a stretch of time for which the filter held, or an instant.
type piece struct {
	start, end int64
	whole      int64 // length without any cut, in the clock of the statistic
	instant    bool
	conn       string
	value      float64 // of a custom formula
}

// span is a fact that goes on, as one statistic sees it.
type span struct {
	fact   *Fact
	with   filter.Attributes // what is attached to it now
	from   int64             // since when it has belonged to the object
	since  int64             // since when the filter has held
	holds  bool
	pieces []piece // for which the filter held before; a change replaces the slice, as copies of the meter have it too
}

// maxPieces is how often a filter may change its mind within one fact; what comes later belongs to the last piece.
const maxPieces = 1000

// change takes what is attached to a fact anew.
func (s *span) change(p *plan, side int, with filter.Attributes, at int64) {
	held := s.holds
	s.holds = p.filters[side].Holds(with)
	switch {
	case held && !s.holds:
		s.cut(p, at)
	case s.holds && !held:
		s.since = at
	}
	s.with = with
}

// cut ends the piece that goes on.
func (s *span) cut(p *plan, at int64) {
	s.pieces = slices.Clone(s.pieces)
	if len(s.pieces) == maxPieces {
		s.pieces[maxPieces-1].end = at
		return
	}
	s.pieces = append(s.pieces, s.piece(p, at))
}

// piece is the one that goes on, up to a moment.
func (s *span) piece(p *plan, at int64) piece {
	return piece{start: s.since, end: at, whole: p.clock().length(s.since, at), conn: s.fact.Conn,
		value: p.Formula.value(s.with, seconds(p.clock().length(s.since, at)))}
}
