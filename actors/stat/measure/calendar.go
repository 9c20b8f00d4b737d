package measure

import (
	"slices"
	"time"
)

// calendar answers when a Growing profile resets, and keeps the resets of a few days: to find those of one day anew takes
// long where there are many. It is for one goroutine at a time.
type calendar struct {
	resets []int64 // in order, of the days around those asked for
}

// around makes sure that the calendar has a reset at or before a moment, and one behind it.
func (c *calendar) around(p *Profile, at int64) bool {
	if p.Kind != Growing || len(p.Resets) == 0 {
		return false
	}
	if n := len(c.resets); n > 1 && c.resets[0] <= at && at < c.resets[n-1] {
		return true
	}
	day := time.UnixMilli(at).In(p.zone())
	c.resets = c.resets[:0]
	for ahead := -2; ahead <= 2; ahead++ {
		for _, t := range p.day(day.AddDate(0, 0, ahead)) {
			if n := len(c.resets); n == 0 || t > c.resets[n-1] {
				c.resets = append(c.resets, t)
			}
		}
	}
	n := len(c.resets)
	return n > 1 && c.resets[0] <= at && at < c.resets[n-1]
}

// begun and next are as those of the profile.
func (c *calendar) begun(p *Profile, at int64) int64 {
	if !c.around(p, at) {
		return p.Begun(at)
	}
	i, known := slices.BinarySearch(c.resets, at)
	if known {
		return at
	}
	return c.resets[i-1]
}

func (c *calendar) next(p *Profile, at int64) int64 {
	if !c.around(p, at) {
		return p.Next(at)
	}
	i, known := slices.BinarySearch(c.resets, at)
	if known {
		i++
	}
	return c.resets[i]
}
