package engine

import (
	"tandem/actors/stat/filter"
	"tandem/actors/stat/measure"
)

// thing is an object as the world knows it. What facts change of it is in its state, which is kept before the first change
// of an epoch (see timeline.go); slices and maps in it are replaced, or added to behind.
type thing struct {
	Object
	state
	running map[actionKey]*action // each change of it is kept by itself
	epoch   uint64                // for which the state is kept already
	dirty   bool                  // its status may be another after this moment
	recheck bool                  // and so may be its groups and what it does behind queues
	named   bool                  // a fact has named it: else it is there for its statistics alone
	open    *[measure.Subjects][]*statistic
}

// state is what facts have made of an object.
type state struct {
	alive      bool          // it was heard of
	status     *measure.Fact // since it is alive; nil where the type has none
	statusWith *Attached
	contest    []*action // those that go on and may be the status, in the order of their ids
	parents    []*thing  // what it belongs to
	children   []*thing  // what belongs to it
	above      []link    // all that it belongs to, also by others
	told       []link    // those of above to which its status was told
	queues     []*thing  // to which an agent is logged in
	fixed      []*thing  // groups to which an agent belongs unless they are virtual
	skills     map[string]int
	expression *filter.Group // of a virtual group
	members    [4]int        // of a group: how many have a status of which class
	lost       bool          // its source cannot be reached
	lostUnder  int           // how many are lost, itself included
	traces     []trace       // the last facts that are over, for Explain
}

// link is something to which an object belongs, and since when.
type link struct {
	to    *thing
	since int64
}

// actionKey tells the actions of one object apart.
type actionKey struct {
	name measure.Name
	key  string
}

// action is one that goes on. It is replaced where other attributes are attached; the fact stays.
type action struct {
	fact *measure.Fact
	with *Attached
	own  measure.Fact
}

// thing finds or makes the object of that name.
func (w *World) thing(o Object) (*thing, error) {
	if t := w.things[o]; t != nil {
		return t, nil
	}
	if err := o.check(); err != nil {
		return nil, err
	}
	if len(w.things) >= w.limits.Objects {
		return nil, ErrLimit
	}
	t := &thing{Object: o}
	w.things[o] = t
	if o.Type == Agent {
		w.agents = append(w.agents, t)
	}
	return t, nil
}

// named is the object of a fact.
func (w *World) named(o Object) (*thing, error) {
	t, err := w.thing(o)
	if err == nil {
		t.named = true
	}
	return t, err
}

// free forgets an object that no fact has ever named, when its last statistic is closed: anybody may ask for what there never
// was.
func (w *World) free(t *thing) {
	if t.named || w.things[t.Object] != t {
		return
	}
	if t.open != nil {
		for _, all := range t.open {
			if len(all) > 0 {
				return
			}
		}
	}
	delete(w.things, t.Object)
	if i := index(w.agents, t); i >= 0 {
		w.agents = without(w.agents, i)
	}
}

// subject is by which subject the statuses of a type are counted. False: it has none.
func (t Type) subject() (measure.Subject, bool) {
	switch t {
	case RegDN, Queue, RoutePoint, Channel:
		return measure.DNStatus, true
	case Agent:
		return measure.AgentStatus, true
	case AgentPlace:
		return measure.PlaceStatus, true
	case GroupAgents, GroupPlaces, GroupQueues:
		return measure.GroupStatus, true
	}
	return 0, false
}

// bear begins the life of an object with its first fact.
func (w *World) bear(t *thing) {
	if t.alive {
		return
	}
	w.keep(t)
	t.alive, t.recheck = true, true
	if t.Type == Switch {
		w.recheck()
	}
	w.taint(t)
}

// index is where a thing is in a list; -1: nowhere.
func index(all []*thing, t *thing) int {
	for i, x := range all {
		if x == t {
			return i
		}
	}
	return -1
}

// without is a list without one of it.
func without(all []*thing, i int) []*thing {
	less := make([]*thing, 0, len(all)-1)
	return append(append(less, all[:i]...), all[i+1:]...)
}

// with is a list with one more. The list may share its array with older ones, which end before.
func with(all []*thing, t *thing) []*thing { return append(all, t) }

// below are all that belong to a thing, also by others, each once; those of higher ranks first.
func (t *thing) below() (all []*thing) {
	seen := map[*thing]bool{t: true}
	for rank := t.Type.rank() - 1; rank >= 0; rank-- {
		for _, from := range append([]*thing{t}, all...) {
			for _, c := range from.children {
				if c.Type.rank() == rank && !seen[c] {
					seen[c] = true
					all = append(all, c)
				}
			}
		}
	}
	return all
}
