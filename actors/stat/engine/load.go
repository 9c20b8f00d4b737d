package engine

import (
	"encoding/json"
	"fmt"
	"io"

	"tandem/actors/stat/filter"
	"tandem/actors/stat/measure"
)

// Load reads what Save has written, and goes on from there. An error says in which part it cannot be.
func Load(from io.Reader, o Options) (*World, error) {
	w := New(o)
	d := json.NewDecoder(from)
	var h head
	if err := d.Decode(&h); err != nil {
		return nil, fmt.Errorf("stat: the beginning of a saved world: %w", err)
	}
	if h.Version != savedVersion {
		return nil, fmt.Errorf("stat: a world was saved in the form %d, and this reads %d", h.Version, savedVersion)
	}
	w.head, w.latest, w.floor, w.ids, w.lastSeq, w.counts, w.finals = h.Head, h.Latest, h.Floor, h.IDs, h.LastSeq, h.Counts, h.Finals
	w.settled = true
	w.log.epochs = nil
	w.epoch(w.head)
	l := loader{World: w, going: map[uint64]*action{}}
	if err := l.things(d, h.Things); err != nil {
		return nil, fmt.Errorf("stat: a saved world: objects: %w", err)
	}
	if err := l.statistics(d, &h); err != nil {
		return nil, fmt.Errorf("stat: a saved world: statistics: %w", err)
	}
	for i := range h.Events {
		if err := l.event(d); err != nil {
			return nil, fmt.Errorf("stat: a saved world: fact %d: %w", i+1, err)
		}
	}
	w.flush()
	return w, nil
}

// loader reads a world.
type loader struct {
	*World
	all   []*thing
	going map[uint64]*action // actions and statuses
}

func (l *loader) things(d *json.Decoder, n int) error {
	saved := make([]savedThing, 0, min(max(n, 0), 1<<16))
	for range n {
		var s savedThing
		if err := d.Decode(&s); err != nil {
			return err
		}
		t, err := l.thing(s.Object)
		if err != nil {
			return err
		}
		saved, l.all = append(saved, s), append(l.all, t)
	}
	for i := range saved {
		if err := l.fill(l.all[i], &saved[i]); err != nil {
			return fmt.Errorf("%s: %w", saved[i].Object, err)
		}
	}
	for rank := range 3 { // what is attached to a status is what is attached to the action that won
		for _, t := range l.all {
			if t.Type.rank() == rank && t.status != nil {
				_, t.statusWith = t.contestants()
				l.going[t.status.ID] = &action{fact: t.status, with: t.statusWith}
			}
		}
	}
	return nil
}

func (l *loader) fill(t *thing, s *savedThing) (err error) {
	t.alive, t.skills, t.members, t.lost, t.lostUnder = s.Alive, s.Skills, s.Members, s.Lost, s.LostUnder
	t.named = !s.empty()
	for i, list := range []struct {
		to   *[]*thing
		from []int
	}{{&t.parents, s.Parents}, {&t.children, s.Children}, {&t.queues, s.Queues}, {&t.fixed, s.Fixed}} {
		for _, place := range list.from {
			if place < 0 || place >= len(l.all) {
				return fmt.Errorf("there is no object at place %d", place)
			}
			o := l.all[place]
			below, over := o, t
			if i == 0 {
				below, over = t, o
			}
			if i < 2 && below.Type.rank() >= over.Type.rank() {
				return fmt.Errorf("%s cannot belong to %s", below.Object, over.Object)
			}
			*list.to = append(*list.to, o)
		}
	}
	for _, a := range s.Above {
		if a[0] < 0 || a[0] >= int64(len(l.all)) {
			return fmt.Errorf("there is no object at place %d", a[0])
		}
		t.above = append(t.above, link{l.all[a[0]], a[1]})
	}
	t.told = t.above
	if s.Expression != "" {
		g, err := filter.ParseGroup(s.Expression)
		if err != nil {
			return err
		}
		t.expression = &g
		l.virtual = append(l.virtual, t)
	}
	if t.traces, err = loadTraces(s.Traces); err != nil {
		return err
	}
	return l.actions(t, s)
}

