package slot

import (
	"container/heap"
	"fmt"
	"math/rand/v2"
	"time"
)

// sim is a cluster in one goroutine and in no time: members with tables, clocks of their own, a store that does one
// write after the other, and the ways in which everything between them goes wrong.
type sim struct {
	*rand.Rand
	now    time.Duration // true time, which nobody in it knows
	events eventHeap
	serial int

	outage  time.Duration // the store takes no writes until then
	log     []revised
	newest  map[string]revised
	members []*simMember // by name; each its present life
	boots   uint32
	history []interval // closed ones
	limit   times      // of all tables
}

// revised is one revision of one key.
type revised struct {
	key      string
	holder   Holder // sessions too
	address  string // of a session
	revision uint64
	at       time.Duration // when it was written; in a watch: when it is to be shown
}

type event struct {
	at     time.Duration
	serial int // first come, first served
	do     func()
}

type eventHeap []event

func (h eventHeap) Len() int { return len(h) }
func (h eventHeap) Less(i, j int) bool {
	return h[i].at < h[j].at || h[i].at == h[j].at && h[i].serial < h[j].serial
}
func (h eventHeap) Swap(i, j int) { h[i], h[j] = h[j], h[i] }
func (h *eventHeap) Push(x any)   { *h = append(*h, x.(event)) }
func (h *eventHeap) Pop() any {
	last := (*h)[len(*h)-1]
	*h = (*h)[:len(*h)-1]
	return last
}

func newSim(seed uint64, members int) *sim {
	s := &sim{Rand: rand.New(rand.NewPCG(seed, 1)), newest: map[string]revised{}, limit: timesOf(leaseTime)}
	for i := range members {
		s.members = append(s.members, &simMember{sim: s, name: "tandem" + string(rune('1'+i)), address: address(i)})
	}
	for _, m := range s.members {
		s.after(s.upTo(2*time.Second), m.start)
	}
	return s
}

func address(member int) string { return fmt.Sprintf("127.0.0.%d:7010", member+1) }

// after calls something later in true time.
func (s *sim) after(d time.Duration, do func()) {
	s.serial++
	heap.Push(&s.events, event{s.now + max(d, 0), s.serial, do})
}

// run lets true time pass.
func (s *sim) run(d time.Duration) {
	end := s.now + d
	for len(s.events) > 0 && s.events[0].at <= end {
		e := heap.Pop(&s.events).(event)
		s.now = e.at
		e.do()
	}
	s.now = end
}

// runUntil lets time pass until something holds, at most for d, and says how long that took.
func (s *sim) runUntil(d time.Duration, holds func() bool) (time.Duration, bool) {
	start := s.now
	for s.now < start+d {
		if holds() {
			return s.now - start, true
		}
		s.run(10 * time.Millisecond)
	}
	return d, holds()
}

func (s *sim) upTo(d time.Duration) time.Duration { return time.Duration(s.Int64N(int64(d) + 1)) }

func (s *sim) chance(p float64) bool { return s.Float64() < p }

// write is one write on its way: a request that may be lost, late or refused, the deed, and an answer that may be
// lost or late. answer is called once, at the latest when the writer's patience ends.
func (s *sim) write(m *simMember, key string, h Holder, expect uint64, answer func(ok bool, revision uint64)) {
	answered := false
	reply := func(ok bool, revision uint64) {
		if !answered {
			answered = true
			answer(ok, revision)
		}
	}
	m.localAfter(WriteLimit(leaseTime), func() { reply(false, 0) })
	var late time.Duration
	switch {
	case s.now >= max(m.cut, m.mute) || s.now >= m.cut && s.chance(0.5):
	case s.chance(0.3):
		late = s.upTo(30 * time.Second) // it lies somewhere, and comes when nobody waits for it any more
	default:
		return
	}
	s.after(late+m.delay(), func() { s.arrive(m, key, h, expect, reply) })
}

// arrive is a write at the store.
func (s *sim) arrive(m *simMember, key string, h Holder, expect uint64, reply func(bool, uint64)) {
	if s.now < s.outage {
		switch s.IntN(3) {
		case 0:
			s.after(m.delay(), func() { reply(false, 0) })
		case 1: // held until the store is back
			s.after(s.outage-s.now+s.upTo(time.Second), func() { s.arrive(m, key, h, expect, reply) })
		}
		return
	}
	if s.newest[key].revision != expect {
		s.after(m.delay(), func() { reply(false, 0) })
		return
	}
	w := revised{key, h, m.address, uint64(len(s.log) + 1), s.now}
	s.log, s.newest[key] = append(s.log, w), w
	for _, o := range s.members {
		o.notice(w)
	}
	if s.now >= max(m.cut, m.mute) {
		s.after(m.delay(), func() { reply(true, w.revision) })
	}
}
