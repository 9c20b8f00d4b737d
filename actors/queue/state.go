package queue

import (
	"context"
	"log/slog"
)

// state is where a caller stands.
type state int

const (
	// arriving: it has come while the queue was still learning who is there.
	arriving state = iota
	// waiting: it is in line, and the next fitting agent is his.
	waiting
	// resting: it is in line, and is not tried for a while.
	resting
	// asking: agents are asked whether they may be rung for it.
	asking
	// dialling: an agent is held, and the caller is called back.
	dialling
	// ringing: agents are rung for it.
	ringing
	// announcing: an agent has answered and hears what it is about; the caller still waits.
	announcing
	// talking: it talks with an agent, and is in line no more.
	talking
	// gone: it has left.
	gone
)

var stateNames = [...]string{"arriving", "waiting", "resting", "asking", "dialling", "ringing", "announcing", "talking",
	"gone"}

func (s state) String() string { return stateNames[s] }

// legal are the transitions; those from arriving say as well how a caller comes from another owner.
var legal = [...][]state{
	arriving:   {waiting, resting, dialling, ringing, announcing, talking, gone},
	waiting:    {asking, resting, gone},
	resting:    {waiting, gone},
	asking:     {waiting, ringing, dialling, gone},
	dialling:   {ringing, waiting, resting, gone},
	ringing:    {waiting, resting, asking, announcing, talking, gone},
	announcing: {waiting, resting, talking, gone},
	talking:    {gone},
	gone:       {},
}

// inLine tells that a caller has a position.
func (s state) inLine() bool { return s >= waiting && s <= announcing }

// become is the only place where a caller's state changes: it checks, assigns, logs, and keeps the line and the
// callers that can be served right. Only those that wait are in their class's line.
func (q *Queue) become(c *caller, to state, because string) {
	if c.state == to {
		return
	}
	if !among(legal[c.state], to) {
		q.log.Error("queue: illegal transition", "caller", c.id, "from", c.state.String(), "to", to.String(),
			"because", because)
		q.faults++
		return
	}
	if q.log.Enabled(context.Background(), slog.LevelDebug) {
		q.log.Debug("caller", "caller", c.id, "from", c.state.String(), "to", to.String(), "because", because)
	}
	from := c.state
	c.state = to
	q.trying += tried(to) - tried(from)
	if from == waiting {
		c.class.waiting.delete(c)
	}
	if from.inLine() && !to.inLine() {
		q.line.delete(c)
		q.leaveClass(c)
	}
	if !from.inLine() && to.inLine() {
		q.line.insert(c)
	}
	if to == waiting {
		c.class.waiting.insert(c)
	}
}

// tried is 1 in states in which somebody is asked or rung for the caller.
func tried(s state) int {
	if s >= asking && s <= announcing {
		return 1
	}
	return 0
}

func among(states []state, s state) bool {
	for _, x := range states {
		if x == s {
			return true
		}
	}
	return false
}
