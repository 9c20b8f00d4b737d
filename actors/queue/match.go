package queue

import (
	"slices"
	"time"
)

// Whenever an event is over no caller waits while an agent whom it may have is available. So an event that brings
// one caller or one agent has to look only for its partner.

// seek looks for agents for a caller that waits.
func (q *Queue) seek(c *caller, now time.Time) {
	if q.gathering || c.state != waiting || !q.hasTurn(c) {
		return
	}
	if first, ok := c.class.ready.first(); !ok || first.level > q.reach(c.class) {
		return
	}
	q.chosen = q.strategy.choose(q, c, c.class.ready, q.chosen[:0])
	if c.absent() {
		q.chosen = q.chosen[:1] // it can be dialled once only
	}
	for _, a := range q.chosen {
		q.reserve(c, a, now)
	}
}

// serve looks for a caller for an agent who is in the pools: the first one in line whom he fits.
func (q *Queue) serve(a *agent, now time.Time) bool {
	var best *caller
	for _, c := range q.order {
		first, ok := c.waiting.first()
		if !ok || !q.hasTurn(first) || best != nil && !lessCaller(first, best) {
			continue
		}
		if _, fits := q.fit(c, a); fits && (!q.settings.Tiers.Apply || a.stands.Level <= q.reach(c)) {
			best = first
		}
	}
	if best == nil {
		return false
	}
	q.reserve(best, a, now)
	return true
}

// hasTurn tells whether a caller that waits may be served: anybody, or the first one alone.
func (q *Queue) hasTurn(c *caller) bool {
	if !q.settings.OneByOne {
		return true
	}
	first, _ := q.line.first()
	return first == c && q.trying == 0
}

// seekAll looks for agents for the first callers of all classes, after something has changed for all: always for the
// first of those in line, until none of them finds anybody.
func (q *Queue) seekAll(now time.Time) {
	open := slices.Clone(q.order)
	for len(open) > 0 {
		best := -1
		var next *caller
		for i, c := range open {
			if first, ok := c.waiting.first(); ok && (next == nil || lessCaller(first, next)) {
				best, next = i, first
			}
		}
		if next == nil {
			return
		}
		if q.seek(next, now); next.state == waiting {
			open = slices.Delete(open, best, best+1)
		}
	}
}

// reserve asks an agent whether he may be rung for a caller.
func (q *Queue) reserve(c *caller, a *agent, now time.Time) {
	q.offered++
	o := &offer{id: OfferID{q.epoch, q.offered}, name: a.stands.Agent, era: a.stands.Epoch,
		turn: a.stands.Turn, agent: a, caller: c, at: now}
	o.lapse = alarm{what: alarmOffer, who: o}
	q.offers[o.id] = o
	c.offers = append(c.offers, o)
	q.shut(a)
	a.offer = o
	q.become(c, asking, "an agent fits")
	q.alarms.set(&o.lapse, now.Add(askLapse))
	q.emit(Reserve{o.name, o.turn, o.id, q.settings.Weight, c.place.Priority, q.settings.Longest, c.since})
}
