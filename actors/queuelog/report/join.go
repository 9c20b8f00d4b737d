package report

import (
	"cmp"
	"slices"
)

// Call is all that one caller has gone through on one server: his stints in several queues, in order (reference
// queuelog.md 2.2, multi-stint).
type Call struct {
	Partition, CallID string
	Stints            []*Stint
}

// Join makes calls of stints. Who waits or talks still is there too; calls to the outside are calls of one stint.
func Join(all []*Stint) (calls []Call) {
	slices.SortStableFunc(all, func(a, b *Stint) int {
		return cmp.Or(cmp.Compare(a.Partition, b.Partition), cmp.Compare(a.CallID, b.CallID), cmp.Compare(a.Enter, b.Enter))
	})
	for _, s := range all {
		if n := len(calls); n > 0 && calls[n-1].Partition == s.Partition && calls[n-1].CallID == s.CallID {
			calls[n-1].Stints = append(calls[n-1].Stints, s)
			continue
		}
		calls = append(calls, Call{s.Partition, s.CallID, []*Stint{s}})
	}
	slices.SortStableFunc(calls, func(a, b Call) int { return cmp.Compare(a.Stints[0].Enter, b.Stints[0].Enter) })
	return calls
}

// Stint is the call as if it were one: it entered the first queue, was answered if it was in any, and was lost as in the
// last.
func (c Call) Stint() Stint {
	one := *c.Stints[0]
	one.Wait, one.Talk = 0, Unknown
	for _, s := range c.Stints {
		one.Wait += max(s.Wait, 0)
		one.End, one.Estimated = s.End, one.Estimated || s.Estimated
		if s.State == Answered || s.State == Talking {
			one.Agent, one.Connect, one.Ring = s.Agent, s.Connect, s.Ring
			one.State, one.Cause, one.Talk = s.State, s.Cause, addTalk(one.Talk, s.Talk)
		} else if one.State != Answered && one.State != Talking {
			one.State, one.Cause, one.Last, one.Key = s.State, s.Cause, s.Last, s.Key
		}
	}
	return one
}

func addTalk(a, b int64) int64 {
	if a == Unknown || b == Unknown {
		return max(a, b)
	}
	return a + b
}
