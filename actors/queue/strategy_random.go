package queue

// random rings anybody with the lowest penalty.
var random = strategy{name: "random", metric: nothing, choose: anybody}

func anybody(q *Queue, _ *caller, pool *tree[entry], into []*agent) []*agent {
	_, to := group(pool, 0)
	e, _ := pool.at(q.dice.IntN(to))
	return append(into, e.agent)
}
