package queue

import "math/bits"

// Place is where a caller stands among the others: by priority, and among equals by rank. It belongs to the caller,
// who brings it along to the queue's next owner; so order there is what it was here.
type Place struct {
	Priority int // higher goes first
	Rank     Rank
}

// Rank is a moment in time, in nanoseconds since 1970 and 2^-64 parts of them. Between any two there is room.
type Rank struct {
	At  int64
	Sub uint64
}

// Before tells whether a rank goes first.
func (r Rank) Before(o Rank) bool { return r.At < o.At || r.At == o.At && r.Sub < o.Sub }

// Before tells whether a place goes first.
func (p Place) Before(o Place) bool {
	return p.Priority > o.Priority || p.Priority == o.Priority && p.Rank.Before(o.Rank)
}

// step is how far a new rank stands before its follower: there is room for some 2^32 more at the same place, even
// where two callers came in the same nanosecond.
const step = 1 << 32

// between is a rank after low and before high, close to high. Where there is no room it is low, and the caller's
// name decides.
func between(low, high Rank) Rank {
	sub, borrow := bits.Sub64(high.Sub, low.Sub, 0)
	gap := uint64(high.At-low.At) - borrow
	back := uint64(step)
	if gap == 0 {
		back = min(back, sub/2)
	}
	if back == 0 {
		return low
	}
	return high.less(back)
}

const (
	maxAt  = 1<<63 - 1
	maxSub = 1<<64 - 1
)

// next is a rank after another one in the same nanosecond, with room between them; or in the next one.
func (r Rank) next() Rank {
	if r.Sub > maxSub-step<<8 {
		return Rank{r.At + 1, 0}
	}
	return Rank{r.At, r.Sub + step<<8}
}

func (r Rank) less(back uint64) Rank {
	sub, borrow := bits.Sub64(r.Sub, back, 0)
	return Rank{r.At - int64(borrow), sub}
}
