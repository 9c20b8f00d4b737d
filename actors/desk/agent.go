package desk

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"tandem/actors/cluster"
	"tandem/actors/ledger"
	"tandem/actors/msg"
	"tandem/actors/store"
	"tandem/web"
)

// Agents answers web.Agents.
type Agents struct {
	*ledger.Ledger
	Rows    func() []AgentRow // of those whose owner this member is
	Journal Journal
	Member  *cluster.Member
}

// AgentRow is a living agent as his owner's member shows him.
type AgentRow struct {
	web.Agent
	Epoch uint64
}

// What members ask each other about agents.
const (
	askAgents = "agents"
	askCounts = "agent counts"
)

// agentCount is how many agents of a queue are in which state on one member.
type agentCount struct {
	Queue                                             string
	LoggedOn, Ready, Ringing, Talking, WrapUp, Paused int
}

// Answer lets other members ask this one.
func (d Agents) Answer() {
	answers(d.Member, askAgents, func(_ context.Context, names []string) ([]AgentRow, error) { return d.here(names), nil })
	answers(d.Member, askCounts, func(context.Context, struct{}) ([]agentCount, error) { return d.countsHere(), nil })
}

// here are the rows of this member that have one of the names, which are in order.
func (d Agents) here(names []string) []AgentRow {
	return slices.DeleteFunc(d.Rows(), func(r AgentRow) bool { return !among(names, r.Name) })
}

// living are the living ones of these agents, of all members, by name. While a name changes its owner the later one
// counts.
func (d Agents) living(ctx context.Context, names []string) map[string]AgentRow {
	all := map[string]AgentRow{}
	for _, r := range append(d.here(names), askAll[[]string, AgentRow](ctx, d.Member, askAgents, names)...) {
		if have, ok := all[r.Name]; !ok || r.Epoch > have.Epoch {
			all[r.Name] = r
		}
	}
	return all
}

// countsHere counts the agents of this member for each queue.
func (d Agents) countsHere() (out []agentCount) {
	all := map[string]*agentCount{}
	for _, r := range d.Rows() {
		for _, m := range r.Queues {
			n := all[m.Queue]
			if n == nil {
				n = &agentCount{Queue: m.Queue}
				all[m.Queue] = n
			}
			n.count(r.Agent, m.Paused)
		}
	}
	for _, n := range all {
		out = append(out, *n)
	}
	return out
}

// count adds one agent. Who is ready elsewhere and paused here is paused; who is ready and can not be reached is logged
// on and nothing else.
func (n *agentCount) count(a web.Agent, paused bool) {
	if a.State == "logged out" {
		return
	}
	n.LoggedOn++
	switch {
	case a.State == "paused", a.State == "ready" && paused:
		n.Paused++
	case a.State == "ready" && a.Reachable:
		n.Ready++
	case a.State == "reserved", a.State == "ringing":
		n.Ringing++
	case a.State == "talking":
		n.Talking++
	case a.State == "wrap-up":
		n.WrapUp++
	}
}

// counts are those of all members by queue.
func (d Agents) counts(ctx context.Context) map[string]agentCount {
	all := map[string]agentCount{}
	for _, n := range append(d.countsHere(), askAll[struct{}, agentCount](ctx, d.Member, askCounts, struct{}{})...) {
		sum := all[n.Queue]
		sum.LoggedOn, sum.Ready, sum.Ringing = sum.LoggedOn+n.LoggedOn, sum.Ready+n.Ready, sum.Ringing+n.Ringing
		sum.Talking, sum.WrapUp, sum.Paused = sum.Talking+n.Talking, sum.WrapUp+n.WrapUp, sum.Paused+n.Paused
		all[n.Queue] = sum
	}
	return all
}

// Agents returns the agents that match, in the order of their names.
func (d Agents) Agents(ctx context.Context, q web.AgentQuery) ([]web.Agent, error) {
	see := eyesOf(d.Ledger, q.By)
	wanted, names := d.wanted(q, see)
	if len(wanted) == 0 {
		return []web.Agent{}, nil
	}
	living := d.living(ctx, names)
	out := []web.Agent{}
	for _, def := range wanted {
		a := see.cut(def, d.row(def, living[def.Name].Agent))
		if (q.State == "" || q.State == a.State) && (q.Queue == "" || belongs(a, q.Queue)) {
			out = append(out, a)
		}
	}
	return out[:min(len(out), q.Limit)], nil
}

// wanted are the agents that may match, with their names: no more than are shown, unless how they stand decides.
func (d Agents) wanted(q web.AgentQuery, see eyes) (wanted []*ledger.Agent, names []string) {
	match := strings.ToLower(q.Match)
	for _, def := range d.called(q) {
		if q.State == "" && q.Queue == "" && len(wanted) == q.Limit {
			break
		}
		if (see.leads(def) || see.is(def)) && has(match, def.Name, def.Display) {
			wanted, names = append(wanted, def), append(names, def.Name)
		}
	}
	return wanted, names
}

// called are the agents whom a query names, in the order of their names, or all.
func (d Agents) called(q web.AgentQuery) (all []*ledger.Agent) {
	names := q.Names
	switch {
	case q.Name != "":
		names = []string{q.Name}
	case names == nil:
		return d.Ledger.Agents()
	}
	for _, name := range slices.Compact(slices.Sorted(slices.Values(names))) {
		if def, ok := d.Agent(name); ok {
			all = append(all, def)
		}
	}
	return all
}

