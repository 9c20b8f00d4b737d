package hatch

import (
	"context"
	"sync/atomic"
	"time"

	"tandem/actors/msg"
	"tandem/web"
	"tandem/ximss/ami"
)

// Limits of a Feed.
const (
	feedRoom = 10_000 // facts that wait to become events; the next one is lost
	askTime  = time.Second
	atOnce   = 500     // facts of which events are made together: it is asked once how all their agents stand
	maxLines = 100_000 // callers that are counted, in all queues
)

// Feed makes facts events for clients. Take is called with facts in their order; one goroutine makes events of them,
// which asks how an agent stands where a fact does not say it.
type Feed struct {
	hatch   *Hatch
	publish func(ami.Event)
	heard   func() bool // whether anybody hears events
	facts   chan fact
	lost    atomic.Uint64
	lines   map[string]map[string]bool // callers that wait, by queue
	counted int
	gap     uint64 // facts that were lost before what is counted
}

// fact is one of the two.
type fact struct {
	queue *msg.QueueFact
	agent *msg.AgentFact
	gap   uint64 // how many were lost before it
}

// NewFeed makes a Feed. Run serves it.
func NewFeed(l *Hatch, heard func() bool, publish func(ami.Event)) *Feed {
	return &Feed{hatch: l, publish: publish, heard: heard, facts: make(chan fact, feedRoom), lines: map[string]map[string]bool{}}
}

// Take takes a fact, of a queue or of an agent. It never waits.
func (f *Feed) Take(q *msg.QueueFact, a *msg.AgentFact) {
	select {
	case f.facts <- fact{q, a, f.lost.Load()}:
	default:
		f.lost.Add(1)
	}
}

// Lost is how many facts became no events, since there were too many.
func (f *Feed) Lost() uint64 { return f.lost.Load() }

// Run makes events until ctx ends.
func (f *Feed) Run(ctx context.Context) {
	for {
		select {
		case next := <-f.facts:
			f.tell(ctx, f.more(next))
		case <-ctx.Done():
			return
		}
	}
}

// more are a fact and those that have come behind it.
func (f *Feed) more(next fact) []fact {
	all := []fact{next}
	for len(all) < atOnce {
		select {
		case next = <-f.facts:
			all = append(all, next)
		default:
			return all
		}
	}
	return all
}

// tell makes events of facts, in their order. However many are about agents, all members are asked once how they stand;
// what was asked for is how they stand now, so of several changes of one agent's state the last one is told.
func (f *Feed) tell(ctx context.Context, facts []fact) {
	heard := f.heard()
	var stand map[string]web.Agent
	last := map[string]int{}
	if heard {
		stand, last = f.standing(ctx, facts)
	}
	for i, next := range facts {
		f.mind(next.gap)
		var events []ami.Event
		switch {
		case next.queue != nil:
			count := f.count(ctx, next.queue)
			if heard {
				events = f.queueEvents(next.queue, count)
			}
		case !heard || next.agent.What == msg.AgentFact_BECAME && last[next.agent.Agent] != i:
		default:
			events = f.agentEvents(next.agent, stand[next.agent.Agent])
		}
		for _, e := range events {
			f.publish(e)
		}
	}
}

// standing is how the agents stand whom facts are about, and the last fact of each that his state has changed. Of one who
// is not heard of his name alone is known.
func (f *Feed) standing(ctx context.Context, facts []fact) (stand map[string]web.Agent, last map[string]int) {
	stand, last = map[string]web.Agent{}, map[string]int{}
	var names []string
	for i, one := range facts {
		if a := one.agent; a != nil && tellable(a.What) {
			names = append(names, a.Agent)
			stand[a.Agent] = web.Agent{Name: a.Agent}
			if a.What == msg.AgentFact_BECAME {
				last[a.Agent] = i
			}
		}
	}
	if len(names) == 0 {
		return stand, last
	}
	ctx, cancel := context.WithTimeout(ctx, askTime)
	defer cancel()
	agents, err := f.hatch.Agents.Agents(ctx, web.AgentQuery{By: all, Names: names, Limit: atOnce})
	if err != nil {
		f.hatch.Options.Log.Debug("how agents stand is not known to the manager interface", "agents", len(names), "err", err)
	}
	for _, a := range agents {
		stand[a.Name] = a
	}
	return stand, last
}

// mind forgets who waits where facts were lost: each queue is asked again.
func (f *Feed) mind(gap uint64) {
	if gap != f.gap {
		f.gap, f.counted = gap, 0
		clear(f.lines)
	}
}

// count is how many callers wait in a queue after a fact.
func (f *Feed) count(ctx context.Context, q *msg.QueueFact) int {
	waiting, known := f.lines[q.Queue]
	if !known {
		waiting = f.look(ctx, q.Queue)
		f.lines[q.Queue] = waiting
		f.counted += len(waiting)
	}
	before := len(waiting)
	switch {
	case q.What == msg.QueueFact_ENTERED && f.counted < maxLines:
		waiting[q.Caller] = true
	case q.What == msg.QueueFact_JOINED || q.What.Exits():
		delete(waiting, q.Caller)
	}
	f.counted += len(waiting) - before
	return len(waiting)
}

// look asks a queue who waits in it, once.
func (f *Feed) look(ctx context.Context, queue string) map[string]bool {
	ctx, cancel := context.WithTimeout(ctx, askTime)
	defer cancel()
	waiting := map[string]bool{}
	callers, err := f.hatch.Options.Queues.Callers(ctx, web.CallerQuery{By: all, Queue: queue, Limit: most})
	if err != nil {
		f.hatch.Options.Log.Debug("who waits in a queue is not known to the manager interface", "queue", queue, "err", err)
	}
	for _, c := range callers {
		if c.Position > 0 {
			waiting[c.Caller] = true
		}
	}
	return waiting
}
