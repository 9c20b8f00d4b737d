package queue

// ringall rings all agents with the lowest penalty together; who answers first has the caller.
var ringall = strategy{name: "ringall", metric: nothing, choose: everybody}

func everybody(_ *Queue, _ *caller, pool *tree[entry], into []*agent) []*agent {
	_, to := group(pool, 0)
	for i := range min(to, maxPerEvent) {
		e, _ := pool.at(i)
		into = append(into, e.agent)
	}
	return into
}
