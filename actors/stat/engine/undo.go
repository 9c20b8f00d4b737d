package engine

import (
	"slices"

	"tandem/actors/stat/measure"
)

// undoLog is how the world goes back to what it was: for each epoch, which is a stretch of time, what things and meters
// were before it. A late fact takes the world back to the beginning of its epoch, and all facts since are told again.
type undoLog struct {
	on     bool
	number uint64 // of the epoch; it only rises
	epochs []*epoch
	events int              // of all epochs
	spare  []*measure.Meter // to be used again, as are those that follow
	unused []*epoch
}

// epoch begins when all facts up to base are told and all statuses found. Its events are later.
type epoch struct {
	base   int64
	ids    uint64 // of the world, as it was
	counts Counts
	events []event // in order
	undos  []undo
}

// undo is one thing that was otherwise before.
type undo struct {
	t      *thing
	state  *state // of a thing
	key    actionKey
	action *action // which went on; nil: none
	st     *statistic
	meter  *measure.Meter // of a statistic; nil: it was not open
	last   int64
}

// Limits of the log.
const (
	epochsKept = 64   // beyond them the oldest become one
	epochFacts = 4096 // after so many facts the next epoch begins
	epochParts = 16   // and after this part of the lateness
)

func (w *World) epoch(base int64) {
	l := &w.log
	l.number++
	if l.on {
		l.epochs = append(l.epochs, l.newEpoch(base, w.ids, w.counts))
	}
	if len(l.epochs) > epochsKept {
		first, second := l.epochs[0], l.epochs[1]
		first.undos = append(first.undos, second.undos...) // some twice: the older ones count, as they are undone last
		first.events = append(first.events, second.events...)
		l.epochs = slices.Delete(l.epochs, 1, 2)
		l.reuse(second)
	}
}

// newEpoch makes one, with the room of one that was given up.
func (l *undoLog) newEpoch(base int64, ids uint64, counts Counts) *epoch {
	e := &epoch{}
	if n := len(l.unused); n > 0 {
		e, l.unused = l.unused[n-1], l.unused[:n-1]
	}
	e.base, e.ids, e.counts = base, ids, counts
	return e
}

// reuse gives up an epoch. What it had room for is used again, unless it is much.
func (l *undoLog) reuse(e *epoch) {
	if len(l.unused) >= epochParts || cap(e.events) > 2*epochFacts || cap(e.undos) > 32*epochFacts {
		return
	}
	clear(e.events)
	clear(e.undos)
	e.events, e.undos = e.events[:0], e.undos[:0]
	l.unused = append(l.unused, e)
}

// middle is the time of the event in the middle of all.
func (l *undoLog) middle() int64 {
	n := l.events / 2
	for _, e := range l.epochs {
		if n < len(e.events) {
			return e.events[n].At
		}
		n -= len(e.events)
	}
	return 0
}

func (l *undoLog) add(u undo) {
	e := l.epochs[len(l.epochs)-1]
	e.undos = append(e.undos, u)
}

// keep keeps what a thing is before its first change in an epoch.
func (w *World) keep(t *thing) {
	for _, s := range w.snapshots {
		s.kept.keep(t, (*thing).image)
	}
	if !w.log.on || t.epoch == w.log.number {
		return
	}
	t.epoch = w.log.number
	before := t.state
	w.log.add(undo{t: t, state: &before})
}

// put changes which action goes on.
func (w *World) put(t *thing, key actionKey, a *action) {
	for _, s := range w.snapshots {
		s.kept.keep(t, (*thing).image)
	}
	if w.log.on {
		w.log.add(undo{t: t, key: key, action: t.running[key]})
	}
	t.set(key, a)
}

func (t *thing) set(key actionKey, a *action) {
	switch {
	case a == nil:
		delete(t.running, key)
	case t.running == nil:
		t.running = map[actionKey]*action{key: a}
	default:
		t.running[key] = a
	}
}

// keepMeter keeps what a meter is before its first change in an epoch.
func (w *World) keepMeter(st *statistic) {
	for _, s := range w.snapshots {
		s.meters.keep(st, (*statistic).gauge)
	}
	l := &w.log
	if !l.on || st.epoch == l.number {
		return
	}
	st.epoch = l.number
	u := undo{st: st, last: st.last}
	if st.meter != nil {
		u.meter = l.spareMeter()
		st.meter.Copy(u.meter)
	}
	l.add(u)
}

func (l *undoLog) spareMeter() *measure.Meter {
	n := len(l.spare)
	if n == 0 {
		return new(measure.Meter)
	}
	m := l.spare[n-1]
	l.spare = l.spare[:n-1]
	return m
}

// maxSpare is how many meters are kept to be used again.
const maxSpare = 10000

func (l *undoLog) give(m *measure.Meter) {
	if m != nil && len(l.spare) < maxSpare {
		m.Forget() // its statistic may be closed
		l.spare = append(l.spare, m)
	}
}

// forget drops the epochs that no fact can reach any more: those before the last one that begins before a moment.
func (l *undoLog) forget(horizon int64) {
	n := 0
	for n+1 < len(l.epochs) && l.epochs[n+1].base < horizon {
		l.drop(l.epochs[n])
		n++
	}
	l.epochs = slices.Delete(l.epochs, 0, n)
}

// drop gives up an epoch to which the world will not go back.
func (l *undoLog) drop(e *epoch) {
	for _, u := range e.undos {
		l.give(u.meter)
	}
	l.events -= len(e.events)
	l.reuse(e)
}

// back takes the world back to the last epoch that begins before a moment, and gives when that is, and what was told since.
func (w *World) back(before int64) (base int64, again []event) {
	l := &w.log
	var gone []*epoch
	for {
		n := len(l.epochs) - 1
		e := l.epochs[n]
		for i := len(e.undos) - 1; i >= 0; i-- {
			w.revert(e.undos[i])
		}
		l.epochs = l.epochs[:n]
		gone = append(gone, e)
		base = e.base
		w.ids, w.counts.Ignored = e.ids, e.counts.Ignored
		if base < before || n == 0 {
			break
		}
	}
	for _, e := range slices.Backward(gone) {
		again = append(again, e.events...)
		l.events -= len(e.events)
		l.reuse(e)
	}
	for rank := range w.dirty {
		for _, t := range w.dirty[rank] {
			t.dirty = false
		}
		w.dirty[rank] = w.dirty[rank][:0]
	}
	w.head, w.settled, w.lastSeq = base, true, 0
	w.epoch(base)
	return base, again
}

func (w *World) revert(u undo) {
	switch {
	case u.st != nil:
		if u.st.closed {
			return
		}
		w.log.give(u.st.meter)
		u.st.meter, u.st.last = u.meter, u.last
		w.flag(u.st)
		if u.meter != nil {
			w.due.add(u.st)
		}
	case u.state != nil:
		u.t.state = *u.state
	default:
		u.t.set(u.key, u.action)
	}
}
