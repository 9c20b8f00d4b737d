package desk

import (
	"context"
	"strings"
	"time"

	"google.golang.org/protobuf/proto"

	"tandem/actors/msg"
	"tandem/actors/store"
	"tandem/web"
)

// Kinds of facts in the journal, as queues and agents write them.
const (
	queueFact = "queue.fact"
	agentFact = "agent.fact"
)

// maxHistory is how many facts of one caller or one agent are told: the last ones.
const maxHistory = 200

// history is what has happened to a caller in a queue.
func (d Queues) history(ctx context.Context, q web.CallerQuery) ([]web.Event, error) {
	return tail(ctx, d.Journal, func(f store.Fact) (web.Event, bool) {
		if f.Kind != queueFact || f.Subject != q.Queue {
			return web.Event{}, false
		}
		m := &msg.QueueFact{}
		if proto.Unmarshal(f.Body, m) != nil || m.Caller != q.Caller {
			return web.Event{}, false
		}
		return queueEvent(m), true
	})
}

// history is what an agent has done, and what he was given.
func (d Agents) history(ctx context.Context, name string) ([]web.Event, error) {
	return tail(ctx, d.Journal, func(f store.Fact) (web.Event, bool) {
		switch {
		case f.Kind == agentFact && f.Subject == name:
			m := &msg.AgentFact{}
			if proto.Unmarshal(f.Body, m) == nil {
				return agentEvent(m), true
			}
		case f.Kind == queueFact:
			m := &msg.QueueFact{}
			if proto.Unmarshal(f.Body, m) == nil && m.Agent == name {
				return queueEvent(m), true
			}
		}
		return web.Event{}, false
	})
}

// tail are the last facts that are wanted, the oldest first.
func tail(ctx context.Context, j Journal, read func(store.Fact) (web.Event, bool)) ([]web.Event, error) {
	all := []web.Event{}
	err := j.Tail(ctx, maxHistory, func(f store.Fact) bool { _, ok := read(f); return ok }, func(f store.Fact) bool {
		e, _ := read(f)
		all = append(all, e)
		return true
	})
	if err != nil {
		return nil, web.Unavailable("the journal can not be read now: %v", err)
	}
	return all, nil
}

func queueEvent(m *msg.QueueFact) web.Event {
	e := web.Event{At: time.Unix(0, m.At).UTC(), What: wordsOf(m.What.String()), Queue: m.Queue, Agent: m.Agent, Caller: m.Caller,
		Because: m.Because}
	for _, r := range m.Reasons {
		e.Reasons = append(e.Reasons, web.Reason{Agent: r.Agent, Why: r.Why})
	}
	if e.Because == "" {
		e.Because = m.Text
	}
	return e
}

func agentEvent(m *msg.AgentFact) web.Event {
	e := web.Event{At: time.Unix(0, m.At).UTC(), What: wordsOf(m.What.String()), Queue: m.Queue, Agent: m.Agent, Caller: m.Caller,
		Because: m.Text}
	if m.What == msg.AgentFact_BECAME {
		e.What = "became " + m.State
	}
	return e
}

// wordsOf is the name of a kind of fact for people: RUNG_IN_VAIN is "rung in vain".
func wordsOf(name string) string { return strings.ToLower(strings.ReplaceAll(name, "_", " ")) }
