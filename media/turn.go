package media

import (
	"container/heap"
	"math"
	"slices"
	"sync/atomic"
	"time"
)

// turn is a ticker's place in its shard. It keeps its slot for life, so that one that rests and one that does not are
// spread alike, and one that comes back does so in step.
//
//	add ──► in its slot, ticked once per frame ──► remove
//	              ▲    │ tick has nothing to do until later
//	   rouse, or  │    ▼
//	   the next   └─ resting, ticked when that has come ──► remove
//	   frame too
type turn struct {
	ticker  ticker
	slot    int
	stirred atomic.Bool // something that a tick looks at has changed since the last one began

	// Guarded by the shard's mu:
	listed bool  // it is in its slot
	place  int   // among those who rest; -1: it does not
	due    int64 // when its rest is over, in slots from the start of the shard
	gone   bool
}

// resters are the turns of those who rest, as a heap: whose rest is over first is at its head.
type resters []*turn

func (r resters) Len() int           { return len(r) }
func (r resters) Less(i, j int) bool { return r[i].due < r[j].due }
func (r resters) Swap(i, j int)      { r[i], r[j] = r[j], r[i]; r[i].place, r[j].place = i, j }

func (r *resters) Push(x any) {
	e := x.(*turn)
	e.place = len(*r)
	*r = append(*r, e)
}

func (r *resters) Pop() any {
	all := *r
	e := all[len(all)-1]
	all[len(all)-1] = nil
	*r, e.place = all[:len(all)-1], -1
	return e
}

// add gives the ticker a turn in the emptiest slot.
func (s *shard) add(t ticker) *turn {
	s.mu.Lock()
	defer s.mu.Unlock()
	e := &turn{ticker: t, place: -1}
	for i, n := range s.taken {
		if n < s.taken[e.slot] {
			e.slot = i
		}
	}
	s.taken[e.slot]++
	s.list(e)
	s.stir()
	return e
}

// remove takes the ticker out. A tick that is under way may still end after it.
func (s *shard) remove(e *turn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if e.gone {
		return
	}
	e.gone = true
	s.taken[e.slot]--
	s.unlist(e)
	s.unrest(e)
}

// rouse ends a rest: what the ticker found when it began to rest has changed. before is called first where it does rest;
// its state is nobody else's for as long. It must not take a lock that may be held when rouse is called.
func (s *shard) rouse(e *turn, before func()) {
	e.stirred.Store(true)
	s.mu.Lock()
	defer s.mu.Unlock()
	if e.place < 0 {
		return
	}
	s.unrest(e)
	before()
	s.list(e)
	s.stir()
}

// lay puts a ticker where the tick that it has just had wants it: to rest, or into its slot.
func (s *shard) lay(e *turn, at, until time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case e.gone:
	case until.Sub(at) <= frameTime || e.stirred.Load():
		s.list(e)
	default:
		s.unlist(e)
		e.due = s.first(e.slot, until)
		heap.Push(&s.resting, e)
		s.foresee()
	}
}

// first is the first turn of a slot that is not before a time.
func (s *shard) first(slot int, at time.Time) int64 {
	n := int64((at.Sub(s.start) + slotTime - 1) / slotTime)
	return n + (int64(slot)-n%int64(slots)+int64(slots))%int64(slots)
}

// over takes out one whose rest is over by then; nil: there is none.
func (s *shard) over(n int64) *turn {
	if s.soonest.Load() > n {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.resting) == 0 || s.resting[0].due > n {
		return nil
	}
	e := heap.Pop(&s.resting).(*turn)
	s.foresee()
	return e
}

// list, unlist, unrest and foresee are called with mu held.
func (s *shard) list(e *turn) {
	if e.listed {
		return
	}
	e.listed = true
	all := append(slices.Clone(s.in(e.slot)), e)
	s.slots[e.slot].Store(&all)
}

func (s *shard) unlist(e *turn) {
	if !e.listed {
		return
	}
	e.listed = false
	all := slices.DeleteFunc(slices.Clone(s.in(e.slot)), func(other *turn) bool { return other == e })
	s.slots[e.slot].Store(&all)
}

func (s *shard) unrest(e *turn) {
	if e.place >= 0 {
		heap.Remove(&s.resting, e.place)
		s.foresee()
	}
}

// foresee notes for the loop when the next rest is over.
func (s *shard) foresee() {
	soonest := int64(math.MaxInt64)
	if len(s.resting) > 0 {
		soonest = s.resting[0].due
	}
	s.soonest.Store(soonest)
}

// stir wakes the loop, which may be asleep for longer than is right now.
func (s *shard) stir() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}
