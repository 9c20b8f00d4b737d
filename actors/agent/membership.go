package agent

import (
	"slices"
	"time"
)

// member is what he is to a queue; nil: nothing.
func (a *Agent) member(queue string) *Membership {
	return find(a.record.Queues, queue)
}

// Add makes him belong to a queue.
func (a *Agent) Add(m Membership, source string, now time.Time) []Effect {
	a.begin(now)
	a.add(m, source)
	return a.end()
}

func (a *Agent) add(m Membership, source string) {
	if m.Queue == "" || a.member(m.Queue) != nil || len(a.record.Queues) >= maxQueues {
		return
	}
	a.record.Queues = append(a.record.Queues, m)
	a.kept = true
	a.revision++
	if m.Dynamic {
		text := ""
		if m.Paused {
			text = "PAUSED"
		}
		a.report(Fact{Kind: AddedTo, Source: source, Queue: m.Queue, Text: text})
	}
}

// Remove makes him belong to a queue no more; to one of his definition again when he has logged off. A call of that queue
// goes on.
func (a *Agent) Remove(queue, source string, now time.Time) []Effect {
	a.begin(now)
	m := a.member(queue)
	if m == nil {
		return nil
	}
	a.report(Fact{Kind: RemovedFrom, Source: source, Queue: queue})
	a.record.Queues = slices.DeleteFunc(a.record.Queues, func(m Membership) bool { return m.Queue == queue })
	a.kept = true
	a.revision++
	a.leave(queue)
	return a.end()
}

// SetPenalty says how late a queue rings him.
func (a *Agent) SetPenalty(queue string, penalty int, source string, now time.Time) []Effect {
	a.begin(now)
	if m := a.member(queue); m != nil && penalty >= 0 && m.Penalty != penalty {
		m.Penalty, a.kept = penalty, true
		a.report(Fact{Kind: PenaltySet, Source: source, Queue: queue, Number: penalty})
	}
	return a.end()
}

// SetRingInUse says whether a queue rings him while he has other calls.
func (a *Agent) SetRingInUse(queue string, ring bool, source string, now time.Time) []Effect {
	a.begin(now)
	if m := a.member(queue); m != nil && m.RingInUse != ring {
		m.RingInUse, a.kept = ring, true
		number := 0
		if ring {
			number = 1
		}
		a.report(Fact{Kind: RingInUseSet, Source: source, Queue: queue, Number: number})
	}
	return a.end()
}
