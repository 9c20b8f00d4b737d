package media

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// ticker is what a shard calls once per frame. at is the time the frame belongs to, which is
// earlier than now when the loop is late: timestamps are made of it and so never drift.
type ticker interface{ tick(at time.Time) }

// shard is one pacing loop and one goroutine that delivers events. Tickers are spread over the
// slots of a frame, so that a thousand streams do not send in the same millisecond. The loop sleeps
// from one occupied slot to the next, and for good while there is none.
type shard struct {
	start   time.Time
	slots   [slots]atomic.Pointer[[]ticker] // replaced, never changed: the loop reads without a lock
	late    atomic.Uint64                   // ticks that were late by a frame or more, or left out
	relayed atomic.Uint64
	lost    atomic.Uint64 // events dropped, their queue being full
	events  chan notice
	wake    chan struct{}
	stop    chan struct{}
	ended   sync.WaitGroup

	mu sync.Mutex // of those who change slots
}

// notice is an event on its way to the owner of a stream or voice.
type notice struct {
	of    told
	event Event
}

// told is a stream or voice whose owner is told of events.
type told interface{ deliver(Event) }

func newShard() *shard {
	s := &shard{
		start:  time.Now(),
		events: make(chan notice, eventQueue),
		wake:   make(chan struct{}, 1),
		stop:   make(chan struct{}),
	}
	s.ended.Go(s.pace)
	s.ended.Go(s.deliver)
	return s
}

func (s *shard) close() {
	close(s.stop)
	s.ended.Wait()
}

// add puts the ticker into the emptiest slot and returns it for remove.
func (s *shard) add(t ticker) (slot int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.slots {
		if len(s.in(i)) < len(s.in(slot)) {
			slot = i
		}
	}
	list := append(slices.Clone(s.in(slot)), t)
	s.slots[slot].Store(&list)
	select {
	case s.wake <- struct{}{}:
	default:
	}
	return slot
}

// remove takes the ticker out. A tick that is under way may still end after it.
func (s *shard) remove(t ticker, slot int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := slices.Clone(s.in(slot))
	if i := slices.Index(list, t); i >= 0 {
		list = slices.Delete(list, i, i+1)
	}
	s.slots[slot].Store(&list)
}

func (s *shard) in(slot int) []ticker {
	if list := s.slots[slot].Load(); list != nil {
		return *list
	}
	return nil
}

// pace runs the slots in time. Slots are counted from the start of the shard; slot n is due
// n*slotTime after it.
func (s *shard) pace() {
	timer := time.NewTimer(0)
	defer timer.Stop()
	next := int64(0)
	for {
		due := int64(time.Since(s.start) / slotTime)
		if behind := due - next; behind > int64(catchUp*slots) {
			s.late.Add(s.leftOut(behind - int64(catchUp*slots)))
			next = due - int64(catchUp*slots)
		}
		for ; next <= due; next++ {
			s.run(next)
		}
		wait, occupied := s.untilNext(next)
		if occupied {
			timer.Reset(wait)
		} else {
			timer.Stop()
		}
		select {
		case <-s.stop:
			return
		case <-timer.C:
		case <-s.wake:
		}
		if !occupied {
			next = int64(time.Since(s.start) / slotTime)
		}
	}
}

// leftOut estimates how many ticks are dropped with so many slots.
func (s *shard) leftOut(n int64) (ticks uint64) {
	for i := range s.slots {
		ticks += uint64(len(s.in(i)))
	}
	return ticks * uint64(n) / uint64(slots)
}

func (s *shard) run(n int64) {
	list := s.in(int(n % int64(slots)))
	if len(list) == 0 {
		return
	}
	at := s.start.Add(time.Duration(n) * slotTime)
	if time.Since(at) >= time.Duration(slots)*slotTime {
		s.late.Add(uint64(len(list)))
	}
	for _, t := range list {
		t.tick(at)
	}
}

// untilNext is how long to sleep until the next slot that has something to do.
func (s *shard) untilNext(next int64) (time.Duration, bool) {
	for n := next; n < next+int64(slots); n++ {
		if len(s.in(int(n%int64(slots)))) > 0 {
			return time.Until(s.start.Add(time.Duration(n) * slotTime)), true
		}
	}
	return 0, false
}

// notify hands an event over without ever waiting.
func (s *shard) notify(of told, e Event) {
	select {
	case s.events <- notice{of, e}:
	default:
		s.lost.Add(1)
	}
}

func (s *shard) deliver() {
	for {
		select {
		case <-s.stop:
			return
		case n := <-s.events:
			n.of.deliver(n.event)
		}
	}
}
