package engine

import (
	"cmp"
	"math"
	"slices"

	"tandem/actors/stat/filter"
)

// event is a fact with the objects that it is about, or the opening of a statistic.
type event struct {
	Fact
	thing, other *thing
	expression   *filter.Group
	open         *statistic
}

// order is that of time; at one moment statistics are opened first, for what happens at the opening counts.
func (e *event) order(o *event) int {
	if c := cmp.Compare(e.At, o.At); c != 0 {
		return c
	}
	if (e.open == nil) != (o.open == nil) {
		if e.open != nil {
			return -1
		}
		return 1
	}
	return cmp.Compare(e.Seq, o.Seq)
}

// horizon is the earliest moment at which a fact can still count.
func (w *World) horizon() int64 {
	if !w.log.on {
		return max(w.head, 0)
	}
	return max(w.latest-w.lateness, w.floor, 0)
}

// Apply takes a fact. An error says that it makes no sense; nothing has changed then.
func (w *World) Apply(f Fact) error {
	e, err := w.check(f)
	if err != nil {
		return err
	}
	if h := w.horizon(); e.At < h {
		e.At = h
		w.counts.Late++
	}
	w.latest = max(w.latest, e.At)
	w.take(e)
	return nil
}

// maxQueue is how many facts wait behind a late one until the world goes back to its moment; a question does not wait.
const maxQueue = 4096

func (w *World) take(e event) {
	if len(w.queue) == 0 && w.inOrder(&e) {
		w.fold(&e)
		w.remember(e)
		return
	}
	if w.queue = append(w.queue, e); len(w.queue) >= maxQueue {
		w.flush()
	}
}

// inOrder tells whether nothing has been told yet that comes after an event.
func (w *World) inOrder(e *event) bool {
	if !w.log.on || e.At > w.head {
		return true
	}
	return e.At == w.head && !w.settled && e.open == nil && e.Seq >= w.lastSeq
}

// flush tells what waits. Where it is late, the world goes back to before it, and everything since is told again.
func (w *World) flush() {
	if len(w.queue) == 0 {
		return
	}
	all := w.queue
	w.queue = nil
	slices.SortStableFunc(all, func(a, b event) int { return a.order(&b) })
	if !w.inOrder(&all[0]) {
		again := w.rewind(all[0].At)
		all = append(slices.Clone(again), all...)
		slices.SortStableFunc(all, func(a, b event) int { return a.order(&b) })
	}
	for i := range all {
		w.fold(&all[i])
		w.remember(all[i])
	}
}

// rewind takes the world back to before a moment, and gives what was told since.
func (w *World) rewind(before int64) []event {
	base, again := w.back(before)
	w.finals = slices.DeleteFunc(w.finals, func(f Final) bool { return f.Value.At > base })
	return again
}

// remember keeps an event as long as late ones may come before it.
func (w *World) remember(e event) {
	if !w.log.on {
		return
	}
	l := &w.log
	last := l.epochs[len(l.epochs)-1]
	last.events = append(last.events, e)
	if l.events++; l.events > w.limits.Recent {
		w.floor = l.middle()
		l.forget(w.horizon())
	}
}

// moveTo ends the moment to which the world has come, and goes on to another one. Resets are before what happens at the
// same moment.
func (w *World) moveTo(at int64) {
	w.settle()
	if w.log.on {
		e := w.log.epochs[len(w.log.epochs)-1]
		if at-e.base >= w.lateness/epochParts || len(e.events) >= epochFacts {
			w.epoch(w.head)
			w.log.forget(w.horizon())
		}
	}
	w.reset(at)
	w.head, w.settled, w.lastSeq = at, false, 0
}

// reset begins the intervals anew whose end has come.
func (w *World) reset(until int64) {
	for {
		at, st := w.due.next()
		if at > until {
			return
		}
		w.due.pop()
		w.keepMeter(st)
		w.flag(st)
		for _, f := range st.meter.Advance(at) {
			if f.At > st.reported {
				v := Value{Value: f.Value, At: f.At, Valid: st.on.lostUnder == 0, Complete: max(f.Value.Since, st.opens), LastFact: st.last}
				w.finals = append(w.finals, Final{st.id, v})
			}
		}
		w.due.add(st)
	}
}

// advance goes to the last reset that is due up to a moment.
func (w *World) advance(at int64) {
	w.flush()
	for {
		due, _ := w.due.next()
		if due > at || due == math.MaxInt64 {
			return
		}
		w.moveTo(due)
	}
}

// fold tells an event.
func (w *World) fold(e *event) {
	if e.At > w.head {
		w.moveTo(e.At)
	}
	w.lastSeq = e.Seq
	if e.open != nil {
		w.opened(e.open)
		return
	}
	t := e.thing
	w.bear(t)
	switch key := (actionKey{e.Name, e.Key}); e.What {
	case Begin:
		w.begin(t, key, e.Conn, e.With)
	case End:
		w.end(t, key)
	case Change:
		w.change(t, key, e.With)
	case Happen:
		w.happen(t, &e.Fact)
	default:
		w.relate(e)
	}
}

// relate tells an event that is about more than one object, or about what an object is.
func (w *World) relate(e *event) {
	t := e.thing
	switch e.What {
	case Login:
		w.bear(e.other)
		w.login(t, e.other)
	case Logout:
		w.logout(t, e.other)
	case Join, Leave:
		if e.other.Type == GroupAgents {
			w.enlist(t, e.other, e.What == Join)
		} else if e.What == Join {
			w.join(t, e.other)
		} else {
			w.leave(t, e.other)
		}
	case Skill:
		w.skill(t, e.Key, e.Level)
	case Expression:
		w.express(t, e.expression)
	case Lost, Found:
		w.lose(t, e.What == Lost)
	}
}
