package queue

import (
	"slices"
	"time"
)

// class is all callers with the same needs, and the agents that fit them. Because of it nobody is looked for: the
// first caller that an agent fits is the first of a class's line, and the best agent is the first of its pool. What
// an event costs grows with the number of classes, which are few, and not with that of callers or agents.
type class struct {
	needs   needs
	wants   []Want
	waiting *tree[*caller] // that can be served at once
	ready   *tree[entry]   // agents that can be rung at once, the best one first
	callers int            // in line, in all states
	there   [2]int         // agents that are there for who enters, and for who waits
}

// entry is an agent in the pool of a class. Its order is the order of choice, but for what a strategy does besides.
type entry struct {
	level, penalty int
	metric         int64
	number         uint64 // order of coming, which decides among equals
	agent          *agent
}

func lessEntry(a, b entry) bool {
	switch {
	case a.level != b.level:
		return a.level < b.level
	case a.penalty != b.penalty:
		return a.penalty < b.penalty
	case a.metric != b.metric:
		return a.metric < b.metric
	}
	return a.number < b.number
}

func lessCaller(a, b *caller) bool {
	if a.place == b.place {
		return a.id < b.id
	}
	return a.place.Before(b.place)
}

// fit says whether an agent is one for these callers, and what his penalty counts.
func (q *Queue) fit(c *class, a *agent) (penalty int, ok bool) {
	penalty, ok = a.stands.Penalty, has(a.stands.Skills, c.wants)
	if ok && q.penaltiesCount() {
		return c.needs.bounds.weigh(penalty)
	}
	return 0, ok
}

// penaltiesCount tells whether there are agents enough to choose among.
func (q *Queue) penaltiesCount() bool { return len(q.agents) > q.settings.FewAgents }

func (q *Queue) entry(c *class, a *agent, penalty int) entry {
	e := entry{penalty: penalty, number: a.number, agent: a, metric: q.strategy.metric(&q.settings, &a.stands, a.number)}
	if q.settings.Tiers.Apply {
		e.level = a.stands.Level
	}
	return e
}

// enterClass puts a caller into the class of its needs, and sets the alarm for their next change. It fails where there
// are too many classes.
func (q *Queue) enterClass(c *caller, now time.Time) bool {
	n, wants, next := q.needsOf(c, now.Sub(c.since))
	found := q.classes[n]
	if found == nil {
		if found = q.newClass(n, wants); found == nil {
			return false
		}
	}
	c.class = found
	found.callers++
	if next > 0 {
		q.alarms.set(&c.change, c.since.Add(next))
	}
	return true
}

func (q *Queue) leaveClass(c *caller) {
	c.class.callers--
	q.alarms.clear(&c.change)
}

func (q *Queue) newClass(n needs, wants []Want) *class {
	if len(q.order) >= maxIdle {
		q.dropIdle()
	}
	if len(q.order) >= maxClasses {
		return nil
	}
	c := &class{needs: n, wants: wants, waiting: newTree(lessCaller), ready: newTree(lessEntry)}
	q.classes[n] = c
	q.order = append(q.order, c)
	for _, a := range q.agents {
		q.countIn(c, a, 1)
		if penalty, ok := q.fit(c, a); a.open && ok {
			c.ready.insert(q.entry(c, a, penalty))
		}
	}
	return c
}

// dropIdle forgets the classes that nobody needs now.
func (q *Queue) dropIdle() {
	q.order = slices.DeleteFunc(q.order, func(c *class) bool {
		if c.callers == 0 {
			delete(q.classes, c.needs)
		}
		return c.callers == 0
	})
}

// countIn counts an agent as there, or no more, for those who enter and those who wait.
func (q *Queue) countIn(c *class, a *agent, by int) {
	is := a.stands.Conditions
	if _, ok := c.needs.bounds.weigh(a.stands.Penalty); !ok && q.penaltiesCount() {
		is |= Penalty
	}
	if is&q.settings.JoinEmpty == 0 {
		c.there[0] += by
	}
	if is&q.settings.LeaveEmpty == 0 {
		c.there[1] += by
	}
}

// rebuild makes all classes anew, after something has changed that concerns all of them.
func (q *Queue) rebuild() {
	q.renewed, q.emptied = true, true
	for _, c := range q.order {
		c.ready, c.there = newTree(lessEntry), [2]int{}
		for _, a := range q.agents {
			q.countIn(c, a, 1)
			if penalty, ok := q.fit(c, a); a.open && ok {
				c.ready.insert(q.entry(c, a, penalty))
			}
		}
	}
}

// changed: a caller has waited so long that it needs something else now.
func (q *Queue) changed(c *caller, now time.Time) {
	if !c.state.inLine() {
		return
	}
	if c.state == waiting {
		c.class.waiting.delete(c)
	}
	old := c.class
	q.leaveClass(c)
	if !q.enterClass(c, now) { // it keeps what it has; its next needs are looked for later
		c.class = old
		old.callers++
		q.alarms.set(&c.change, now.Add(lookAgain))
	}
	if c.state == waiting {
		c.class.waiting.insert(c)
		q.settle(c, now)
	}
}
