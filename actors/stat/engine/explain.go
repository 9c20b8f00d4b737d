package engine

import (
	"fmt"

	"tandem/actors/stat/measure"
)

// trace is a fact that is over, kept for Explain.
type trace struct {
	subject    measure.Subject
	name       measure.Name
	start, end int64
	instant    bool
	conn       string
	from       Object
	with       *Attached
}

// tracesKept is of how many facts that are over an object keeps the traces, if statistics over it are open.
const tracesKept = 32

// trace keeps a fact that is over at an object, and at all to which it belongs.
func (w *World) trace(t *thing, s measure.Subject, f *measure.Fact, with *Attached) {
	w.trace1(t, t, s, f, with)
	for _, l := range t.above {
		w.trace1(l.to, t, s, f, with)
	}
}

// trace1 adds behind; what was before is in an array that older states may have too.
func (w *World) trace1(t, from *thing, s measure.Subject, f *measure.Fact, with *Attached) {
	cares := false
	for _, st := range t.statistics(s) {
		cares = cares || st.plan.Cares(f.Name)
	}
	if !cares {
		return
	}
	w.keep(t)
	start := f.At
	instant := f.ID == 0
	if instant {
		start = f.At - f.Length
	}
	if len(t.traces) == 2*tracesKept {
		t.traces = append(make([]trace, 0, 2*tracesKept), t.traces[tracesKept:]...)
	}
	t.traces = append(t.traces, trace{s, f.Name, start, w.head, instant, f.Conn, from.Object, with})
}

// Explanation says how a value comes about.
type Explanation struct {
	Value      Value              `json:"-"` // this and the next two stand beside an explanation that is written
	Object     Object             `json:"-"`
	Definition measure.Definition `json:"-"`
	measure.Account
	Facts []FactBehind `json:"facts"` // some of those that count, the last ones last
}

// FactBehind is a fact that counts.
type FactBehind struct {
	Name    string `json:"name"`
	Object  Object `json:"object"`            // at which it was
	From    int64  `json:"from"`              // ms since 1970
	Until   int64  `json:"until"`             // now, where it goes on
	Running bool   `json:"running,omitempty"` // it goes on
	Instant bool   `json:"instant,omitempty"`
	Conn    string `json:"conn,omitempty"`
}

// Explain says how the value at a moment comes about.
func (w *World) Explain(id string, at int64) (e Explanation, err error) {
	if e.Value, err = w.Value(id, at); err != nil {
		return e, err
	}
	st := w.statistics[id]
	e.Object, e.Definition = st.on.Object, st.plan.Definition()
	if st.meter == nil {
		return e, nil
	}
	e.Account = st.meter.Account(e.Value.At)
	for _, tr := range st.on.traces {
		counts := tr.subject == e.Definition.Subject && st.plan.Cares(tr.name) && e.Definition.Filter.Holds(tr.with) && tr.end >= e.Value.Since
		if counts {
			e.Facts = append(e.Facts, FactBehind{Name: tr.name.String(), Object: tr.from, From: tr.start, Until: tr.end, Instant: tr.instant,
				Conn: tr.conn})
		}
	}
	if n := len(e.Facts); n > tracesKept {
		e.Facts = e.Facts[n-tracesKept:]
	}
	for _, f := range st.meter.Running(tracesKept) {
		e.Facts = append(e.Facts, FactBehind{Name: f.Name.String(), Object: w.whose(st.on, f), From: f.At, Until: e.Value.At, Running: true,
			Conn: f.Conn})
	}
	return e, nil
}

// whose is the object at which a fact goes on.
func (w *World) whose(on *thing, f *measure.Fact) Object {
	for _, t := range append([]*thing{on}, on.below()...) {
		if t.status == f {
			return t.Object
		}
		for _, a := range t.running {
			if a.fact == f {
				return t.Object
			}
		}
	}
	return on.Object
}

type savedTrace struct {
	Subject string
	Name    string
	Start   int64
	End     int64
	Instant bool      `json:",omitempty"`
	Conn    string    `json:",omitempty"`
	From    Object    `json:",omitzero"`
	With    *Attached `json:",omitempty"`
}

func saveTraces(all []trace) (saved []savedTrace) {
	for _, t := range all {
		saved = append(saved, savedTrace{t.subject.String(), t.name.String(), t.start, t.end, t.instant, t.conn, t.from, t.with})
	}
	return saved
}

func loadTraces(saved []savedTrace) (all []trace, err error) {
	for _, s := range saved {
		name, ok := measure.ParseName(s.Name)
		subject, err := measure.ParseSubject(s.Subject)
		if !ok || err != nil {
			return nil, fmt.Errorf("%q is no action or status of %q", s.Name, s.Subject)
		}
		all = append(all, trace{subject, name, s.Start, s.End, s.Instant, s.Conn, s.From, s.With})
	}
	return all, nil
}
