package queue

import (
	"container/heap"
	"time"
)

// purpose says what an alarm is about.
type purpose int

const (
	alarmStay     purpose = iota // a caller has stayed as long as it may
	alarmChange                  // a caller's needs change
	alarmRest                    // a caller between two cycles tries again
	alarmPosition                // a caller may be told its position
	alarmPeriodic                // a caller hears the next periodic announcement
	alarmCallback                // a caller is offered to be called back
	alarmOverflow                // a caller goes to another queue
	alarmOffer                   // an offer has not been answered
	alarmAgent                   // an agent is left alone no more
	alarmLost                    // an agent has no owner any more
	alarmAwaited                 // agents are awaited no more
)

// alarm is one time at which something is due. It belongs to its owner, who sets and clears it; one that was cleared
// or set anew never comes, so that no late one has to be recognised.
type alarm struct {
	at    time.Time
	what  purpose
	who   any // *caller, *offer or *agent; nil: the queue
	index int // in the heap, from 1; 0 where it is not set
}

// alarms are all that are set, the next one first.
type alarms []*alarm

// Methods of heap.Interface.
func (h alarms) Len() int           { return len(h) }
func (h alarms) Less(i, j int) bool { return h[i].at.Before(h[j].at) }
func (h alarms) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].index, h[j].index = i+1, j+1
}
func (h *alarms) Push(x any) {
	a := x.(*alarm)
	*h = append(*h, a)
	a.index = len(*h)
}
func (h *alarms) Pop() any {
	last := len(*h) - 1
	a := (*h)[last]
	(*h)[last] = nil
	*h = (*h)[:last]
	a.index = 0
	return a
}

func (h *alarms) set(a *alarm, at time.Time) {
	a.at = at
	if a.index > 0 {
		heap.Fix(h, a.index-1)
		return
	}
	heap.Push(h, a)
}

func (h *alarms) clear(a *alarm) {
	if a.index > 0 {
		heap.Remove(h, a.index-1)
	}
}

// Next is when Elapsed is to be called; zero: nothing is due. While the queue gathers nothing is: what it does not know
// yet, an answer or an agent, may be on its way.
func (q *Queue) Next() time.Time {
	if q.gathering || len(q.alarms) == 0 {
		return time.Time{}
	}
	return q.alarms[0].at
}

// Elapsed does all that is due now. Called too early it does nothing.
func (q *Queue) Elapsed(now time.Time) []Effect {
	q.begin()
	for !q.gathering && len(q.alarms) > 0 && !q.alarms[0].at.After(now) {
		q.due(heap.Pop(&q.alarms).(*alarm), now)
	}
	return q.end(now)
}

func (q *Queue) due(a *alarm, now time.Time) {
	switch a.what {
	case alarmStay:
		q.stayed(a.who.(*caller), now)
	case alarmChange:
		q.changed(a.who.(*caller), now)
	case alarmRest:
		q.rested(a.who.(*caller), now)
	case alarmPosition:
		q.tellPosition(a.who.(*caller), now)
	case alarmPeriodic:
		q.tellPeriodic(a.who.(*caller), now)
	case alarmCallback:
		q.offerCallback(a.who.(*caller), now)
	case alarmOverflow:
		q.overflows(a.who.(*caller), now)
	case alarmOffer:
		q.lapsed(a.who.(*offer), now)
	case alarmAgent:
		q.back(a.who.(*agent), now)
	case alarmLost:
		q.lose(a.who.(*agent), now)
	case alarmAwaited:
		q.awaitedLong(now)
	}
}
