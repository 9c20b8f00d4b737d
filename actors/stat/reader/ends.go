package reader

import (
	"container/heap"
	"slices"
)

// ends are registrations by account, and in the order of their ends: who looks each second which have run out must not look at
// all of them.
type ends struct {
	by    map[string]*ending
	order byEnd
}

// ending is a registration in that order.
type ending struct {
	registration
	account string
	place   int
}

// byEnd is a heap: those that end before one end before those below it.
type byEnd []*ending

func newEnds() *ends { return &ends{by: map[string]*ending{}} }

// note keeps how an account is registered now.
func (e *ends) note(account string, r registration) {
	if x := e.by[account]; x != nil {
		x.registration = r
		heap.Fix(&e.order, x.place)
		return
	}
	x := &ending{registration: r, account: account}
	e.by[account] = x
	heap.Push(&e.order, x)
}

// drop forgets it; false: it was not registered.
func (e *ends) drop(account string) bool {
	x := e.by[account]
	if x == nil {
		return false
	}
	delete(e.by, account)
	heap.Remove(&e.order, x.place)
	return true
}

// over are those that ended before a moment, the first ones first; at most some. It looks at few others.
func (e *ends) over(before int64, most int) (all []*ending) {
	for edge := []int{0}; len(edge) > 0 && len(all) < most; {
		first := 0
		for i, at := range edge {
			if at < len(e.order) && (edge[first] >= len(e.order) || e.order.Less(at, edge[first])) {
				first = i
			}
		}
		at := edge[first]
		if at >= len(e.order) || e.order[at].Until >= before {
			break // and so do all others
		}
		all = append(all, e.order[at])
		edge = append(slices.Delete(edge, first, first+1), 2*at+1, 2*at+2)
	}
	return all
}

// Len implements heap.Interface.
func (h byEnd) Len() int { return len(h) }

// Less implements heap.Interface.
func (h byEnd) Less(i, j int) bool { return h[i].Until < h[j].Until }

// Swap implements heap.Interface.
func (h byEnd) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].place, h[j].place = i, j
}

// Push implements heap.Interface.
func (h *byEnd) Push(x any) {
	e := x.(*ending)
	e.place = len(*h)
	*h = append(*h, e)
}

// Pop implements heap.Interface.
func (h *byEnd) Pop() any {
	last := len(*h) - 1
	e := (*h)[last]
	(*h)[last] = nil
	*h = (*h)[:last]
	return e
}
