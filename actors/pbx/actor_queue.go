package pbx

import (
	"time"

	"google.golang.org/protobuf/proto"

	"tandem/actors/cluster"
	"tandem/actors/msg"
	"tandem/actors/pbx/task"
)

// What a Task says to queues and agents, and what queues say to it. They are names: whoever owns them now is told, and
// what must be known to a next owner is announced.

// fromQueue takes what a queue's owner says.
func (a *taskActor) fromQueue(m any, now time.Time) bool {
	switch m := m.(type) {
	case *msg.QueuePlaced, *msg.QueueRefused, *msg.QueueLeft, *msg.QueueOffer, *msg.QueueNoted, *msg.QueueWithdrawn, *msg.QueuePlay:
		a.machine.Queue(m.(proto.Message), a.owner(a.machine.InQueue()), now)
		return true
	}
	return false
}

// owner is the least epoch under which the owner of a queue can speak that is known to the member: each of its actors has
// a higher one than those before, and the lease is the upper half of it (cluster.Incarnation).
func (a *taskActor) owner(queue string) uint64 {
	if queue == "" {
		return 0
	}
	lease, _ := a.floor.Member.Epoch("queue", queue)
	return lease << 32
}

// toQueue does what the machine wants of queues and agents.
func (a *taskActor) toQueue(e task.Effect) {
	switch e := e.(type) {
	case task.InLine:
		a.inLine(e)
	case task.OutOfLine:
		a.floor.Member.Withdraw(a.lineOf(e.Queue), e.Last)
	case task.ToQueue:
		if err := a.floor.Member.Tell("queue", e.Queue, e.Message); err != nil {
			a.log.Debug("a queue is not told", "queue", e.Queue, "err", err)
		}
	case task.Engage:
		a.engage(e)
	}
}

func (a *taskActor) lineOf(queue string) cluster.Announcement {
	return cluster.Announcement{Kind: "queue", Name: queue, Key: "caller", Owner: a.self}
}

// inLine announces what the Task's caller is to a queue.
func (a *taskActor) inLine(e task.InLine) {
	switch m := e.Message.(type) {
	case *msg.QueueJoin:
		m.Task = a.self
	case *msg.QueueRejoin:
		if m.Join.Task == nil { // that of a callback, before anybody else has it
			m.Join.Task = a.self
		}
	}
	line := a.lineOf(e.Queue)
	line.Quiet = e.Quietly
	a.announce(line, e.Message)
}

// engage announces to an agent how far it is with him.
func (a *taskActor) engage(e task.Engage) {
	to := cluster.Announcement{Kind: "agent", Name: e.Agent, Key: "offer " + e.Offer, Owner: a.self}
	if e.Progress == nil {
		a.floor.Member.Withdraw(to, nil)
		return
	}
	e.Progress.Task = a.self
	a.announce(to, e.Progress)
}
