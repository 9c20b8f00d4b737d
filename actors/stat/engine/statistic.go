package engine

import (
	"encoding/json"
	"fmt"
	"slices"

	"tandem/actors/stat/filter"
	"tandem/actors/stat/measure"
)

// statistic is one that is open.
type statistic struct {
	id        string
	on        *thing
	plan      measure.Plan
	text      string         // the definition as it is written
	warnings  []string       // what of it has no effect
	meter     *measure.Meter // nil: it is not open yet at the moment that the world has come to
	seed      *measure.Saved // from a backup, with which it is opened; nil: with nothing
	last      int64          // when the last fact touched it
	epoch     uint64         // for which the meter is kept already
	opens     int64          // when it is opened
	reported  int64          // end of the last interval whose value was given
	scheduled int64          // the reset of it that the schedule has
	flagged   bool           // it is among those that have changed
	closed    bool
}

// Open begins a statistic, or goes on with it where one of that id, object and definition is open already; one of another
// definition is dropped. at is not before the last fact. Warnings say what of the definition has no effect.
func (w *World) Open(id string, o Object, d measure.Definition, at int64) (warnings []string, err error) {
	return w.Resume(id, o, d, at, nil)
}

// Resume is Open with what a statistic of the same definition has counted elsewhere: see Part.
func (w *World) Resume(id string, o Object, d measure.Definition, at int64, seed *measure.Saved) (warnings []string, err error) {
	plan, text, warnings, err := w.prepare(d)
	if err == nil {
		err = fits(o, plan.Definition())
	}
	if err != nil {
		return warnings, err
	}
	if seed != nil {
		if _, err := plan.Load(*seed, nobody); err != nil {
			return warnings, err
		}
	}
	t, err := w.thing(o)
	if err != nil {
		return warnings, err
	}
	if st := w.statistics[id]; st != nil {
		if st.on == t && st.text == text {
			return warnings, nil
		}
		w.Close(id)
	}
	if len(w.statistics) >= w.limits.Statistics {
		w.free(t)
		return warnings, ErrLimit
	}
	st := &statistic{id: id, on: t, plan: plan, text: text, warnings: warnings, seed: seed, opens: at}
	w.add(st)
	w.flag(st)
	w.take(event{Fact: Fact{At: max(at, w.horizon())}, open: st})
	return warnings, nil
}

// prepare checks a definition; those that are alike have one plan.
func (w *World) prepare(d measure.Definition) (plan measure.Plan, text string, warnings []string, err error) {
	written, err := json.Marshal(d)
	if err != nil {
		return plan, "", nil, err
	}
	text = string(written)
	if known := w.plans[text]; known != nil {
		return known.plan, text, known.warnings, nil
	}
	plan, warnings, err = measure.Prepare(d)
	return plan, text, warnings, err
}

// prepared is a plan with what was said about it, for as long as a statistic has it.
type prepared struct {
	plan     measure.Plan
	warnings []string
	users    int
}

// fits demands that an object has what is counted.
func fits(o Object, d measure.Definition) error {
	if d.Profile.Kind == measure.SinceLogin && o.Type != Agent {
		return fmt.Errorf("time profile: SinceLogin is for agents, not for %s", o.Type)
	}
	var of []Type
	switch d.Subject {
	case measure.DNAction:
		return nil
	case measure.DNStatus:
		of = []Type{RegDN, Channel, Queue, RoutePoint, Agent, AgentPlace, GroupAgents, GroupPlaces, GroupQueues, Switch, Tenant}
	case measure.AgentStatus:
		of = []Type{Agent, GroupAgents, Tenant}
	case measure.PlaceStatus:
		of = []Type{AgentPlace, GroupPlaces, Tenant}
	case measure.GroupStatus:
		of = []Type{GroupAgents, GroupPlaces, GroupQueues, Tenant}
	}
	if !slices.Contains(of, o.Type) {
		return fmt.Errorf("subject: %s is not for %s", d.Subject, o.Type)
	}
	return nil
}

