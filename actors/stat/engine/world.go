package engine

import (
	"cmp"
	"errors"
	"math"
	"slices"
	"strings"

	"tandem/actors/stat/measure"
)

// Options of a world; what is zero has its default.
type Options struct {
	// Lateness is for how long, in milliseconds of facts' time, a fact may come after later ones and still be counted where
	// it belongs. One that is later yet counts at the earliest moment that still can be changed. Default 2000; below zero: none.
	Lateness int64
	Limits   Limits
}

// Limits of a world; what is zero has its default.
type Limits struct {
	Objects    int // default 1,000,000
	Statistics int // default 1,000,000
	Actions    int // that go on at one object, default 100,000
	Members    int // of one object, default 100,000
	Recent     int // facts that are kept since late ones may come before them, default 300,000; beyond it fewer may be late
}

// DefaultLateness is for how long a fact may come after later ones, in milliseconds.
const DefaultLateness = 2000

func (l Limits) orDefault() Limits {
	return Limits{cmp.Or(l.Objects, 1000000), cmp.Or(l.Statistics, 1000000), cmp.Or(l.Actions, 100000), cmp.Or(l.Members, 100000),
		cmp.Or(l.Recent, 300000)}
}

// Errors of a world.
var (
	ErrUnknown = errors.New("stat: there is no such statistic")
	ErrLimit   = errors.New("stat: the limit is reached")
)

// Counts are what became of facts that were not as expected.
type Counts struct {
	Late    uint64 // later than allowed
	Ignored uint64 // ends of what does not go on, beginnings of what does, what is beyond a limit
}

// World is all that facts have told so far. It is for one goroutine at a time.
type World struct {
	lateness   int64
	limits     Limits
	things     map[Object]*thing
	agents     []*thing
	virtual    []*thing // groups that have had an expression
	statistics map[string]*statistic
	plans      map[string]*prepared // of open statistics, by definition
	counts     Counts

	head    int64  // the moment to which facts are told
	settled bool   // its statuses were told: a fact of the same moment is late
	lastSeq uint64 // of the last fact of the moment
	latest  int64  // moment of the latest fact
	floor   int64  // no fact may be before it
	ids     uint64 // of actions and statuses
	dirty   [3][]*thing

	snapshots []*Snapshot // that are being written

	log     undoLog
	queue   []event // late ones and those after them, not told yet
	due     schedule
	finals  []Final
	changed []*statistic
}

// New makes a world in which nothing has happened.
func New(o Options) *World {
	w := &World{lateness: cmp.Or(o.Lateness, DefaultLateness), limits: o.Limits.orDefault(), things: map[Object]*thing{},
		statistics: map[string]*statistic{}, plans: map[string]*prepared{}, head: -1}
	w.log.on = w.lateness > 0
	w.epoch(w.head)
	return w
}

// Value is what a statistic comes to.
type Value struct {
	measure.Value
	At       int64 // for when it is; not before the last fact
	Valid    bool  // all sources of its object can be reached
	Complete int64 // since when facts are counted: its opening, or the beginning of its interval if that is later
	LastFact int64 // when the last fact was that touched it; 0: none has
}

// Value is the value at a moment. A moment before the last fact is that of the last fact.
func (w *World) Value(id string, at int64) (v Value, err error) {
	st := w.statistics[id]
	if st == nil {
		return v, ErrUnknown
	}
	w.advance(at)
	w.settle()
	if st.meter == nil { // it is opened at a moment that has not come yet
		w.advance(st.opens)
	}
	return w.value(st, max(at, w.head)), nil
}

func (w *World) value(st *statistic, at int64) Value {
	if st.meter == nil {
		return Value{At: at, Valid: st.on.lostUnder == 0}
	}
	v := st.meter.Value(at)
	return Value{Value: v, At: at, Valid: st.on.lostUnder == 0 || st.plan.IsState(), Complete: max(v.Since, st.opens), LastFact: st.last}
}

// Final is the value of a statistic at the end of its interval.
type Final struct {
	ID    string
	Value Value
}

// Advance does the resets that are due up to a moment, and gives the values before them in order. Each is given once.
func (w *World) Advance(at int64) []Final {
	w.advance(at)
	all := w.finals
	w.finals = nil
	for _, f := range all {
		if st := w.statistics[f.ID]; st != nil {
			st.reported = max(st.reported, f.Value.At)
		}
	}
	slices.SortStableFunc(all, func(a, b Final) int {
		return cmp.Or(cmp.Compare(a.Value.At, b.Value.At), strings.Compare(a.ID, b.ID))
	})
	return all
}

// Next is when the next reset is due; 0: never.
func (w *World) Next() int64 {
	w.flush()
	at, _ := w.due.next()
	if at == math.MaxInt64 {
		return 0
	}
	return at
}

// Changed are the ids of the statistics whose values may be others since the last call, in order.
func (w *World) Changed() (ids []string) {
	w.flush()
	w.settle()
	for _, st := range w.changed {
		st.flagged = false
		if !st.closed {
			ids = append(ids, st.id)
		}
	}
	clear(w.changed) // those that are closed meanwhile are to be forgotten
	w.changed = w.changed[:0]
	slices.Sort(ids)
	return ids
}

// Counts are what became of facts that were not as expected. A late one may count several times.
func (w *World) Counts() Counts { return w.counts }

// Objects is how many objects are known: facts have named them, or statistics are open over them.
func (w *World) Objects() int { return len(w.things) }
