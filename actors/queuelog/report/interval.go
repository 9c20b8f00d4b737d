package report

import (
	"cmp"
	"slices"
)

// Interval is a stretch of time in seconds since 1970; its end is no part of it.
type Interval struct{ Start, End int64 }

// Union joins what overlaps or touches, and gives how long all of it is, in seconds. It sorts what it is given.
func Union(all []Interval) (joined []Interval, length int64) {
	slices.SortFunc(all, func(a, b Interval) int { return cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(a.End, b.End)) })
	for _, i := range all {
		if n := len(joined); n > 0 && i.Start <= joined[n-1].End {
			joined[n-1].End = max(joined[n-1].End, i.End)
			continue
		}
		joined = append(joined, i)
	}
	for _, i := range joined {
		length += i.End - i.Start
	}
	return joined, length
}
