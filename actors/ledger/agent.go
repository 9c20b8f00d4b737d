package ledger

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"tandem/actors/store"
	"tandem/signal"
)

// Agent says who is an agent and what he is to his queues: JSON in the bucket of settings.
type Agent struct {
	Name         string         `json:"name"`    // a word, the same in the whole cluster; queue_log has it
	Display      string         `json:"display"` // name shown to people
	Account      string         `json:"account"` // AOR whose sessions and rights are his; "": that of his name in the main domain
	Skills       map[string]int `json:"skills"`  // by name: the level, from 1
	WrapUpTime   Span           `json:"wrapuptime"`
	CountOutside bool           `json:"count_outside"` // calls outside queues count for who is rung next
	Memberships  []Membership   `json:"memberships"`
}

// Membership is what an agent is to one of his queues.
type Membership struct {
	Queue     string `json:"queue"`
	Penalty   int    `json:"penalty"`
	Level     int    `json:"level"`       // tier, see QueueTiers
	Position  int    `json:"position"`    // in the order of the queue
	RingInUse bool   `json:"ring_in_use"` // he is rung while he has other calls
}

// DefaultAgent is an agent of whom nothing was said but his name. A wrap-up of 0s is what his queues say.
func DefaultAgent(name string) Agent { return Agent{Name: name, WrapUpTime: "0s"} }

// decodeAgent reads what is kept of an agent.
func (l *Ledger) decodeAgent(name string, value []byte) (*Agent, error) {
	a := DefaultAgent(name)
	if err := json.Unmarshal(value, &a); err != nil {
		return nil, err
	}
	a.Name = name
	if a.Account == "" {
		a.Account = string(signal.NewAOR(name, l.Conf().Routing.Domain))
	}
	return &a, nil
}

// Membership is what an agent is to a queue.
func (a *Agent) Membership(queue string) (Membership, bool) {
	i := slices.IndexFunc(a.Memberships, func(m Membership) bool { return m.Queue == queue })
	if i < 0 {
		return Membership{}, false
	}
	return a.Memberships[i], true
}

func (a *Agent) position(queue string) int {
	m, _ := a.Membership(queue)
	return m.Position
}

// Agent is who an agent is; nobody may change what is returned. False: there is no such agent.
func (l *Ledger) Agent(name string) (*Agent, bool) { a, _, ok := l.agents.get(name); return a, ok }

// AgentRevision is that with its revision.
func (l *Ledger) AgentRevision(name string) (*Agent, uint64, bool) { return l.agents.get(name) }

// AgentKept is what the store has of an agent: by whom he was changed last, and why.
func (l *Ledger) AgentKept(name string) (store.Entry, bool) { return l.agents.kept(name) }

// Agents are all agents, in the order of their names.
func (l *Ledger) Agents() []*Agent { return l.agents.all() }

// AgentOf is the agent to whom an account belongs.
func (l *Ledger) AgentOf(account signal.AOR) (*Agent, bool) {
	name, ok := l.agents.named(string(account))
	if !ok {
		name = account.User() // before Follow none is known by its account
	}
	a, ok := l.Agent(name)
	if !ok || a.Account != string(account) {
		return nil, false
	}
	return a, true
}

// WatchAgents calls f with the name of each agent whose definition is changed, made or removed afterwards, by whatever
// member; Agent shows the change already. f must hand on and return, and must not write.
func (l *Ledger) WatchAgents(f func(name string)) (stop func()) { return l.agents.watch(f) }

// PutAgent makes or replaces an agent and returns his revision. A *Refusal names everything that is wrong. w.Expect, if
// there, is the revision that he must have, 0: he must not exist.
func (l *Ledger) PutAgent(ctx context.Context, a Agent, w store.Write) (uint64, error) {
	if err := l.checkAgent(&a); err != nil {
		return 0, err
	}
	if _, exists := l.Agent(a.Name); !exists && l.agents.count() >= l.Conf().Queues.MaxAgents {
		return 0, refuse(Conflict, "no further agent: queues.max_agents is reached")
	}
	return l.agents.put(ctx, a.Name, a, w)
}

// FoundAgent makes an agent at the first start of an installation, when his account and his queues may have been made by
// another member a moment ago and are not seen here yet: nobody asks for them. One who is there stays.
func (l *Ledger) FoundAgent(ctx context.Context, a Agent, w store.Write) error {
	a.Account = cmp.Or(a.Account, string(signal.NewAOR(a.Name, l.Conf().Routing.Domain)))
	w.Expect = new(uint64)
	_, err := l.agents.put(ctx, a.Name, a, w)
	return unlessThere(err)
}

// ChangeAgent does to an agent what f says; f may be called again, on what somebody else has made of him.
func (l *Ledger) ChangeAgent(ctx context.Context, name string, w store.Write, f func(*Agent) error) error {
	return l.change(ctx, store.Settings, agentKind+name, w, func(old []byte) ([]byte, error) {
		if old == nil {
			return nil, refuse(Absent, "there is no agent %q", name)
		}
		a, err := l.decodeAgent(name, old)
		if err == nil {
			err = f(a)
		}
		if err == nil {
			err = l.checkAgent(a)
		}
		if err != nil {
			return nil, err
		}
		return json.Marshal(a)
	})
}

// RemoveAgent ends an agent.
func (l *Ledger) RemoveAgent(ctx context.Context, name string, w store.Write) error {
	if _, ok := l.Agent(name); !ok {
		return refuse(Absent, "there is no agent %q", name)
	}
	return l.agents.remove(ctx, name, w)
}

// checkAgent refuses an agent who can not be meant, with all that is wrong.
func (l *Ledger) checkAgent(a *Agent) error {
	f := &faults{what: "agent " + clip(a.Name)}
	if a.Memberships = some(a.Memberships); a.Skills == nil {
		a.Skills = map[string]int{}
	}
	f.word("name", a.Name)
	f.text("display", a.Display)
	if a.Account == "" {
		a.Account = string(signal.NewAOR(a.Name, l.Conf().Routing.Domain))
	}
	if r, ok := l.Directory.Account(signal.AOR(strings.ToLower(a.Account))); !ok {
		f.add("account: there is no account %s", clip(a.Account))
	} else {
		a.Account = string(r.AOR)
	}
	if other, ok := l.AgentOf(signal.AOR(a.Account)); ok && other.Name != a.Name {
		f.add("account %s is that of agent %s already", a.Account, other.Name)
	}
	f.few("skills", len(a.Skills), MaxSkills)
	for skill, level := range a.Skills {
		f.word("skills", skill)
		f.number("skills: level of "+clip(skill), level, 1, maxLevel)
	}
	f.span("wrapuptime", &a.WrapUpTime, time.Hour)
	f.few("memberships", len(a.Memberships), MaxMemberships)
	for i, m := range a.Memberships {
		if slices.ContainsFunc(a.Memberships[:i], func(o Membership) bool { return o.Queue == m.Queue }) {
			f.add("memberships: %s is there twice", clip(m.Queue))
		}
		if _, ok := l.Queue(m.Queue); !ok {
			f.add("memberships: there is no queue %s", clip(m.Queue))
		}
		f.number("memberships: penalty", m.Penalty, 0, 1_000_000)
		f.number("memberships: level", m.Level, 0, maxTier)
		f.number("memberships: position", m.Position, 0, 1_000_000)
	}
	return f.refusal()
}
