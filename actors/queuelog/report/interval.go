package report

import (
	"cmp"
	"slices"
)

// interval is a stretch of time in seconds since 1970.
type interval struct{ start, end int64 }

// union joins what overlaps or touches, and gives how long all of it is. It sorts what it is given.
func union(all []interval) (joined []interval, length int64) {
	slices.SortFunc(all, func(a, b interval) int { return cmp.Or(cmp.Compare(a.start, b.start), cmp.Compare(a.end, b.end)) })
	for _, i := range all {
		if n := len(joined); n > 0 && i.start <= joined[n-1].end {
			joined[n-1].end = max(joined[n-1].end, i.end)
			continue
		}
		joined = append(joined, i)
	}
	for _, i := range joined {
		length += i.end - i.start
	}
	return joined, length
}
