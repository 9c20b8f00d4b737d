package engine

import (
	"errors"
	"io"

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
}

// Errors of a world.
var (
	ErrUnknown = errors.New("stat: there is no such statistic")
	ErrLimit   = errors.New("stat: the limit is reached")
)

// World is all that facts have told so far.
type World struct{ options Options }

// New makes a world in which nothing has happened.
func New(o Options) *World { return &World{options: o} }

// Apply takes a fact. An error says that it makes no sense; nothing has changed then.
func (w *World) Apply(Fact) error { return nil }

// Open begins a statistic, or goes on with it where one of that id, object and definition is open already. Warnings say
// what of the definition has no effect.
func (w *World) Open(id string, o Object, d measure.Definition, at int64) (warnings []string, err error) {
	_, warnings, err = measure.Open(d, at)
	return warnings, err
}

// Close ends a statistic.
func (w *World) Close(id string) {}

// Value is what a statistic comes to.
type Value struct {
	measure.Value
	At       int64 // for when it is; not before the last fact
	Valid    bool  // all sources of its object can be reached
	Complete int64 // since when facts are counted: its opening, or the beginning of its interval if that is later
	LastFact int64 // when the last fact was that touched it; 0: none has
}

// Value is the value at a moment, which is not before the last fact.
func (w *World) Value(id string, at int64) (Value, error) { return Value{}, ErrUnknown }

// Explanation says how a value comes about.
type Explanation struct{ Value Value }

// Explain says how the value at a moment comes about.
func (w *World) Explain(id string, at int64) (Explanation, error) { return Explanation{}, ErrUnknown }

// Final is the value of a statistic at the end of its interval.
type Final struct {
	ID    string
	Value Value
}

// Advance does the resets that are due up to a moment, and gives the values before them. Each is given once.
func (w *World) Advance(at int64) []Final { return nil }

// Next is when the next reset is due; 0: never.
func (w *World) Next() int64 { return 0 }

// Changed are the ids of the statistics that facts have touched since the last call, in order.
func (w *World) Changed() []string { return nil }

// Save writes the world, all facts taken and all statistics. Load reads it on whatever processor.
func (w *World) Save(io.Writer) error { return nil }

// Load reads what Save has written.
func Load(io.Reader, Options) (*World, error) { return nil, errors.ErrUnsupported }

// Take moves statistics from another world that has been told the same facts.
func (w *World) Take(from *World, ids []string) {}
