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
	"tandem/web"
)

// Queues answers web.Queues.
type Queues struct {
	*ledger.Ledger
	Rows    func() []QueueRow // of those whose owner this member is
	Agents  Agents
	Journal Journal
	Member  *cluster.Member
}

// QueueRow is a living queue as its owner's member shows it: what is there of web.Queue beside its definition and its
// agents.
type QueueRow struct {
	web.Queue
	Epoch uint64
}

// Journal has what has happened.
type Journal interface {
	Tail(ctx context.Context, n int, keep func(store.Fact) bool, f func(store.Fact) bool) error
}

// askQueues asks another member for the queues that it owns.
const askQueues = "queues"

// askWait is how long the owner of a queue or an agent is waited for.
const askWait = 3 * time.Second

// Answer lets other members ask this one.
func (d Queues) Answer() {
	answers(d.Member, askQueues, func(_ context.Context, names []string) ([]QueueRow, error) { return d.here(names), nil })
}

// here are the rows of this member that have one of the names, which are in order.
func (d Queues) here(names []string) []QueueRow {
	return slices.DeleteFunc(d.Rows(), func(r QueueRow) bool { return !among(names, r.Name) })
}

func among(names []string, name string) bool {
	_, ok := slices.BinarySearch(names, name)
	return ok
}

// living are the living ones of these queues, of all members, by name. While a name changes its owner the later one
// counts.
func (d Queues) living(ctx context.Context, names []string) map[string]QueueRow {
	all := map[string]QueueRow{}
	for _, r := range append(d.here(names), askAll[[]string, QueueRow](ctx, d.Member, askQueues, names)...) {
		if have, ok := all[r.Name]; !ok || r.Epoch > have.Epoch {
			all[r.Name] = r
		}
	}
	return all
}

// Queues returns the queues that match, in the order of their names.
func (d Queues) Queues(ctx context.Context, q web.QueueQuery) ([]web.Queue, error) {
	var wanted []*ledger.Queue
	var names []string
	see, match := eyesOf(d.Ledger, q.By), strings.ToLower(q.Match)
	for _, def := range d.Ledger.Queues() {
		if len(wanted) == q.Limit {
			break
		}
		if (q.Name == "" || q.Name == def.Name) && see.sees(def.Name) && has(match, def.Name, def.Display) {
			wanted, names = append(wanted, def), append(names, def.Name)
		}
	}
	if len(wanted) == 0 {
		return nil, nil
	}
	living, counts, belong := d.living(ctx, names), d.Agents.counts(ctx), d.belong()
	out := make([]web.Queue, len(wanted))
	for i, def := range wanted {
		out[i] = d.row(def, living[def.Name], counts[def.Name], belong[def.Name])
	}
	return out, nil
}

// belong is how many agents belong to each queue by their definitions.
func (d Queues) belong() map[string]int {
	all := map[string]int{}
	for _, a := range d.Ledger.Agents() {
		for _, m := range a.Memberships {
			all[m.Queue]++
		}
	}
	return all
}

// has tells whether one of the texts has a part, which is in lower case.
func has(part string, texts ...string) bool {
	return slices.ContainsFunc(texts, func(t string) bool { return strings.Contains(strings.ToLower(t), part) })
}

// row is a queue as it stands, whether it lives or not.
func (d Queues) row(def *ledger.Queue, r QueueRow, n agentCount, agents int) web.Queue {
	e, _ := d.QueueKept(def.Name)
	q := r.Queue
	q.Name, q.Display, q.Numbers, q.Strategy = def.Name, def.Display, append([]string{}, def.Numbers...), def.Strategy
	q.ServiceLevel, q.Target = web.InSeconds(def.ServiceLevel.Duration()), def.Target
	q.Weight, q.MaxLen, q.Revision = def.Weight, def.MaxLen, e.Revision
	q.Agents = max(agents, n.LoggedOn) // some may have come by themselves
	q.LoggedOn, q.Ready, q.Ringing, q.Talking, q.WrapUp, q.Paused = n.LoggedOn, n.Ready, n.Ringing, n.Talking, n.WrapUp, n.Paused
	q.State = stateOf(def, q)
	return q
}

