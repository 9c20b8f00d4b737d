package engine

import (
	"cmp"
	"encoding/json"
	"math"
	"reflect"
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

// empty tells whether no fact has made anything of an object.
func (s *savedThing) empty() bool {
	bare := savedThing{Object: s.Object}
	return reflect.DeepEqual(*s, bare)
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
	Seed                  *measure.Saved `json:",omitempty"` // where it is not open yet
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

func (t *image) save(o Object, places map[*thing]int) savedThing {
	s := savedThing{Object: o, Alive: t.alive, Parents: at(places, t.parents), Children: at(places, t.children),
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
	for _, g := range t.going {
		a := g.action
		first, _ := a.fact.With.(*Attached)
		if first == a.with {
			first = nil
		}
		s.Running = append(s.Running, savedAction{a.fact.ID, a.fact.Name.String(), g.key, a.fact.Conn, a.fact.At, first, a.with})
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
