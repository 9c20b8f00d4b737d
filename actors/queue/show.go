package queue

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// How many callers or reasons are shown at once.
const (
	maxShown = 200
	maxPage  = 1000 // where somebody asks for more
)

// View is a queue as pages show it.
type View struct {
	Name          string
	Gathering     bool
	Waiting       int // in line
	Callbacks     int // of them, who are called back
	Longest       time.Duration
	Agents, Ready int
	Callers       []CallerView // of List
	Counters      Counters
	Strategy      string
	Classes       int
}

// CallerView is one caller in a View.
type CallerView struct {
	Caller   CallerID
	Number   string
	Name     string
	Position int
	Priority int
	State    string
	Waited   time.Duration
	Callback bool
	Agents   []AgentName // who are asked or rung
}

// Show is how the queue stands, without its callers. It looks at all of them: it is for people, not for what happens at
// each call.
func (q *Queue) Show(now time.Time) View {
	v := View{Name: q.name, Gathering: q.gathering, Waiting: q.line.Len(), Agents: len(q.agents), Counters: q.counters,
		Strategy: q.strategy.name, Classes: len(q.order)}
	q.line.all(func(c *caller) {
		if c.absent() {
			v.Callbacks++
		} else {
			v.Longest = max(v.Longest, c.waited(now))
		}
	})
	for _, a := range q.agents {
		if a.available() {
			v.Ready++
		}
	}
	return v
}

// List are callers in line behind a position, in its order, limit at most: 0 is maxShown. With the first ones come those
// who talk; and, if it is nowhere else, the one that is asked for.
func (q *Queue) List(after, limit int, asked CallerID, now time.Time) (all []CallerView) {
	if limit <= 0 {
		limit = maxShown
	}
	for position := max(0, after) + 1; len(all) < min(limit, maxPage); position++ {
		c, ok := q.line.at(position - 1)
		if !ok {
			break
		}
		all = append(all, q.view(c, position, now))
	}
	if after <= 0 {
		all = append(all, q.talkers(now)...)
	}
	c := q.callers[asked]
	if c == nil || slices.ContainsFunc(all, func(v CallerView) bool { return v.Caller == asked }) {
		return all
	}
	position := 0
	if c.state.inLine() {
		position = q.line.rank(c) + 1
	}
	return append(all, q.view(c, position, now))
}

// talkers are callers who talk with an agent, who has waited longest first.
func (q *Queue) talkers(now time.Time) (all []CallerView) {
	for _, c := range q.callers {
		if c.state == talking {
			all = append(all, q.view(c, 0, now))
		}
	}
	slices.SortFunc(all, func(a, b CallerView) int {
		return cmp.Or(cmp.Compare(b.Waited, a.Waited), cmp.Compare(a.Caller, b.Caller))
	})
	return all[:min(len(all), maxShown)]
}

func (q *Queue) view(c *caller, position int, now time.Time) CallerView {
	v := CallerView{Caller: c.id, Number: c.join.Number, Name: c.join.Name, Position: position, Priority: c.place.Priority,
		State: c.state.String(), Waited: c.waited(now), Callback: c.absent()}
	for _, o := range c.offers {
		v.Agents = append(v.Agents, o.name)
	}
	return v
}

// Reason is why one agent is not rung for a caller.
type Reason struct {
	Agent AgentName
	Why   string
}

// Explain says why a caller still waits: for each agent what keeps him from it. The order is that of the coming.
func (q *Queue) Explain(id CallerID, now time.Time) (all []Reason) {
	c := q.callers[id]
	if c == nil || !c.state.inLine() {
		return nil
	}
	for _, a := range q.byNumber() {
		if len(all) < maxShown {
			all = append(all, Reason{a.stands.Agent, q.why(c, a)})
		}
	}
	return all
}

// why says what keeps an agent from a caller.
func (q *Queue) why(c *caller, a *agent) string {
	s := &a.stands
	switch {
	case a.offer != nil && a.offer.caller == c:
		return "is " + a.offer.stage.String()
	case a.offer != nil:
		return fmt.Sprintf("is %s %s", a.offer.stage, a.offer.caller.id)
	case a.lost.index > 0:
		return "has lost his owner, and is awaited from the next one"
	case s.Conditions != 0:
		return "is " + s.Conditions.String()
	case a.rests.index > 0:
		return "has not answered, and is left alone"
	case !s.Ready || s.Turn <= a.closed:
		return "is held elsewhere"
	}
	for _, w := range c.class.wants {
		if s.Skills[w.Skill] < w.Level {
			return fmt.Sprintf("has %s %d, wanted is %d", w.Skill, s.Skills[w.Skill], w.Level)
		}
	}
	if _, ok := q.fit(c.class, a); !ok {
		return fmt.Sprintf("has penalty %d, which is out of bounds", s.Penalty)
	}
	if q.settings.Tiers.Apply && s.Level > q.reach(c.class) {
		return fmt.Sprintf("is of tier %d, which is not reached yet", s.Level)
	}
	if c.state == resting {
		return "is free: the caller rests"
	}
	return "is free"
}
