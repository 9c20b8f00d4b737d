package queue

import "fmt"

// Decisions are facts: whoever asks later why somebody was rung, or why a caller had to wait, finds the reasons of that
// moment. They must not make a decision dear, so of a large queue not everybody is named.
const (
	maxNamed = 8  // agents that are named with one decision
	maxSmall = 32 // agents of a queue of which anybody may be named
)

// decision says why an agent is rung for a caller, and what spoke against others.
func (q *Queue) decision(o *offer) (because string, reasons []Reason) {
	c := o.caller
	because = fmt.Sprintf("%s: the first of %d who are free and fit", q.strategy.name, c.class.ready.Len()+1)
	return because, q.others(c, o.agent)
}

// unserved says why nobody is rung for a caller that has just come.
func (q *Queue) unserved(c *caller) (because string, reasons []Reason) {
	switch {
	case len(q.agents) == 0:
		return "nobody is logged on", nil
	case !q.hasTurn(c):
		return "others go first, one by one", nil
	}
	return fmt.Sprintf("of %d agents nobody is free and fits", len(q.agents)), q.others(c, nil)
}

// others are the agents beside one, with what keeps them from a caller: of a large queue only those who are free, in the
// order of the strategy.
func (q *Queue) others(c *caller, but *agent) (all []Reason) {
	if len(q.agents) > maxSmall {
		for i := 0; i < min(c.class.ready.Len(), maxNamed); i++ {
			e, _ := c.class.ready.at(i)
			all = append(all, Reason{e.agent.stands.Agent, laterBy})
		}
		return all
	}
	for _, a := range q.byNumber() {
		if a == but || len(all) == maxNamed {
			continue
		}
		why := q.why(c, a)
		if why == "is free" {
			why = laterBy
		}
		all = append(all, Reason{a.stands.Agent, why})
	}
	return all
}

const laterBy = "is free, and comes later by the strategy"
