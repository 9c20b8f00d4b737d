package queue

import (
	"slices"
	"strings"
)

// strategy says which agents are rung. metric orders those with the same level and penalty, lowest first; choose
// picks from the pool of a caller's class, which is not empty, and appends to into.
type strategy struct {
	name   string
	metric func(s *Settings, a *Standing, number uint64) int64
	choose func(q *Queue, c *caller, pool *tree[entry], into []*agent) []*agent
}

var strategies = []strategy{ringall, linear, rrmemory, rrordered, leastrecent, fewestcalls, random, wrandom}

// Strategies are the names that Settings may have.
func Strategies() (names []string) {
	for _, s := range strategies {
		names = append(names, s.name)
	}
	return names
}

// strategyOf finds a strategy; one that is not known is that of the defaults.
func strategyOf(name string) *strategy {
	i := slices.IndexFunc(strategies, func(s strategy) bool { return s.name == strings.ToLower(name) })
	return &strategies[max(i, 0)]
}

func nothing(*Settings, *Standing, uint64) int64 { return 0 }

// byNumber is the order of coming; byPosition is that of the settings.
func byNumber(_ *Settings, _ *Standing, number uint64) int64 { return int64(number) }
func byPosition(_ *Settings, a *Standing, _ uint64) int64    { return int64(a.Position) }

// lowest takes the agent with the lowest metric.
func lowest(_ *Queue, _ *caller, pool *tree[entry], into []*agent) []*agent {
	e, _ := pool.first()
	return append(into, e.agent)
}

// group is the part of a pool that has the level and penalty of its entry i: as ranks, the second one not included.
func group(pool *tree[entry], i int) (from, to int) {
	e, _ := pool.at(i)
	return pool.rank(entry{level: e.level, penalty: e.penalty, metric: minMetric}),
		pool.rank(entry{level: e.level, penalty: e.penalty + 1, metric: minMetric})
}

const minMetric = -1 << 63

// onwards takes the first agent of the best group that comes after a pointer, and the first one of all where
// there is none: so that everybody has his turn.
func onwards(pool *tree[entry], after cursor, into []*agent) []*agent {
	first, _ := pool.first()
	if after.set {
		e, ok := pool.ceil(entry{level: first.level, penalty: first.penalty, metric: after.metric, number: after.number + 1})
		if ok && e.level == first.level && e.penalty == first.penalty {
			return append(into, e.agent)
		}
	}
	return append(into, first.agent)
}

// cursor is a place in the order of agents: that of who was rung last.
type cursor struct {
	set    bool
	metric int64
	number uint64
}
