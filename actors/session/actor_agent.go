package session

import (
	"time"

	"github.com/asynkron/protoactor-go/actor"
	"google.golang.org/protobuf/proto"

	"tandem/actors/cluster"
	"tandem/actors/msg"
)

// queueStands is how a queue stands, from the Board of the member.
type queueStands struct{ view QueueView }

// AgentViewOf is how an agent stands, as sessions have it.
func AgentViewOf(m *msg.AgentChanged) AgentView {
	v := AgentView{Agent: m.Agent, State: m.State, Since: msg.Moment(m.Since), Reachable: m.Reachable, Reason: m.Reason, Next: m.Next,
		Device: m.Device, LoggedOn: msg.Moment(m.LoggedOn), Outside: int(m.Outside), Queue: m.Queue, Caller: m.Caller,
		Number: m.Number, Name: m.Name, CallerSince: msg.Moment(m.CallerSince), WrapUpUntil: msg.Moment(m.WrapUpUntil)}
	for _, q := range m.Queues {
		v.Queues = append(v.Queues, AgentQueue{q.Queue, q.Paused, q.Reason, int(q.Penalty), int(q.Calls)})
	}
	if d := m.Day; d != nil {
		v.Day = AgentDay{msg.Moment(d.Begun), int(d.Calls), length(d.Worked), length(d.Talk), length(d.WrapUp), length(d.Paused)}
	}
	if v.State == "" {
		v.State = noAgent
	}
	return v
}

// QueueViewOf is how a queue stands, as sessions have it, when it was asked now.
func QueueViewOf(m *msg.QueueFound, now time.Time) QueueView {
	v := QueueView{Queue: m.Queue, Waiting: int(m.Waiting), Callbacks: int(m.Callbacks), Agents: int(m.Agents), Ready: int(m.Ready)}
	if m.Waiting > m.Callbacks {
		v.Longest = now.Add(-length(m.Longest))
	}
	for _, c := range m.Callers {
		v.Callers = append(v.Callers, QueueCaller{c.Caller, c.Number, c.Name, int(c.Position), int(c.Priority), c.State,
			now.Add(-length(c.Waited)), c.Callback, c.Agents})
	}
	for _, r := range m.Reasons {
		v.Reasons = append(v.Reasons, QueueReason{r.Agent, r.Why})
	}
	return v
}

// onAgent tells the client how an agent stands, as far as the account may know it now.
func (a *sessionActor) onAgent(m *msg.AgentChanged, now time.Time) {
	shown := m
	if f := a.floor.ShowAgent; f != nil {
		shown = f(a.machine.AOR, m)
	}
	if shown == nil {
		a.machine.AgentHidden(m.Agent, now)
		return
	}
	a.machine.AgentStands(AgentViewOf(shown), now)
}

// onQueue does the same of a queue.
func (a *sessionActor) onQueue(m *queueStands, now time.Time) {
	if f := a.floor.ShowsQueue; f != nil && !f(a.machine.AOR, m.view.Queue) {
		a.machine.QueueHidden(m.view.Queue, now)
		return
	}
	a.machine.QueueStands(m.view, now)
}

func length(ms int64) time.Duration { return time.Duration(ms) * time.Millisecond }

// agentEffect does what the session wants of agents and queues. What it tells an agent it tells each next owner of his
// name too, as long as it lives.
func (a *sessionActor) agentEffect(ctx actor.Context, e Effect) {
	self, board := ctx.Self(), a.floor.Board
	switch e := e.(type) {
	case WatchAgent:
		a.tellAgent(ctx, e.Agent, "watch", &msg.AgentWatch{Watcher: self})
	case UnwatchAgent:
		a.floor.Member.Withdraw(cluster.Announcement{Kind: "agent", Name: e.Agent, Key: "watch", Owner: self}, nil)
	case ShowDevice:
		m := &msg.AgentDevice{Device: string(a.machine.AOR), Phone: "SIP/" + e.Agent, From: self}
		if e.There {
			a.tellAgent(ctx, e.Agent, "device", m)
			return
		}
		m.Gone = true
		a.floor.Member.Withdraw(cluster.Announcement{Kind: "agent", Name: e.Agent, Key: "device", Owner: self}, m)
	case WatchQueue:
		if board != nil {
			member := a.floor.Member
			a.watched[e.Queue] = true
			board.Watch(e.Queue, a.machine.Handler, func(v QueueView) { member.Send(self, &queueStands{v}) })
		}
	case UnwatchQueue:
		if board != nil {
			delete(a.watched, e.Queue)
			board.Unwatch(e.Queue, a.machine.Handler)
		}
	}
}

func (a *sessionActor) tellAgent(ctx actor.Context, name, key string, m proto.Message) {
	err := a.floor.Member.Announce(cluster.Announcement{Kind: "agent", Name: name, Key: key, Owner: ctx.Self(), Message: m})
	if err != nil {
		a.log.Warn("an agent is not told", "agent", name, "what", key, "err", err)
	}
}
