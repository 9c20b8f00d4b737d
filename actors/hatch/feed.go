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
}

// fact is one of the two.
type fact struct {
	queue *msg.QueueFact
	agent *msg.AgentFact
}

// NewFeed makes a Feed. Run serves it.
func NewFeed(l *Hatch, heard func() bool, publish func(ami.Event)) *Feed {
	return &Feed{hatch: l, publish: publish, heard: heard, facts: make(chan fact, feedRoom), lines: map[string]map[string]bool{}}
}

// Take takes a fact, of a queue or of an agent. It never waits.
func (f *Feed) Take(q *msg.QueueFact, a *msg.AgentFact) {
	select {
	case f.facts <- fact{q, a}:
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
			f.tell(ctx, next)
		case <-ctx.Done():
			return
		}
	}
}

func (f *Feed) tell(ctx context.Context, next fact) {
	switch {
	case next.queue != nil:
		count := f.count(ctx, next.queue)
		if f.heard() {
			for _, e := range f.queueEvents(next.queue, count) {
				f.publish(e)
			}
		}
	case f.heard():
		for _, e := range f.agentEvents(ctx, next.agent) {
			f.publish(e)
		}
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
