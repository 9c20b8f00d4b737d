package queue

import (
	"time"

	"tandem/actors/msg"
)

// Withdraw takes a caller out by a supervisor's will; text says why. One that talks already stays.
func (q *Queue) Withdraw(id CallerID, text string, now time.Time) []Effect {
	q.begin()
	c := q.callers[id]
	if c == nil || !c.state.inLine() {
		return nil
	}
	q.leave(c, Withdrawn, Fact{Kind: TakenOut, Text: msg.Cut(text, maxWithdrawText)}, now)
	return q.end(now)
}

// SendTo has a caller go to another queue, by a supervisor's will, with the time that it has waited. Nobody is on the line
// of one who is called back: it stays.
func (q *Queue) SendTo(id CallerID, queue string, now time.Time) []Effect {
	q.begin()
	c := q.callers[id]
	if c == nil || !c.state.inLine() || c.callback != nil || queue == "" || queue == q.name {
		return nil
	}
	q.leaveFor(c, Withdrawn, Fact{Kind: TakenOut, Text: msg.Cut("to "+queue, maxWithdrawText)}, queue, now)
	return q.end(now)
}

// maxWithdrawText is how much of the reason is written (reference queuelog.md 1.2).
const maxWithdrawText = 40

// Promote gives a caller another priority: it stands where its time puts it among those.
func (q *Queue) Promote(id CallerID, priority int, now time.Time) []Effect {
	q.begin()
	if c := q.callers[id]; c != nil && c.state.inLine() && priority != c.place.Priority {
		q.moveTo(c, Place{priority, c.place.Rank}, now)
	}
	return q.end(now)
}

// Move puts a caller at a position from 1, whatever the priority there, which it takes on.
func (q *Queue) Move(id CallerID, position int, now time.Time) []Effect {
	q.begin()
	c := q.callers[id]
	if c == nil || !c.state.inLine() || position < 1 || q.positionOf(c) == position || q.line.Len() == 1 {
		return nil
	}
	q.line.delete(c)
	at := min(position-1, q.line.Len())
	next, before := c.place, c.place
	n, isNext := q.line.at(at)
	b, isBefore := q.line.at(at - 1)
	if isNext {
		next = n.place
	}
	if isBefore {
		before = b.place
	}
	q.line.insert(c)
	switch {
	case !isNext:
		next = Place{before.Priority, Rank{before.Rank.At + 1, before.Rank.Sub}}
	case !isBefore || before.Priority > next.Priority:
		next.Rank = Rank{next.Rank.At - 1, next.Rank.Sub}
	default:
		next.Rank = between(before.Rank, next.Rank)
	}
	q.moveTo(c, next, now)
	return q.end(now)
}

// moveTo changes a caller's place and tells it.
func (q *Queue) moveTo(c *caller, p Place, now time.Time) {
	q.line.delete(c)
	if c.state == waiting {
		c.class.waiting.delete(c)
	}
	c.place = p
	c.join.Priority = p.Priority
	q.line.insert(c)
	if c.state == waiting {
		c.class.waiting.insert(c)
	}
	q.report(Fact{Kind: Moved, Position: q.positionOf(c)}, c, now)
	q.emit(q.placed(c))
	if c.absent() {
		q.keep(c)
	}
}
