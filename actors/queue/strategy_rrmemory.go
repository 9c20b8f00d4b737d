package queue

// rrmemory goes round among the agents in the order in which they came, and remembers from one call to the next who
// was rung last.
var rrmemory = strategy{name: "rrmemory", metric: byNumber, choose: fromPointer}

func fromPointer(q *Queue, _ *caller, pool *tree[entry], into []*agent) []*agent {
	return onwards(pool, q.pointer, into)
}
