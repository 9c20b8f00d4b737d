package engine

import (
	"slices"

	"tandem/actors/stat/filter"
	"tandem/actors/stat/measure"
)

// Take moves statistics from another world that has been told the same facts. They go on as if they had been here from
// their beginning; one of the same id that is open here is dropped. Ids that from does not have are passed over.
func (w *World) Take(from *World, ids []string) {
	mine, theirs := w.toBase(), from.toBase()
	common := max(w.head, from.head)
	mine, theirs = w.upTo(mine, common), from.upTo(theirs, common)
	later := map[*statistic]Fact{} // those that are opened later than the common moment
	for _, e := range theirs {
		if e.open != nil {
			later[e.open] = e.Fact
		}
	}
	finals := map[string][]Final{}
	for _, f := range from.finals {
		finals[f.ID] = append(finals[f.ID], f)
	}
	for _, id := range ids {
		st := from.statistics[id]
		if st == nil {
			continue
		}
		if moved := w.adopt(st, finals[id]); moved != nil {
			if f, ok := later[st]; ok {
				mine = append(mine, event{Fact: f, open: moved})
			}
		}
		from.Close(id)
	}
	slices.SortStableFunc(mine, func(a, b event) int { return a.order(&b) })
	w.redo(mine)
	from.redo(theirs)
}

// upTo tells what was up to a moment, before which no fact can come any more, and gives the rest.
func (w *World) upTo(all []event, moment int64) []event {
	n := 0
	for n < len(all) && all[n].At <= moment {
		w.fold(&all[n])
		n++
	}
	if w.head < moment {
		w.moveTo(moment)
	}
	w.settle()
	for _, e := range w.log.epochs {
		w.log.drop(e)
	}
	w.log.epochs, w.settled = nil, true
	w.epoch(moment)
	return slices.Clone(all[n:])
}

// adopt puts a statistic of another world at the same moment into this one, with values of it that are not given yet.
func (w *World) adopt(st *statistic, finals []Final) *statistic {
	t, err := w.thing(st.on.Object)
	if err != nil {
		return nil
	}
	w.Close(st.id)
	moved := &statistic{id: st.id, on: t, plan: st.plan, text: st.text, warnings: st.warnings, seed: st.seed, last: st.last, opens: st.opens, reported: st.reported}
	if st.meter != nil {
		same := w.counterparts(st.on)
		moved.meter, err = st.plan.Load(st.meter.Save(), func(id uint64) (*measure.Fact, filter.Attributes) {
			if a, ok := same[id]; ok {
				return a.fact, a.with
			}
			return nil, nil
		})
		if err != nil {
			return nil
		}
		w.due.add(moved)
	}
	w.finals = append(w.finals, finals...)
	w.add(moved)
	w.flag(moved)
	return moved
}

// counterparts are the actions and statuses of this world that those of a thing of another one are, and of all below it.
func (w *World) counterparts(on *thing) map[uint64]action {
	all := map[uint64]action{}
	for _, theirs := range append([]*thing{on}, on.below()...) {
		t := w.things[theirs.Object]
		if t == nil {
			continue
		}
		for key, a := range theirs.running {
			if b := t.running[key]; b != nil {
				all[a.fact.ID] = *b
			}
		}
		if theirs.status != nil && t.status != nil {
			all[theirs.status.ID] = action{fact: t.status, with: t.statusWith}
		}
	}
	return all
}
