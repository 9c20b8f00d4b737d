package desk

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"tandem/actors/cluster"
	"tandem/actors/ledger"
	"tandem/actors/msg"
	"tandem/actors/store"
	"tandem/signal"
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
	wanted, names := d.wanted(q)
	if len(wanted) == 0 {
		return []web.Agent{}, nil
	}
	living := d.living(ctx, names)
	out := []web.Agent{}
	for _, def := range wanted {
		a := d.row(def, living[def.Name].Agent)
		if (q.State == "" || q.State == a.State) && (q.Queue == "" || belongs(a, q.Queue)) {
			out = append(out, a)
		}
	}
	return out[:min(len(out), q.Limit)], nil
}

// wanted are the agents that may match, with their names: no more than are shown, unless how they stand decides.
func (d Agents) wanted(q web.AgentQuery) (wanted []*ledger.Agent, names []string) {
	see, match := eyesOf(d.Ledger, q.By), strings.ToLower(q.Match)
	for _, def := range d.Ledger.Agents() {
		if q.State == "" && q.Queue == "" && len(wanted) == q.Limit {
			break
		}
		if (q.Name == "" || q.Name == def.Name) && (see.leads(def) || see.is(def)) && has(match, def.Name, def.Display) {
			wanted, names = append(wanted, def), append(names, def.Name)
		}
	}
	return wanted, names
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

// AgentDefinition returns who an agent is.
func (d Agents) AgentDefinition(_ context.Context, by web.Asker, name string) (web.Definition, error) {
	def, ok := d.Agent(name)
	if see := eyesOf(d.Ledger, by); !ok || !see.leads(def) && !see.is(def) {
		return web.Definition{}, noAgent(name)
	}
	e, _ := d.AgentKept(name)
	return described(name, def, e)
}

func noAgent(name string) error { return web.NotFound("there is no agent %q", clip(name)) }

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
	none := web.Explanation{}
	def, ok := d.Agent(name)
	if see := eyesOf(d.Ledger, by); !ok || !see.leads(def) && !see.is(def) {
		return none, noAgent(name)
	}
	answer, err := d.Member.Ask(ctx, "agent", name, &msg.AgentFind{}, askWait)
	if err != nil {
		return none, web.Unavailable("the owner of agent %s does not answer: %v", name, err)
	}
	x := web.Explanation{Waits: []web.Reason{}}
	if found, ok := answer.(*msg.AgentFound); ok {
		for _, r := range found.Reasons {
			x.Waits = append(x.Waits, web.Reason{Queue: r.Agent, Why: r.Why})
		}
	}
	x.History, err = d.history(ctx, name)
	return x, err
}

// ActOnAgent has an agent do something, and returns how he stands then.
func (d Agents) ActOnAgent(ctx context.Context, a web.AgentAct) (none web.Agent, err error) {
	def, ok := d.Agent(a.Name)
	see := eyesOf(d.Ledger, a.By)
	if !ok || !see.leads(def) && !see.is(def) {
		return none, noAgent(a.Name)
	}
	a.Source = cmp.Or(a.Source, "MANAGER")
	word, err := d.wordOf(a, def, see)
	if err != nil {
		return none, err
	}
	answer, err := d.Member.Ask(ctx, "agent", a.Name, word, askWait)
	if err != nil {
		return none, web.Unavailable("the owner of agent %s does not answer: %v; look how he stands before you try again", a.Name, err)
	}
	c, ok := answer.(*msg.AgentChanged)
	if !ok {
		return none, errors.New("desk: an agent has answered something else")
	}
	if err := refusedOf(c.Refused, a); err != nil {
		return none, err
	}
	if !see.is(def) {
		d.Log.Info("somebody acts on behalf of an agent", "kind", "agent", "id", a.Name, "verb", a.Verb, "author", a.By.Name)
	}
	return d.row(def, d.now(ctx, a.Name, c)), nil
}

// now is how an agent stands after what he has answered, with his devices, of which that does not tell.
func (d Agents) now(ctx context.Context, name string, c *msg.AgentChanged) web.Agent {
	answer, err := d.Member.Ask(ctx, "agent", name, &msg.AgentFind{}, askWait)
	found, ok := answer.(*msg.AgentFound)
	if err != nil || !ok || found.Agent == nil {
		return agentOf(c)
	}
	a := agentOf(found.Agent)
	a.Devices = append([]string{}, found.Devices...)
	return a
}

