package engine

import "tandem/actors/stat/measure"

// tell tells the statistics over an object, and over all that it belongs to, of the beginning of an action or status.
func (w *World) tell(t *thing, s measure.Subject, f *measure.Fact, with *Attached) {
	w.begin1(t, s, f, with, f.At)
	for _, up := range t.above {
		w.begin1(up.to, s, f, with, f.At)
	}
}

// untell tells them that it is over.
func (w *World) untell(t *thing, above []link, s measure.Subject, f *measure.Fact) {
	w.end1(t, s, f)
	for _, up := range above {
		w.end1(up.to, s, f)
	}
}

// retell tells them that other attributes are attached to it.
func (w *World) retell(t *thing, above []link, s measure.Subject, f *measure.Fact, with *Attached) {
	w.change1(t, s, f, with)
	for _, up := range above {
		w.change1(up.to, s, f, with)
	}
}

func (w *World) begin1(t *thing, s measure.Subject, f *measure.Fact, with *Attached, from int64) {
	for _, st := range t.statistics(s) {
		if st.plan.Cares(f.Name) && w.touch(st) {
			st.meter.Begin(f, with, from)
		}
	}
}

func (w *World) end1(t *thing, s measure.Subject, f *measure.Fact) {
	for _, st := range t.statistics(s) {
		if st.plan.Cares(f.Name) && w.touch(st) {
			st.meter.End(f.ID, w.head)
		}
	}
}

func (w *World) change1(t *thing, s measure.Subject, f *measure.Fact, with *Attached) {
	for _, st := range t.statistics(s) {
		if st.plan.Cares(f.Name) && w.touch(st) {
			st.meter.Change(f.ID, with, w.head)
		}
	}
}

func (w *World) happen1(t *thing, f *measure.Fact) {
	for _, st := range t.statistics(measure.DNAction) {
		if st.plan.Cares(f.Name) && w.touch(st) {
			st.meter.Happen(f)
		}
	}
}

func (t *thing) statistics(s measure.Subject) []*statistic {
	if t.open == nil {
		return nil
	}
	return t.open[s]
}
