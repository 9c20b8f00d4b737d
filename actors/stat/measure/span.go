package measure

import "tandem/actors/stat/filter"

// Fact is the beginning of a durable action or status, or an instant.
type Fact struct {
	ID     uint64 // of a durable one: by which its end is told
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

// span is a fact that goes on.
type span struct {
	Fact
	holds  bool  // the filter does
	since  int64 // from when on
	pieces []piece
}

// maxPieces is how often a filter may change its mind within one fact; what comes later belongs to the last piece.
const maxPieces = 1000

// change takes what is attached to a fact anew.
func (s *span) change(f filter.Filter, with filter.Attributes, at int64) {
	s.With = with
	held := s.holds
	s.holds = f.Holds(with)
	switch {
	case held && !s.holds:
		s.cut(at)
	case s.holds && !held:
		s.since = at
	}
}

// cut ends the piece that goes on.
func (s *span) cut(at int64) {
	if len(s.pieces) == maxPieces {
		s.pieces[maxPieces-1].end = at
		return
	}
	s.pieces = append(s.pieces, piece{start: s.since, end: at, conn: s.Conn})
}

// over ends the fact and gives its pieces.
func (s *span) over(at int64) []piece {
	if s.holds {
		s.cut(at)
	}
	return s.pieces
}
