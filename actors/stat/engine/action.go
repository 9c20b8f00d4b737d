package engine

import "tandem/actors/stat/measure"

// begin: an action begins at an object now. One that goes on already is told twice, and has begun once.
func (w *World) begin(t *thing, key actionKey, conn string, with *Attached) {
	if t.running[key] != nil || len(t.running) >= w.limits.Actions {
		w.counts.Ignored++
		return
	}
	w.ids++
	a := &action{with: with, own: measure.Fact{ID: w.ids, Name: key.name, Conn: conn, At: w.head, With: with}}
	a.fact = &a.own
	w.put(t, key, a)
	if t.contends(key.name) {
		w.keep(t)
		t.contest = append(t.contest, a)
		w.taint(t)
	}
	w.tell(t, measure.DNAction, a.fact, with)
}

// end: an action is over now.
func (w *World) end(t *thing, key actionKey) {
	a := t.running[key]
	if a == nil {
		w.counts.Ignored++
		return
	}
	w.put(t, key, nil)
	w.contend(t, a, nil)
	w.trace(t, measure.DNAction, a.fact, a.with)
	w.untell(t, t.above, measure.DNAction, a.fact)
}

// change: other attributes are attached to an action.
func (w *World) change(t *thing, key actionKey, with *Attached) {
	a := t.running[key]
	if a == nil {
		w.counts.Ignored++
		return
	}
	b := &action{fact: a.fact, with: with}
	w.put(t, key, b)
	w.contend(t, a, b)
	w.retell(t, t.above, measure.DNAction, a.fact, with)
}

// happen: an instant.
func (w *World) happen(t *thing, f *Fact) {
	fact := &measure.Fact{Name: f.Name, Conn: f.Conn, At: w.head, Length: f.Length, With: f.With}
	w.trace(t, measure.DNAction, fact, f.With)
	w.happen1(t, fact)
	for _, up := range t.above {
		w.happen1(up.to, fact)
	}
}

// contends tells whether an action may be the status of an object. Queues are monitored or not.
func (t *thing) contends(n measure.Name) bool {
	return n.IsStatus() && (n <= measure.Monitored || t.Type != Queue && t.Type != RoutePoint)
}

// contend puts an action in the place of another in the contest for the status; nil: none.
func (w *World) contend(t *thing, old, other *action) {
	if !t.contends(old.fact.Name) {
		return
	}
	w.keep(t)
	all := make([]*action, 0, len(t.contest))
	for _, a := range t.contest {
		switch {
		case a != old:
			all = append(all, a)
		case other != nil:
			all = append(all, other)
		}
	}
	t.contest = all
	w.taint(t)
}
