package hatch

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"tandem/actors/ledger"
	"tandem/signal"
	"tandem/web"
	"tandem/ximss/ami"
)

// Queues are all queues with those who belong to them, or the one of that name.
func (l *Hatch) Queues(ctx context.Context, name string) ([]ami.Queue, error) {
	queues, err := l.Options.Queues.Queues(ctx, web.QueueQuery{By: all, Name: name, Limit: most})
	if err != nil {
		return nil, told(err)
	}
	agents, err := l.Agents.Agents(ctx, web.AgentQuery{By: all, Queue: name, Limit: most})
	if err != nil {
		return nil, told(err)
	}
	members := l.members(agents)
	out := make([]ami.Queue, len(queues))
	for i, q := range queues {
		out[i] = queueOf(q)
		out[i].Members = members[q.Name]
		if q.Waiting == 0 {
			continue
		}
		callers, err := l.Options.Queues.Callers(ctx, web.CallerQuery{By: all, Queue: q.Name, Limit: most})
		if err != nil {
			return nil, told(err)
		}
		for _, c := range callers {
			if c.Position > 0 {
				out[i].Callers = append(out[i].Callers, callerOf(q, c))
			}
		}
	}
	return out, nil
}

func queueOf(q web.Queue) ami.Queue {
	return ami.Queue{Name: q.Name, Max: q.MaxLen, Strategy: q.Strategy, Waiting: q.Waiting, Hold: q.Hold.Duration(), Talk: q.Talk.Duration(),
		Answered: q.Answered, Completed: q.Completed, Abandoned: q.Abandoned, ServiceLevel: q.ServiceLevel.Duration(),
		AnsweredInTime: q.InTime, AbandonedInTime: q.LostInTime, Weight: q.Weight, Longest: q.Longest.Duration()}
}

func callerOf(q web.Queue, c web.Caller) ami.Caller {
	number := ""
	if len(q.Numbers) > 0 {
		number = q.Numbers[0]
	}
	return ami.Caller{ID: c.Caller, Number: c.Number, Name: c.Name, Queue: q.Name, Exten: number, Position: c.Position,
		Priority: c.Priority, Waited: c.Waited.Duration()}
}

// members are what agents are to their queues, by queue.
func (l *Hatch) members(agents []web.Agent) map[string][]ami.Member {
	byQueue := map[string][]ami.Member{}
	for _, a := range agents {
		for _, m := range l.membersOf(a) {
			byQueue[m.Queue] = append(byQueue[m.Queue], m)
		}
	}
	return byQueue
}

// membersOf is what one agent is to his queues: those that he works in, and where he does not work those of his
// definition.
func (l *Hatch) membersOf(a web.Agent) (members []ami.Member) {
	def, _ := l.Books.Agent(a.Name)
	queues := a.Queues
	if a.LoggedOn.IsZero() && def != nil && len(queues) == 0 {
		for _, m := range def.Memberships {
			queues = append(queues, web.AgentQueue{Queue: m.Queue, Penalty: m.Penalty, RingInUse: m.RingInUse})
		}
	}
	for _, q := range queues {
		members = append(members, l.member(a, q, def))
	}
	return members
}

func (l *Hatch) member(a web.Agent, q web.AgentQueue, def *ledger.Agent) ami.Member {
	m := ami.Member{Queue: q.Queue, Name: a.Name, Location: locationOf(a), Dynamic: q.Dynamic, Penalty: q.Penalty, CallsTaken: q.Calls,
		LastCall: q.LastCall, LoginTime: a.LoggedOn, Status: statusOf(a), InCall: a.State == "talking" && a.Queue == q.Queue,
		Paused: a.State == "paused" || q.Paused, RingInUse: q.RingInUse, WrapUp: l.wrapUp(q.Queue, def)}
	if m.Paused {
		m.Reason = cmp.Or(q.Reason, a.Reason)
		m.LastPause = a.Since
	}
	return m
}

// wrapUp is what an agent has to do after a call of a queue: his own time, or the queue's.
func (l *Hatch) wrapUp(queue string, def *ledger.Agent) time.Duration {
	if def != nil && def.WrapUpTime.Duration() > 0 {
		return def.WrapUpTime.Duration()
	}
	if q, ok := l.Books.Queue(queue); ok {
		return q.WrapUpTime.Duration()
	}
	return 0
}

// locationOf is where an agent is rung, as records name it.
func locationOf(a web.Agent) string {
	device := a.Account
	if len(a.Devices) > 0 {
		device = a.Devices[0]
	}
	return "SIP/" + cmp.Or(signal.AOR(device).User(), a.Name)
}

// statusOf is an agent's state as that of a device.
func statusOf(a web.Agent) ami.Status {
	switch {
	case a.LoggedOn.IsZero() || a.State == "logged out" || !a.Reachable:
		return ami.Unavailable
	case a.State == "talking" || a.Outside > 0:
		return ami.InUse
	case a.State == "ringing":
		return ami.Ringing
	}
	return ami.NotInUse
}

// agentNamed finds the agent that a client means: by his name, by the name of his account with or without a technology
// before it, or by the device at which he works.
func (l *Hatch) agentNamed(ctx context.Context, text string) (string, error) {
	if _, ok := l.Books.Agent(text); ok {
		return text, nil
	}
	word := text
	if _, after, ok := strings.Cut(word, "/"); ok {
		word = after
	}
	word, _, _ = strings.Cut(word, "@")
	agents, err := l.Agents.Agents(ctx, web.AgentQuery{By: all, Limit: most})
	if err != nil {
		return "", told(err)
	}
	for _, a := range agents { // who works there now comes before who usually does
		if slices.ContainsFunc(a.Devices, func(d string) bool { return signal.AOR(d).User() == word }) {
			return a.Name, nil
		}
	}
	if _, ok := l.Books.Agent(word); ok {
		return word, nil
	}
	for _, a := range agents {
		if signal.AOR(a.Account).User() == word {
			return a.Name, nil
		}
	}
	return "", ami.Refusal("Interface not found")
}
