package media

import (
	"math"
	"sync"
	"sync/atomic"
	"time"

	"tandem/media/rtp"
)

// ticker is what a shard calls once per frame. at is the time the frame belongs to, which is
// earlier than now when the loop is late: timestamps are made of it and so never drift. One that has
// nothing to do before a later time says so, and is not called before, unless it is roused; the zero
// time is the next frame.
type ticker interface {
	tick(at time.Time) (until time.Time)
}

// shard is one pacing loop, one reader of ports and one goroutine that delivers events. Tickers are spread over the
// slots of a frame, so that a thousand streams do not send in the same millisecond. The loop sleeps
// from one occupied slot, or end of a rest, to the next, and for good while there is none.
type shard struct {
	network rtp.Network // of its streams' ports
	start   time.Time
	slots   [slots]atomic.Pointer[[]*turn] // replaced, never changed: the loop reads without a lock
	soonest atomic.Int64                   // when the next rest is over, in slots from the start
	late    atomic.Uint64                  // ticks that were late by a frame or more, or left out
	relayed atomic.Uint64
	lost    atomic.Uint64 // events dropped, their queue being full
	events  chan notice
	wake    chan struct{}
	stop    chan struct{}
	ended   sync.WaitGroup

	mu      sync.Mutex // of those who change slots; nothing else is locked while it is held
	taken   [slots]int // tickers of each slot, resting or not
	resting resters
}

// notice is an event on its way to the owner of a stream or voice.
type notice struct {
	of    told
	event Event
}

// told is a stream or voice whose owner is told of events.
type told interface{ deliver(Event) }

func newShard(network rtp.Network) *shard {
	s := &shard{
		network: network,
		start:   time.Now(),
		events:  make(chan notice, eventQueue),
		wake:    make(chan struct{}, 1),
		stop:    make(chan struct{}),
	}
	s.soonest.Store(math.MaxInt64)
	s.ended.Go(s.pace)
	s.ended.Go(s.deliver)
	return s
}

func (s *shard) close() error {
	close(s.stop)
	s.ended.Wait()
	return s.network.Close()
}

func (s *shard) in(slot int) []*turn {
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
		slot, occupied := s.nextSlot(next)
		if slot = max(min(slot, s.soonest.Load()), next); slot < math.MaxInt64 {
			timer.Reset(time.Until(s.at(slot)))
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

// at is when a slot is due.
func (s *shard) at(n int64) time.Time { return s.start.Add(time.Duration(n) * slotTime) }

func (s *shard) run(n int64) {
	if list := s.in(int(n % int64(slots))); len(list) > 0 {
		at := s.at(n)
		if time.Since(at) >= time.Duration(slots)*slotTime {
			s.late.Add(uint64(len(list)))
		}
		pass := s.network.Begin()
		for _, e := range list {
			if until := e.call(at); until.Sub(at) > frameTime {
				s.lay(e, at, until)
			}
		}
		pass.End()
	}
	for e := s.over(n); e != nil; e = s.over(n) {
		at := s.at(e.due)
		s.lay(e, at, e.call(at))
	}
}

func (e *turn) call(at time.Time) (until time.Time) {
	e.stirred.Store(false)
	return e.ticker.tick(at)
}

// nextSlot is the next slot that has something to do in every frame.
func (s *shard) nextSlot(next int64) (slot int64, occupied bool) {
	for n := next; n < next+int64(slots); n++ {
		if len(s.in(int(n%int64(slots)))) > 0 {
			return n, true
		}
	}
	return math.MaxInt64, false
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
