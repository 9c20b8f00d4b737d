package hatch

import (
	"context"
	"slices"
	"strings"

	"tandem/actors/msg"
	"tandem/web"
	"tandem/ximss/ami"
)

// act has an agent do something on behalf of a client.
func (l *Hatch) act(ctx context.Context, who string, a web.AgentAct) (web.Agent, error) {
	a.By, a.Source = l.asker(who), "MANAGER"
	agent, err := l.Agents.ActOnAgent(ctx, a)
	return agent, told(err)
}

// agent is how an agent stands.
func (l *Hatch) agent(ctx context.Context, name string) (web.Agent, error) {
	found, err := l.Agents.Agents(ctx, web.AgentQuery{By: all, Name: name, Limit: 1})
	switch {
	case err != nil:
		return web.Agent{}, told(err)
	case len(found) == 0:
		return web.Agent{}, ami.Refusal("Interface not found")
	}
	return found[0], nil
}

func works(a web.Agent, queue string) bool {
	return !a.LoggedOn.IsZero() && slices.ContainsFunc(a.Queues, func(q web.AgentQueue) bool { return q.Queue == queue })
}

// Add has an agent work in a queue, paused or not from the beginning. One who is logged out is logged on at his own phone.
func (l *Hatch) Add(ctx context.Context, who, queue, agent string, penalty int, paused bool) error {
	if _, ok := l.Books.Queue(queue); !ok {
		return ami.Refusal("Unable to add interface to queue: No such queue")
	}
	name, err := l.agentNamed(ctx, agent)
	if err != nil {
		return err
	}
	a, err := l.agent(ctx, name)
	if err != nil {
		return err
	}
	if works(a, queue) {
		return ami.Refusal("Unable to add interface: Already there")
	}
	add := web.AgentAct{Name: name, Verb: "queues", Queue: queue, Add: true, Penalty: &penalty, Paused: paused}
	if a.LoggedOn.IsZero() {
		add.Verb, add.Add = "login", false
	}
	_, err = l.act(ctx, who, add)
	return err
}

// Remove has an agent work in a queue no more; one who has no queue left is logged off.
func (l *Hatch) Remove(ctx context.Context, who, queue, agent string) error {
	name, err := l.agentNamed(ctx, agent)
	if err != nil {
		return err
	}
	a, err := l.agent(ctx, name)
	if err != nil {
		return err
	}
	if !works(a, queue) {
		return ami.Refusal("Unable to remove interface: Not there")
	}
	if _, err := l.act(ctx, who, web.AgentAct{Name: name, Verb: "queues", Queue: queue, Remove: true}); err != nil {
		return err
	}
	if len(a.Queues) == 1 {
		_, err = l.act(ctx, who, web.AgentAct{Name: name, Verb: "logout"})
	}
	return err
}

// Pause pauses an agent, or lets him go on.
func (l *Hatch) Pause(ctx context.Context, who, queue, agent string, paused bool, reason string) error {
	name, err := l.agentNamed(ctx, agent)
	if err != nil {
		return err
	}
	verb := "resume"
	if paused {
		verb = "pause"
	}
	_, err = l.act(ctx, who, web.AgentAct{Name: name, Verb: verb, Queue: queue, Reason: reason})
	return err
}

// SetPenalty says how late an agent is rung.
func (l *Hatch) SetPenalty(ctx context.Context, who, queue, agent string, penalty int) error {
	return l.each(ctx, who, queue, agent, web.AgentAct{Penalty: &penalty})
}

// SetRingInUse says whether an agent is rung who has other calls.
func (l *Hatch) SetRingInUse(ctx context.Context, who, queue, agent string, ring bool) error {
	return l.each(ctx, who, queue, agent, web.AgentAct{RingInUse: &ring})
}

// each changes what an agent is to one of his queues, or to all.
func (l *Hatch) each(ctx context.Context, who, queue, agent string, change web.AgentAct) error {
	name, err := l.agentNamed(ctx, agent)
	if err != nil {
		return err
	}
	queues := []string{queue}
	if queue == "" {
		a, err := l.agent(ctx, name)
		if err != nil {
			return err
		}
		queues = nil
		for _, q := range a.Queues {
			queues = append(queues, q.Queue)
		}
	}
	if len(queues) == 0 {
		return ami.Refusal("Interface not found in any queue")
	}
	for _, q := range queues {
		change.Name, change.Verb, change.Queue = name, "queues", q
		if _, err := l.act(ctx, who, change); err != nil {
			return err
		}
	}
	return nil
}

// Limits of a line that a client writes.
const (
	maxVerb  = 32
	maxField = 250
	maxText  = 4000
)

// Log writes a line into the queue_log. Bars in the text part fields, as they do where programs write such lines
// themselves.
func (l *Hatch) Log(ctx context.Context, line ami.LogLine) error {
	if len(line.Verb) > maxVerb || strings.ContainsAny(line.Verb, "| ") {
		return ami.Refusal("An event is one word of 32 letters at most")
	}
	if len(line.Call) > maxField || len(line.Queue) > maxField || len(line.Agent) > maxField || len(line.Text) > maxText {
		return ami.Refusal("The line is too long")
	}
	f := &msg.FactLine{Call: line.Call, Queue: line.Queue, Agent: line.Agent, Verb: line.Verb}
	if line.Text != "" {
		f.Args = strings.Split(line.Text, "|")
	}
	written := make(chan error, 1)
	if err := l.Write(f, func(_ uint64, err error) { written <- err }); err != nil {
		return err
	}
	select {
	case err := <-written:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}
