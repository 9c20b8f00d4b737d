package engine

import "tandem/actors/stat/measure"

// Explanation says how a value comes about.
type Explanation struct{ Value Value }

// Explain says how the value at a moment comes about.
func (w *World) Explain(id string, at int64) (e Explanation, err error) {
	e.Value, err = w.Value(id, at)
	return e, err
}

// trace is a fact that is over.
type trace struct{}

func (w *World) trace(t *thing, s measure.Subject, f *measure.Fact, with *Attached) {}
