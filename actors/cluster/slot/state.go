package slot

import (
	"fmt"
	"time"
)

// state is what one slot is to this member.
type state int

const (
	idle     state = iota // not ours to act for
	owned                 // its names live here
	draining              // its names stop here
	giving                // its record is being written in another one's name
)

var stateNames = [...]string{"Idle", "Owned", "Draining", "Giving"}

func (s state) String() string { return stateNames[s] }

// legal lists where each state may lead.
var legal = [...][]state{
	idle:     {owned, giving},
	owned:    {draining},
	draining: {idle},
	giving:   {idle},
}

// record is what the store says of a slot.
type record struct {
	Holder          // zero: nobody
	revision uint64 // 0: never written
}

// slot is one slot as this member sees it.
type slot struct {
	id Slot
	record
	state state
	epoch uint64 // of our last ownership
	void  uint64 // records up to this revision make us owner no more
	to    Holder // to whom it goes when it is drained

	vacant time.Time // since when nobody holds it, zero: somebody does
	flight time.Time // when the write in flight began, zero: none is
	until  time.Time // Draining ends at the latest
	retry  time.Time // no write before
	pause  time.Duration
}

// become changes the state, and is the only one who does.
func (s *slot) become(to state) {
	for _, ok := range legal[s.state] {
		if ok == to {
			s.state = to
			return
		}
	}
	panic(fmt.Sprintf("slot: %v can not become %v from %v", s.id, to, s.state))
}

// failed notes that a write did not succeed; the next one waits, each time longer.
func (s *slot) failed(now time.Time, t times) {
	s.pause = min(max(2*s.pause, t.retry), t.lost)
	s.retry = now.Add(s.pause)
}