// add puts a statistic over its object.
func (w *World) add(st *statistic) {
	w.statistics[st.id] = st
	if w.plans[st.text] == nil {
		w.plans[st.text] = &prepared{plan: st.plan, warnings: st.warnings}
	}
	w.plans[st.text].users++
	t := st.on
	if t.open == nil {
		t.open = new([measure.Subjects][]*statistic)
	}
	s := st.plan.Definition().Subject
	t.open[s] = append(t.open[s], st)
}

// Close ends a statistic.
func (w *World) Close(id string) {
	st := w.statistics[id]
	if st == nil {
		return
	}
	for _, s := range w.snapshots {
		s.meters.keep(st, (*statistic).gauge)
	}
	delete(w.statistics, id)
	if p := w.plans[st.text]; p != nil {
		if p.users--; p.users == 0 {
			delete(w.plans, st.text)
		}
	}
	st.closed, st.meter = true, nil
	s := st.plan.Definition().Subject
	all := st.on.open[s]
	st.on.open[s] = slices.DeleteFunc(all, func(o *statistic) bool { return o == st })
	w.free(st.on)
}

// opened: a statistic begins at the moment that the world has come to, with all that goes on at its object. It does not make
// the object known: what is known are facts alone, so that who asks what makes no difference.
func (w *World) opened(st *statistic) {
	if st.closed || st.meter != nil {
		return
	}
	w.settle()
	w.keepMeter(st)
	st.meter = st.plan.Open(w.head)
	earliest := int64(0)
	if st.seed != nil {
		st.meter, _ = st.plan.Load(*st.seed, nobody) // it could be loaded before
		st.meter.Advance(w.head)
		earliest = w.head
	}
	w.due.add(st)
	subject := st.plan.Definition().Subject
	type going struct {
		a    action
		from int64
	}
	var all []going
	for _, t := range append([]*thing{st.on}, st.on.below()...) {
		s, _ := t.Type.subject()
		switch {
		case subject == measure.DNAction:
			since := t.since(t.above, st.on)
			for _, a := range t.running {
				all = append(all, going{*a, max(since, a.fact.At)})
			}
		case s == subject && t.status != nil:
			all = append(all, going{action{fact: t.status, with: t.statusWith}, max(t.since(t.told, st.on), t.status.At)})
		}
	}
	slices.SortFunc(all, func(a, b going) int {
		if a.from != b.from {
			return int(min(1, max(-1, a.from-b.from)))
		}
		return int(a.a.fact.ID) - int(b.a.fact.ID)
	})
	for _, g := range all {
		st.meter.Begin(g.a.fact, g.a.with, max(g.from, earliest))
	}
}

// since is from when on a thing has belonged to another; to itself it always has.
func (t *thing) since(above []link, to *thing) int64 {
	for _, l := range above {
		if l.to == to {
			return l.since
		}
	}
	return 0
}

// touch says that a fact is about to change a statistic. False: it is not open yet.
func (w *World) touch(st *statistic) bool {
	if st.meter == nil {
		return false
	}
	w.keepMeter(st)
	st.last = w.head
	w.flag(st)
	return true
}

// flag says that the value of a statistic may be another.
func (w *World) flag(st *statistic) {
	if !st.flagged {
		st.flagged = true
		w.changed = append(w.changed, st)
	}
}

// sinceLogin begins the statistics anew that count since the login of an agent.
func (w *World) sinceLogin(agent *thing) {
	if agent.open == nil {
		return
	}
	for _, all := range agent.open {
		for _, st := range all {
			if st.plan.Definition().Profile.Kind == measure.SinceLogin && w.touch(st) {
				st.meter.Login(w.head)
			}
		}
	}
}

// nobody says that nothing of what a meter has counted goes on.
func nobody(uint64) (*measure.Fact, filter.Attributes) { return nil, nil }

// Part is what a statistic has counted up to a moment, to be resumed in another installation, where nothing goes on of what
// goes on here: see measure.Meter.Part.
func (w *World) Part(id string, at int64) (measure.Saved, error) {
	st := w.statistics[id]
	if st == nil {
		return measure.Saved{}, ErrUnknown
	}
	w.advance(at)
	w.settle()
	if st.meter == nil {
		w.advance(st.opens)
	}
	if st.meter == nil {
		return measure.Saved{}, ErrUnknown
	}
	var m measure.Meter
	st.meter.Copy(&m)
	m.Part(max(at, w.head))
	return m.Save(), nil
}
