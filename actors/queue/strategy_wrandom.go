package queue

import "math"

// wrandom rings anybody; an agent's penalty makes him rarer: each draws a number up to 1 + penalty, and the lowest
// one is taken.
var wrandom = strategy{name: "wrandom", metric: nothing, choose: drawn}

// drawn draws once for each group of equals: the least of n numbers up to 1 is distributed as 1-(1-u)^(1/n).
func drawn(q *Queue, _ *caller, pool *tree[entry], into []*agent) []*agent {
	best, lowest := 0, math.Inf(1)
	first, _ := pool.first()
	for from := 0; from < pool.Len(); {
		_, to := group(pool, from)
		e, _ := pool.at(from)
		if e.level != first.level {
			break
		}
		n := float64(to - from)
		if x := (1 - math.Pow(1-q.dice.Float64(), 1/n)) * float64(1+e.penalty); x < lowest {
			lowest, best = x, from+q.dice.IntN(to-from)
		}
		from = to
	}
	e, _ := pool.at(best)
	return append(into, e.agent)
}
