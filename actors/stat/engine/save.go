package engine

import (
	"cmp"
	"encoding/json"
	"io"
	"math"
	"slices"

	"tandem/actors/stat/measure"
)

// savedVersion is that of the form in which a world is saved.
const savedVersion = 1

// head is the first line of a saved world; as many lines with things, statistics and events follow as it says. Each line is
// a JSON object. Things are named by their places.
type head struct {
	Version                    int
	Head, Latest, Floor        int64
	IDs, LastSeq               uint64
	Counts                     Counts
	Definitions                []json.RawMessage
	Finals                     []Final `json:",omitempty"`
	Things, Statistics, Events int
}

type savedThing struct {
	Object     Object
	Alive      bool           `json:",omitempty"`
	Status     *savedAction   `json:",omitempty"`
	Running    []savedAction  `json:",omitempty"`
	Parents    []int          `json:",omitempty"`
	Children   []int          `json:",omitempty"`
	Above      [][2]int64     `json:",omitempty"` // place and since
	Queues     []int          `json:",omitempty"`
	Fixed      []int          `json:",omitempty"`
	Skills     map[string]int `json:",omitempty"`
	Expression string         `json:",omitempty"`
	Members    [4]int
	Lost       bool         `json:",omitempty"`
	LostUnder  int          `json:",omitempty"`
	Traces     []savedTrace `json:",omitempty"`
}

type savedAction struct {
	ID    uint64
	Name  string
	Key   string    `json:",omitempty"`
	Conn  string    `json:",omitempty"`
	At    int64     `json:",omitempty"`
	First *Attached `json:",omitempty"` // attached when it began
	With  *Attached `json:",omitempty"` // attached now
}

type savedStatistic struct {
	ID                    string
	Thing, Definition     int
	Meter                 *measure.Saved `json:",omitempty"`
	Last, Opens, Reported int64
}

type savedEvent struct {
	At     int64
	Seq    uint64    `json:",omitempty"`
	What   string    `json:",omitempty"`
	Object Object    `json:",omitzero"`
	Key    string    `json:",omitempty"`
	Name   string    `json:",omitempty"`
	Conn   string    `json:",omitempty"`
	Length int64     `json:",omitempty"`
	With   *Attached `json:",omitempty"`
	Other  Object    `json:",omitzero"`
	Level  int       `json:",omitempty"`
	Open   string    `json:",omitempty"` // id of a statistic
}

// Save writes the world, all facts taken and all statistics. What is written is the world before the facts that late ones
// may still precede, and these. The same world is always written in the same way.
func (w *World) Save(to io.Writer) error {
	again := w.toBase()
	err := w.write(json.NewEncoder(to), again)
	w.redo(again)
	return err
}

// toBase takes the world back to the earliest moment to which it can go, and gives what was told since.
func (w *World) toBase() []event {
	w.flush()
	if !w.log.on {
		w.settle()
		return nil
	}
	return w.rewind(math.MinInt64)
}

func (w *World) redo(all []event) {
	for i := range all {
		w.fold(&all[i])
		w.remember(all[i])
	}
}

func (w *World) write(to *json.Encoder, again []event) error {
	again = slices.DeleteFunc(slices.Clone(again), func(e event) bool { return e.open != nil && e.open.closed })
	things, places := w.sorted()
	statistics := make([]*statistic, 0, len(w.statistics))
	for _, st := range w.statistics {
		statistics = append(statistics, st)
	}
	slices.SortFunc(statistics, func(a, b *statistic) int { return cmp.Compare(a.id, b.id) })
	h := head{Version: savedVersion, Head: w.head, Latest: w.latest, Floor: w.floor, IDs: w.ids, LastSeq: w.lastSeq, Counts: w.counts,
		Finals: w.finals, Things: len(things), Statistics: len(statistics), Events: len(again)}
	definitions := map[string]int{}
	for _, st := range statistics {
		if _, known := definitions[st.text]; !known {
			definitions[st.text] = len(h.Definitions)
			h.Definitions = append(h.Definitions, json.RawMessage(st.text))
		}
	}
	err := to.Encode(h)
	for _, t := range things {
		err = cmp.Or(err, to.Encode(t.save(places)))
	}
	for _, st := range statistics {
		err = cmp.Or(err, to.Encode(st.save(places, definitions)))
	}
	for i := range again {
		err = cmp.Or(err, to.Encode(again[i].save()))
	}
	return err
}

// sorted are the things in the order of their names, and their places in it.
func (w *World) sorted() (all []*thing, places map[*thing]int) {
	for _, t := range w.things {
		all = append(all, t)
	}
	slices.SortFunc(all, func(a, b *thing) int { return cmp.Or(cmp.Compare(a.Type, b.Type), cmp.Compare(a.ID, b.ID)) })
	places = make(map[*thing]int, len(all))
	for i, t := range all {
		places[t] = i
	}
	return all, places
}

func (t *thing) save(places map[*thing]int) savedThing {
	s := savedThing{Object: t.Object, Alive: t.alive, Parents: at(places, t.parents), Children: at(places, t.children),
		Queues: at(places, t.queues), Fixed: at(places, t.fixed), Skills: t.skills, Members: t.members, Lost: t.lost, LostUnder: t.lostUnder,
		Traces: saveTraces(t.traces)}
	if t.expression != nil {
		s.Expression = t.expression.String()
	}
	if t.status != nil {
		s.Status = &savedAction{ID: t.status.ID, Name: t.status.Name.String(), At: t.status.At}
	}
	for _, l := range t.above {
		s.Above = append(s.Above, [2]int64{int64(places[l.to]), l.since})
	}
	for key, a := range t.running {
		first, _ := a.fact.With.(*Attached)
		if first == a.with {
			first = nil
		}
		s.Running = append(s.Running, savedAction{a.fact.ID, key.name.String(), key.key, a.fact.Conn, a.fact.At, first, a.with})
	}
	slices.SortFunc(s.Running, func(a, b savedAction) int { return cmp.Compare(a.ID, b.ID) })
	return s
}

func at(places map[*thing]int, all []*thing) (some []int) {
	for _, t := range all {
		some = append(some, places[t])
	}
	return some
}

func (st *statistic) save(places map[*thing]int, definitions map[string]int) savedStatistic {
	s := savedStatistic{ID: st.id, Thing: places[st.on], Definition: definitions[st.text], Last: st.last, Opens: st.opens,
		Reported: st.reported}
	if st.meter != nil {
		m := st.meter.Save()
		s.Meter = &m
	}
	return s
}

func (e *event) save() savedEvent {
	if e.open != nil {
		return savedEvent{At: e.At, Open: e.open.id}
	}
	s := savedEvent{At: e.At, Seq: e.Seq, What: e.What.String(), Object: e.Object, Key: e.Key, Conn: e.Conn, Length: e.Length, With: e.With,
		Other: e.Other, Level: e.Level}
	if e.What <= Happen {
		s.Name = e.Name.String()
	}
	return s
}