// wordOf is what the agent's actor is told.
func (d Agents) wordOf(a web.AgentAct, def *ledger.Agent, see eyes) (any, error) {
	switch a.Verb {
	case "login":
		return d.logOn(a, def, see)
	case "logout":
		return &msg.AgentLogOff{Source: a.Source}, nil
	case "pause":
		return &msg.AgentPause{Queue: a.Queue, Reason: clip(a.Reason), Source: a.Source}, nil
	case "resume":
		return &msg.AgentResume{Queue: a.Queue, Source: a.Source}, nil
	case "ready":
		return &msg.AgentResume{Source: a.Source}, nil
	case "reason":
		return &msg.AgentReason{Reason: clip(a.Reason), Source: a.Source}, nil
	case "wrapup":
		return &msg.AgentWrapUp{More: int64(max(0, min(a.Seconds, 3600))) * 1000}, nil
	case "check":
		return &msg.AgentCheck{Source: a.Source}, nil
	case "queues":
		return d.membership(a, see)
	}
	return nil, web.Invalid("an agent can be told: %s; not %s", strings.Join(web.AgentVerbs, ", "), clip(a.Verb))
}

// logOn has him work at a device: his own where none is named. Another one's he may take with that one's PIN only, which
// is asked for at the phone.
func (d Agents) logOn(a web.AgentAct, def *ledger.Agent, see eyes) (any, error) {
	device := signal.AOR(def.Account)
	if a.Device != "" {
		aor, err := d.Address(a.Device)
		if err != nil {
			return nil, refusal(err)
		}
		account, ok := d.Directory.Account(aor)
		if !ok {
			return nil, web.NotFound("there is no account %q to work at", clip(a.Device))
		}
		device = account.AOR
	}
	if string(device) != def.Account && !see.leads(def) {
		return nil, noRight("another one's device is taken at that phone, with its PIN, or by a supervisor")
	}
	return &msg.AgentLogOn{Device: string(device), Phone: "SIP/" + device.User(), HotDesk: a.HotDesk || string(device) != def.Account,
		Source: a.Source}, nil
}

// membership changes what he is to a queue, which a supervisor of that queue may.
func (d Agents) membership(a web.AgentAct, see eyes) (any, error) {
	if _, ok := d.Queue(a.Queue); !ok || !see.sees(a.Queue) {
		return nil, noQueue(a.Queue)
	}
	if !see.supervises(a.Queue) {
		return nil, noRight("who belongs to queue %s is said by its supervisors", a.Queue)
	}
	m := &msg.AgentMembership{Queue: a.Queue, Dynamic: a.Add}
	set := &msg.AgentSet{Membership: m, Add: a.Add, Remove: a.Remove, Source: a.Source}
	if a.Penalty != nil {
		if *a.Penalty < 0 || *a.Penalty > maxPosition {
			return nil, web.Invalid("penalty %d is out of range: 0 to %d", *a.Penalty, maxPosition)
		}
		n := int32(*a.Penalty)
		if m.Penalty = n; !a.Add {
			set.Penalty = &n
		}
	}
	if a.RingInUse != nil {
		if m.RingInUse = *a.RingInUse; !a.Add {
			set.RingInUse = a.RingInUse
		}
	}
	return set, nil
}

// refusedOf says why an agent's actor has not done what it was told.
func refusedOf(why string, a web.AgentAct) error {
	switch why {
	case "":
		return nil
	case "UNKNOWN":
		return noAgent(a.Name)
	case "LOGGEDOUT":
		return web.Conflict("agent %s is logged out: log him on first", a.Name)
	case "NOMEMBER":
		return web.Conflict("agent %s does not belong to queue %s", a.Name, clip(a.Queue))
	case "CROWDED":
		return web.Conflict("agent %s has too many devices or queues", a.Name)
	}
	return web.Invalid("agent %s does not take that: %s", a.Name, why)
}

// agentOf is what an agent's actor tells of him.
func agentOf(c *msg.AgentChanged) web.Agent {
	a := web.Agent{State: c.State, Since: moment(c.Since), Reachable: c.Reachable, Reason: c.Reason, Next: c.Next, Queue: c.Queue,
		Caller: c.Caller, Number: c.Number, CallerName: c.Name, CallerSince: moment(c.CallerSince), WrapUpUntil: moment(c.WrapUpUntil),
		LoggedOn: moment(c.LoggedOn), Outside: int(c.Outside), Queues: []web.AgentQueue{}}
	for _, m := range c.Queues {
		a.Queues = append(a.Queues, web.AgentQueue{Queue: m.Queue, Penalty: int(m.Penalty), Level: int(m.Level), Position: int(m.Position),
			RingInUse: m.RingInUse, Dynamic: m.Dynamic, Paused: m.Paused, Reason: m.Reason, Calls: int(m.Calls), LastCall: moment(m.LastCall)})
	}
	if n := c.Day; n != nil {
		a.Day = web.AgentDay{Calls: int(n.Calls), Worked: seconds(n.Worked), Talk: seconds(n.Talk), WrapUp: seconds(n.WrapUp), Paused: seconds(n.Paused)}
	}
	return a
}

// moment is a time in nanoseconds since 1970; 0 is none.
func moment(ns int64) time.Time {
	if ns == 0 {
		return time.Time{}
	}
	return time.Unix(0, ns).UTC()
}
