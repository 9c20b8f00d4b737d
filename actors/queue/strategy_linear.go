package queue

// linear rings in the order of the settings, for each caller from the top: who has not answered is followed by the
// next one.
var linear = strategy{name: "linear", metric: byPosition, choose: fromOwnPointer}

func fromOwnPointer(_ *Queue, c *caller, pool *tree[entry], into []*agent) []*agent {
	return onwards(pool, c.pointer, into)
}
