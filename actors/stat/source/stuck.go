package source

import (
	"cmp"
	"maps"
	"math"
	"slices"

	"tandem/actors/stat/engine"
)

// What becomes of calls whose end was never told (ruling D-22): every action of them that goes on ends, and its object is
// told so by an action of its own. They are no handled calls, so that no average of these has them.
var (
	stuckCleaned      = name("StuckCallCleaned")
	stuckWhileRinging = name("StuckCallCleanedWhileRinging")
)

// silent are calls of which nothing was heard since a moment, the oldest first. Few are, of many that go on.
func (f *Feed) silent(before int64, most int) (all []string) {
	if len(f.Calls) > 0 && f.quiet >= before { // as long as the one that is the most silent was heard of later
		return nil
	}
	f.quiet = math.MaxInt64
	for conn, c := range f.Calls {
		if f.quiet = min(f.quiet, c.Heard); c.Heard < before {
			all = append(all, conn)
		}
	}
	slices.SortFunc(all, func(a, b string) int {
		return cmp.Or(cmp.Compare(f.Calls[a].Heard, f.Calls[b].Heard), cmp.Compare(a, b))
	})
	return all[:min(len(all), most)]
}

// hear notes when a call was heard of.
func (f *Feed) hear(c *call, at int64) {
	c.Heard = at
	f.quiet = min(f.quiet, at) // the clock of the member that takes the lines may be another one's now
}

// stuck cleans calls away, unless they were heard of since that was found.
func (f *Feed) stuck(b *Batch) {
	for _, conn := range b.Conns {
		if c := f.Calls[conn]; c != nil && c.Heard <= b.Arrived {
			f.clean(conn, f.Latest)
		}
	}
}

// clean cleans a call away.
func (f *Feed) clean(conn string, at int64) {
	c := f.Calls[conn]
	for len(c.Actions) > 0 {
		a := c.Actions[0]
		f.stop(c, 0, at)
		f.happens(object(a.Object), stuckCleaned, at, at-a.Since, c)
	}
	for _, key := range slices.Sorted(maps.Keys(c.Parties)) {
		if p := c.Parties[key]; p.Phase == ringing && p.Queue != "" {
			f.happens(object(p.Queue), stuckWhileRinging, at, c.since(object(p.Queue), at), c)
		}
	}
	delete(f.Calls, conn)
}

// registered: a device is watched, or again. Where the source says which calls are there, others are not.
func (f *Feed) registered(t *told) {
	o := f.objectOf(t)
	f.own(o, t.at)
	f.place(o, t)
	f.serve(t, false)
	if t.Conns == nil {
		return
	}
	key := o.String()
	for _, conn := range slices.Sorted(maps.Keys(f.there[key])) {
		c := f.Calls[conn]
		if slices.Contains(*t.Conns, conn) {
			f.hear(c, t.arrived)
			continue
		}
		f.cleanAt(c, o, t.at)
		delete(c.Parties, key)
		f.over(conn)
	}
}

// cleanAt cleans away what of a call goes on at one object.
func (f *Feed) cleanAt(c *call, o engine.Object, at int64) {
	key := o.String()
	if p := c.Parties[key]; p != nil && p.Phase == ringing && p.Queue != "" {
		f.happens(object(p.Queue), stuckWhileRinging, at, c.since(object(p.Queue), at), c)
	}
	for i := 0; i < len(c.Actions); {
		a := c.Actions[i]
		if a.Object != key {
			i++
			continue
		}
		f.stop(c, i, at)
		f.happens(o, stuckCleaned, at, at-a.Since, c)
	}
}
