package engine

import (
	"container/heap"
	"math"
)

// schedule has the resets of statistics, the next one first. What is not so any more is passed over.
type schedule struct{ all dues }

type due struct {
	at int64
	st *statistic
}

type dues []due

func (d dues) Len() int           { return len(d) }
func (d dues) Less(i, j int) bool { return d[i].at < d[j].at }
func (d dues) Swap(i, j int)      { d[i], d[j] = d[j], d[i] }
func (d *dues) Push(x any)        { *d = append(*d, x.(due)) }
func (d *dues) Pop() any {
	last := len(*d) - 1
	x := (*d)[last]
	(*d)[last] = due{}
	*d = (*d)[:last]
	return x
}

// add notes the next reset of a statistic.
func (s *schedule) add(st *statistic) {
	if at := st.meter.Next(); at != 0 && at != st.scheduled {
		st.scheduled = at
		heap.Push(&s.all, due{at, st})
	}
}

// next is the next reset; at the end of time: there is none.
func (s *schedule) next() (at int64, st *statistic) {
	for len(s.all) > 0 {
		d := s.all[0]
		if !d.st.closed && d.st.meter != nil && d.st.meter.Next() == d.at {
			return d.at, d.st
		}
		s.pop()
	}
	return math.MaxInt64, nil
}

func (s *schedule) pop() {
	if d := heap.Pop(&s.all).(due); d.st.scheduled == d.at {
		d.st.scheduled = 0
	}
}