// stateOf is the word for how well a queue stands.
func stateOf(def *ledger.Queue, q web.Queue) string {
	limit := def.ServiceLevel.Duration()
	longest := q.Longest.Duration()
	switch {
	case def.Closed:
		return web.QueueClosed
	case q.LoggedOn == 0:
		return web.QueueEmpty
	case limit > 0 && longest > limit:
		return web.QueueOver
	case limit > 0 && longest > limit*3/4:
		return web.QueueNear
	}
	return web.QueueOnTarget
}

// Definition returns what a queue is like.
func (d Queues) Definition(_ context.Context, by web.Asker, name string) (web.Definition, error) {
	def, ok := d.Queue(name)
	if !ok || !eyesOf(d.Ledger, by).sees(name) {
		return web.Definition{}, noQueue(name)
	}
	e, _ := d.QueueKept(name)
	return described(name, def, e)
}

// Save makes a queue or changes it.
func (d Queues) Save(ctx context.Context, c web.DefinitionChange) (none web.Definition, err error) {
	if !c.By.Master {
		return none, errMaster
	}
	def := ledger.DefaultQueue(c.Name)
	have, revision, exists := d.QueueRevision(c.Name)
	if c.Merge {
		if !exists {
			return none, noQueue(c.Name)
		}
		if def, err = copyOf(have); err != nil {
			return none, err
		}
	}
	if err := decode("queue", c.Definition, &def); err != nil {
		return none, err
	}
	if def.Name != c.Name {
		return none, web.Invalid("a queue can not be renamed from %q to %q: add the new one and remove the old", c.Name, def.Name)
	}
	if _, err = d.PutQueue(ctx, def, writeOf(c, revision)); err != nil {
		return none, written(err)
	}
	return d.Definition(ctx, c.By, c.Name)
}

// Remove ends a queue.
func (d Queues) Remove(ctx context.Context, r web.DefinitionRemoval) error {
	if !r.By.Master {
		return errMaster
	}
	return written(d.RemoveQueue(ctx, r.Name, store.Write{Expect: r.Revision, Author: r.By.Name, Reason: r.Reason}))
}

// find asks the owner of a queue.
func (d Queues) find(ctx context.Context, q web.CallerQuery) (*msg.QueueFound, error) {
	if _, ok := d.Queue(q.Queue); !ok || !eyesOf(d.Ledger, q.By).supervises(q.Queue) {
		return nil, noQueue(q.Queue)
	}
	word := &msg.QueueFind{Caller: q.Caller, After: int32(min(q.After, maxPosition)), Limit: int32(min(q.Limit, maxPosition))}
	answer, err := d.Member.Ask(ctx, "queue", q.Queue, word, askWait)
	if err != nil {
		return nil, web.Unavailable("the owner of queue %s does not answer: %v", q.Queue, err)
	}
	found, ok := answer.(*msg.QueueFound)
	if !ok {
		return nil, errors.New("desk: a queue has answered something else")
	}
	return found, nil
}

// maxAsks bounds how often a queue is asked for one list of its callers.
const maxAsks = 20

// Callers returns who is in a queue, in line first. A long line is asked for in parts; while it moves somebody in it may be
// missed, but nobody comes twice.
func (d Queues) Callers(ctx context.Context, q web.CallerQuery) ([]web.Caller, error) {
	out, known := []web.Caller{}, map[string]bool{}
	ask := q
	for range maxAsks {
		if ask.Limit = q.Limit - len(out); ask.Limit <= 0 {
			break
		}
		found, err := d.find(ctx, ask)
		if err != nil {
			return nil, err
		}
		last := ask.After
		for _, c := range found.Callers {
			if last = max(last, int(c.Position)); !known[c.Caller] && (q.Caller == "" || q.Caller == c.Caller) {
				known[c.Caller] = true
				out = append(out, callerOf(q.Queue, c))
			}
		}
		if q.Caller != "" || last == ask.After || last >= int(found.Waiting) {
			break
		}
		ask.After = last
	}
	slices.SortStableFunc(out, func(a, b web.Caller) int { return cmp.Compare(lastIfNone(a.Position), lastIfNone(b.Position)) })
	return out[:min(len(out), q.Limit)], nil
}

