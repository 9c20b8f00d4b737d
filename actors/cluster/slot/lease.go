package slot

import (
	"slices"
	"time"
)

// lease is our own session: until when we may act, and how current our watch is.
type lease struct {
	limit  times
	until  time.Time // we act before it
	row    uint64    // revision of the first of the unbroken row of renewals; 0: there is no row
	paused bool      // frozen in the meantime, and not renewed since

	serial  uint64    // of the newest renewal
	flights []renewal // those on which nobody has reported, oldest first
	due     time.Time // of the next one
	failed  bool      // the last one of which we heard did
	newest  uint64    // highest revision of our session's key that we know of, whoever wrote it

	seen     uint64    // highest revision in the watch
	written  []written // our renewals that the watch has not shown yet, oldest first
	fresh    time.Time // start of our newest renewal that the watch has shown
	wasFresh bool
	regained time.Time // since when the watch has been fresh
}

type renewal struct {
	serial  uint64
	expect  uint64
	started time.Time
}

type written struct {
	revision uint64
	started  time.Time
}

// Limits of what is remembered of renewals: when the watch is that far behind, it is not fresh anyway.
const (
	maxFlights = 4
	maxWritten = 8
)

// valid reports that we may act.
func (l *lease) valid(now time.Time) bool { return l.row != 0 && !l.paused && now.Before(l.until) }

// lapse reports that the row is broken just now.
func (l *lease) lapse(now time.Time) bool {
	if l.row == 0 || now.Before(l.until) {
		return false
	}
	l.row = 0
	return true
}

// begin reports that a renewal is due, and notes its start and the revision that it builds on. One without an answer is
// soon followed by another, so that a store that comes back is met at once.
func (l *lease) begin(now time.Time) bool {
	l.flights = slices.DeleteFunc(l.flights, func(r renewal) bool { return now.Sub(r.started) >= l.limit.lost })
	if now.Before(l.due) || len(l.flights) >= maxFlights {
		return false
	}
	l.serial++
	l.flights = append(l.flights, renewal{l.serial, l.newest, now})
	l.due = now.Add(l.limit.again)
	return true
}

// renewed takes the result of a renewal. That of one that was given up says nothing.
func (l *lease) renewed(serial uint64, ok bool, revision uint64, now time.Time) {
	i := slices.IndexFunc(l.flights, func(r renewal) bool { return r.serial == serial })
	if i < 0 {
		return
	}
	started, passed := l.flights[i].started, l.flights[i].expect < l.newest
	l.flights = slices.Delete(l.flights, i, i+1)
	l.failed = !ok && !passed // one that an earlier one has overtaken says nothing of the store
	if !ok {
		if serial == l.serial {
			l.due = started.Add(l.limit.retry)
		}
		return
	}
	if due := started.Add(l.limit.renew); due.After(l.due) {
		l.due = due
	}
	if len(l.written) == maxWritten {
		l.written = l.written[1:] // whoever sees a later one has seen it
	}
	l.written = append(l.written, written{revision, started})
	l.see(0)
	until := started.Add(l.limit.valid)
	if !now.Before(until) {
		return // it was true for a while, and came too late
	}
	if l.row == 0 {
		l.row = revision
	}
	if until.After(l.until) {
		l.until = until
	}
	l.paused = false
}

// knows notes a revision of our session's key. One that was written without our hearing of it was in the way of the
// last renewal, which is tried again at once.
func (l *lease) knows(revision uint64, now time.Time) {
	if revision <= l.newest {
		return
	}
	l.newest = revision
	if l.failed && l.due.After(now) {
		l.due = now
	}
}

// see notes how far the watch has come.
func (l *lease) see(revision uint64) {
	l.seen = max(l.seen, revision)
	kept := l.written[:0]
	for _, w := range l.written {
		switch {
		case w.revision > l.seen:
			kept = append(kept, w)
		case w.started.After(l.fresh):
			l.fresh = w.started
		}
	}
	l.written = kept
}

// watch looks whether our watch is current enough to judge others.
func (l *lease) watch(now time.Time) {
	is := l.isFresh(now)
	if is && !l.wasFresh {
		l.regained = now
	}
	l.wasFresh = is
}

func (l *lease) isFresh(now time.Time) bool {
	return !l.fresh.IsZero() && now.Sub(l.fresh) <= l.limit.fresh
}

// thaw forgets what was believed before the process stood still; lost is time that our clock did not count.
func (l *lease) thaw(lost time.Duration, now time.Time) {
	l.due = now
	l.until = l.until.Add(-lost)
	l.paused = true
	l.flights, l.fresh, l.written = nil, time.Time{}, nil
}
