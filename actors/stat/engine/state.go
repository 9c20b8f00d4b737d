package engine

import (
	"cmp"
	"reflect"
	"slices"

	"tandem/actors/stat/measure"
)

// State is what an object and its parts are doing: the value of the categories CurrentState, CurrentStateReasons and
// CurrentTargetState (reference statserver.md 3.5).
type State struct {
	Object   Object    `json:"object"`
	Status   string    `json:"status,omitempty"`   // "": objects of this type have none
	Since    int64     `json:"since,omitempty"`    // ms since 1970
	Attached *Attached `json:"attached,omitempty"` // reasons and more, of CurrentStateReasons and CurrentTargetState
	Actions  []Doing   `json:"actions,omitempty"`  // down to which the subject DNAction goes
	Parts    []State   `json:"parts,omitempty"`    // in the order of their names
}

// Doing is an action that goes on.
type Doing struct {
	Name  string `json:"name"`
	Conn  string `json:"conn,omitempty"`
	Since int64  `json:"since"` // ms since 1970
}

// maxParts is how many parts of one object a State has at most.
const maxParts = 10000

// State is what the object of a statistic of such a category is doing now, down to the level that its subject names: agents
// and places, their devices, or the actions of these. Of a statistic of another category it is ErrUnknown.
func (w *World) State(id string, at int64) (State, error) {
	st := w.statistics[id]
	if st == nil || !st.plan.IsState() {
		return State{}, ErrUnknown
	}
	w.advance(at)
	w.settle()
	d := st.plan.Definition()
	return st.on.doing(d.Subject, d.Category != "CurrentState"), nil
}

// Equal tells whether two are the same; nil is none.
func (s *State) Equal(other *State) bool { return s == other || reflect.DeepEqual(s, other) }

func (t *thing) doing(down measure.Subject, reasons bool) State {
	s := State{Object: t.Object}
	if t.status != nil {
		s.Status, s.Since = t.status.Name.String(), t.status.At
		if reasons {
			s.Attached = t.statusWith
		}
	} else if _, has := t.Type.subject(); has { // nothing was heard of it yet
		name, _ := t.contestants()
		s.Status = name.String()
	}
	if down == measure.DNAction {
		for _, a := range t.going() {
			s.Actions = append(s.Actions, Doing{a.fact.Name.String(), a.fact.Conn, a.fact.At})
		}
	}
	for _, c := range t.children {
		if len(s.Parts) < maxParts && c.within(down) {
			s.Parts = append(s.Parts, c.doing(down, reasons))
		}
	}
	slices.SortFunc(s.Parts, func(a, b State) int {
		return cmp.Or(cmp.Compare(a.Object.Type, b.Object.Type), cmp.Compare(a.Object.ID, b.Object.ID))
	})
	return s
}

// within tells whether a part is not below the level of a subject.
func (t *thing) within(down measure.Subject) bool {
	switch down {
	case measure.DNAction, measure.DNStatus:
		return true
	case measure.AgentStatus, measure.PlaceStatus:
		return t.Type.rank() >= 1
	}
	return t.Type.rank() >= 2
}
