package queue

import "slices"

// tiers counts the agents of each level: all, and those who work.
type tiers struct {
	levels []level // in order
}

type level struct{ number, all, working int }

// set notes an agent's level and whether he works.
func (t *tiers) set(a *agent, number int, working bool) {
	t.remove(a)
	i, found := slices.BinarySearchFunc(t.levels, number, func(l level, n int) int { return l.number - n })
	if !found {
		t.levels = slices.Insert(t.levels, i, level{number: number})
	}
	t.levels[i].all++
	if a.works = working; working {
		t.levels[i].working++
	}
	a.level = number
	a.counts = true
}

func (t *tiers) remove(a *agent) {
	if !a.counts {
		return
	}
	a.counts = false
	i, _ := slices.BinarySearchFunc(t.levels, a.level, func(l level, n int) int { return l.number - n })
	t.levels[i].all--
	if a.works {
		t.levels[i].working--
	}
	if t.levels[i].all == 0 {
		t.levels = slices.Delete(t.levels, i, i+1)
	}
}

// lowest is the first level at which somebody is, or works; everyTier where nobody does.
func (t *tiers) lowest(working bool) int {
	for _, l := range t.levels {
		if l.working > 0 || !working {
			return l.number
		}
	}
	return everyTier
}

// reach is the highest tier that callers of a class reach: the first one always, and with NoAgentNoWait the first one
// where somebody works.
func (q *Queue) reach(c *class) int {
	if !q.settings.Tiers.Apply {
		return everyTier
	}
	return max(c.needs.reach, q.tiers.lowest(q.settings.Tiers.NoAgentNoWait))
}