func callerOf(queue string, c *msg.QueueCaller) web.Caller {
	return web.Caller{Queue: queue, Caller: c.Caller, Number: c.Number, Name: c.Name, Position: int(c.Position), Priority: int(c.Priority),
		State: c.State, Waited: seconds(c.Waited), Callback: c.Callback, Agents: append([]string{}, c.Agents...)}
}

// lastIfNone has those without a position come after those who have one.
func lastIfNone(position int) int {
	if position == 0 {
		return int(^uint(0) >> 1)
	}
	return position
}

// seconds are those of a duration in milliseconds.
func seconds(ms int64) web.Seconds { return web.InSeconds(time.Duration(ms) * time.Millisecond) }

// Explain tells why a caller still waits, and what has happened to it.
func (d Queues) Explain(ctx context.Context, q web.CallerQuery) (web.Explanation, error) {
	found, err := d.find(ctx, q)
	if err != nil {
		return web.Explanation{}, err
	}
	x := web.Explanation{Waits: []web.Reason{}, History: []web.Event{}}
	for _, r := range found.Reasons {
		x.Waits = append(x.Waits, web.Reason{Agent: r.Agent, Why: r.Why})
	}
	if x.History, err = d.history(ctx, q); err == nil && len(x.History) == 0 && len(x.Waits) == 0 && !d.knows(found, q.Caller) {
		err = web.NotFound("no caller %q is in queue %s, and none was lately", clip(q.Caller), q.Queue)
	}
	return x, err
}

// knows tells whether the caller that was asked for is in the queue.
func (d Queues) knows(found *msg.QueueFound, caller string) bool {
	return slices.ContainsFunc(found.Callers, func(c *msg.QueueCaller) bool { return c.Caller == caller })
}

// ActOnCaller does something with a caller in line.
func (d Queues) ActOnCaller(ctx context.Context, a web.CallerAct) error {
	found, err := d.find(ctx, web.CallerQuery{By: a.By, Queue: a.Queue, Caller: a.Caller})
	if err != nil {
		return err
	}
	if !d.knows(found, a.Caller) {
		return noCaller(a.Caller, a.Queue)
	}
	var word any
	switch a.Verb {
	case "withdraw":
		word = &msg.QueueWithdraw{Caller: a.Caller, Text: clip(a.Text)}
	case "move":
		word = &msg.QueueMove{Caller: a.Caller, Position: int32(min(a.Position, maxPosition))}
	case "promote":
		word = &msg.QueuePromote{Caller: a.Caller, Priority: int32(max(-maxPosition, min(a.Priority, maxPosition)))}
	case "send":
		if err := d.maySend(a, found); err != nil {
			return err
		}
		word = &msg.QueueWithdraw{Caller: a.Caller, To: a.To}
	default:
		return web.Invalid("a caller can be told to withdraw, move, promote or send, not to %s", clip(a.Verb))
	}
	if err := d.Member.Tell("queue", a.Queue, word); err != nil {
		return web.Unavailable("the owner of queue %s can not be told: %v", a.Queue, err)
	}
	d.Log.Info("supervisor acts on a caller", "kind", "queue", "id", a.Queue, "caller", a.Caller, "verb", a.Verb, "author", a.By.Name)
	return nil
}

// maySend tells whether a caller can go to another queue, which who sends it must supervise as well.
func (d Queues) maySend(a web.CallerAct, found *msg.QueueFound) error {
	if _, ok := d.Queue(a.To); !ok || !eyesOf(d.Ledger, a.By).supervises(a.To) {
		return noQueue(a.To)
	}
	if a.To == a.Queue {
		return web.Conflict("the caller is in queue %s already", a.To)
	}
	for _, c := range found.Callers {
		switch {
		case c.Caller != a.Caller:
		case c.Callback:
			return web.Conflict("a caller who is called back stays in its queue: nobody is on the line")
		case c.Position == 0:
			return web.Conflict("the caller waits no more")
		}
	}
	return nil
}

// maxPosition bounds positions and priorities that somebody types.
const maxPosition = 1_000_000