// actions are those that go on at a thing, and its status.
func (l *loader) actions(t *thing, s *savedThing) error {
	for _, saved := range s.Running {
		a, err := saved.load()
		if err != nil {
			return err
		}
		t.set(actionKey{a.fact.Name, saved.Key}, a)
		l.going[a.fact.ID] = a
		if t.contends(a.fact.Name) {
			t.contest = append(t.contest, a)
		}
	}
	if s.Status == nil {
		return nil
	}
	a, err := s.Status.load()
	if err == nil {
		t.status = a.fact
	}
	return err
}

func (s *savedAction) load() (*action, error) {
	name, ok := measure.ParseName(s.Name)
	if !ok {
		return nil, fmt.Errorf("%q is no action or status", s.Name)
	}
	first := s.First
	if first == nil {
		first = s.With
	}
	a := &action{with: s.With, own: measure.Fact{ID: s.ID, Name: name, Conn: s.Conn, At: s.At, With: first}}
	a.fact = &a.own
	return a, nil
}

func (l *loader) statistics(d *json.Decoder, h *head) error {
	definitions := make([]loaded, len(h.Definitions))
	for i, text := range h.Definitions {
		var d measure.Definition
		err := json.Unmarshal(text, &d)
		if err == nil {
			x := &definitions[i]
			x.plan, x.text, x.warnings, err = l.prepare(d)
		}
		if err != nil {
			return err
		}
	}
	for range h.Statistics {
		var s savedStatistic
		if err := d.Decode(&s); err != nil {
			return err
		}
		if s.Thing < 0 || s.Thing >= len(l.all) || s.Definition < 0 || s.Definition >= len(definitions) {
			return fmt.Errorf("%s is over an object or of a definition that there is not", s.ID)
		}
		if err := l.statistic(&s, &definitions[s.Definition]); err != nil {
			return fmt.Errorf("%s: %w", s.ID, err)
		}
	}
	return nil
}

// loaded is a definition that statistics of a saved world share.
type loaded struct {
	plan     measure.Plan
	text     string
	warnings []string
}

func (l *loader) statistic(s *savedStatistic, d *loaded) (err error) {
	plan := d.plan
	st := &statistic{id: s.ID, on: l.all[s.Thing], plan: plan, text: d.text, warnings: d.warnings, seed: s.Seed, last: s.Last, opens: s.Opens, reported: s.Reported}
	if s.Seed != nil {
		if _, err := plan.Load(*s.Seed, nobody); err != nil {
			return err
		}
	}
	if s.Meter != nil {
		st.meter, err = plan.Load(*s.Meter, func(id uint64) (*measure.Fact, filter.Attributes) {
			if a := l.going[id]; a != nil {
				return a.fact, a.with
			}
			return nil, nil
		})
		if err != nil {
			return err
		}
		l.due.add(st)
	}
	l.add(st)
	l.flag(st)
	return nil
}

func (l *loader) event(d *json.Decoder) error {
	var s savedEvent
	if err := d.Decode(&s); err != nil {
		return err
	}
	if s.Open != "" {
		if st := l.World.statistics[s.Open]; st != nil {
			l.take(event{Fact: Fact{At: s.At}, open: st})
		}
		return nil
	}
	f := Fact{At: s.At, Seq: s.Seq, Object: s.Object, Key: s.Key, Conn: s.Conn, Length: s.Length, With: s.With, Other: s.Other, Level: s.Level}
	what, err := ParseWhat(s.What)
	if err != nil {
		return err
	}
	f.What = what
	if s.Name != "" {
		name, ok := measure.ParseName(s.Name)
		if !ok {
			return fmt.Errorf("%q is no action or status", s.Name)
		}
		f.Name = name
	}
	e, err := l.check(f)
	if err == nil {
		l.take(e) // as it was taken: a fact that was in time then is so now
	}
	return err
}