func belongs(a web.Agent, queue string) bool {
	return slices.ContainsFunc(a.Queues, func(m web.AgentQueue) bool { return m.Queue == queue })
}

// row is an agent as he stands, whether he lives or not.
func (d Agents) row(def *ledger.Agent, a web.Agent) web.Agent {
	e, _ := d.AgentKept(def.Name)
	a.Name, a.Display, a.Account, a.Skills, a.Revision = def.Name, def.Display, def.Account, def.Skills, e.Revision
	a.State = cmp.Or(a.State, "logged out")
	a.Next = cmp.Or(a.Next, a.State)
	if a.Devices == nil {
		a.Devices = []string{}
	}
	if a.Queues == nil {
		a.Queues = []web.AgentQueue{}
		for _, m := range def.Memberships {
			a.Queues = append(a.Queues, web.AgentQueue{Queue: m.Queue, Penalty: m.Penalty, Level: m.Level, Position: m.Position,
				RingInUse: m.RingInUse})
		}
	}
	return a
}

// AgentDefinition returns who an agent is, as far as the reader may know.
func (d Agents) AgentDefinition(_ context.Context, by web.Asker, name string) (web.Definition, error) {
	def, see, err := d.known(by, name)
	if err != nil {
		return web.Definition{}, err
	}
	if !see.whole(def) {
		cut := *def
		cut.Memberships = slices.DeleteFunc(slices.Clone(def.Memberships), func(m ledger.Membership) bool { return !see.sees(m.Queue) })
		def = &cut
	}
	e, _ := d.AgentKept(name)
	return described(name, def, e)
}

// SaveAgent makes an agent or changes him.
func (d Agents) SaveAgent(ctx context.Context, c web.DefinitionChange) (none web.Definition, err error) {
	if !c.By.Master {
		return none, errMaster
	}
	def := ledger.DefaultAgent(c.Name)
	have, revision, exists := d.AgentRevision(c.Name)
	if c.Merge {
		if !exists {
			return none, noAgent(c.Name)
		}
		if def, err = copyOf(have); err != nil {
			return none, err
		}
		def.Skills = nil // a map that is sent replaces the old one, and does not add to it
	}
	if err := decode("agent", c.Definition, &def); err != nil {
		return none, err
	}
	if c.Merge && def.Skills == nil {
		def.Skills = have.Skills
	}
	if def.Name != c.Name {
		return none, web.Invalid("an agent can not be renamed from %q to %q: add the new one and remove the old", c.Name, def.Name)
	}
	if _, err = d.PutAgent(ctx, def, writeOf(c, revision)); err != nil {
		return none, written(err)
	}
	return d.AgentDefinition(ctx, c.By, c.Name)
}

// RemoveAgent ends an agent, who is logged off first.
func (d Agents) RemoveAgent(ctx context.Context, r web.DefinitionRemoval) error {
	if !r.By.Master {
		return errMaster
	}
	return written(d.Ledger.RemoveAgent(ctx, r.Name, store.Write{Expect: r.Revision, Author: r.By.Name, Reason: r.Reason}))
}

// ExplainAgent tells for each of his queues why it gives him nobody, and what he has done lately.
func (d Agents) ExplainAgent(ctx context.Context, by web.Asker, name string) (web.Explanation, error) {
	found, err := d.Find(ctx, by, name)
	if err != nil {
		return web.Explanation{}, err
	}
	def, see, err := d.known(by, name)
	if err != nil {
		return web.Explanation{}, err
	}
	hidden := func(queue string) bool { return queue != "" && !see.whole(def) && !see.sees(queue) }
	x := web.Explanation{Waits: []web.Reason{}}
	for _, r := range found.Reasons {
		if !hidden(r.Agent) {
			x.Waits = append(x.Waits, web.Reason{Queue: r.Agent, Why: r.Why})
		}
	}
	x.History, err = d.history(ctx, name)
	x.History = slices.DeleteFunc(x.History, func(e web.Event) bool { return hidden(e.Queue) })
	return x, err
}

// agentOf is what an agent's actor tells of him.
func agentOf(c *msg.AgentChanged) web.Agent {
	a := web.Agent{State: c.State, Since: msg.Moment(c.Since).UTC(), Reachable: c.Reachable, Reason: c.Reason, Next: c.Next, Queue: c.Queue,
		Caller: c.Caller, Number: c.Number, CallerName: c.Name, CallerSince: msg.Moment(c.CallerSince).UTC(), WrapUpUntil: msg.Moment(c.WrapUpUntil).UTC(),
		LoggedOn: msg.Moment(c.LoggedOn).UTC(), Outside: int(c.Outside), Queues: []web.AgentQueue{}}
	for _, m := range c.Queues {
		a.Queues = append(a.Queues, web.AgentQueue{Queue: m.Queue, Penalty: int(m.Penalty), Level: int(m.Level), Position: int(m.Position),
			RingInUse: m.RingInUse, Dynamic: m.Dynamic, Paused: m.Paused, Reason: m.Reason, Calls: int(m.Calls), LastCall: msg.Moment(m.LastCall).UTC()})
	}
	if n := c.Day; n != nil {
		a.Day = web.AgentDay{Calls: int(n.Calls), Worked: seconds(n.Worked), Talk: seconds(n.Talk), WrapUp: seconds(n.WrapUp), Paused: seconds(n.Paused)}
	}
	return a
}
