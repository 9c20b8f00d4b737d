package engine

import "tandem/actors/stat/measure"

// taint says that the status of an object may be another one when this moment is over. What facts of one moment do in
// between is no status.
func (w *World) taint(t *thing) {
	if t.dirty {
		return
	}
	t.dirty = true
	r := min(t.Type.rank(), 2)
	w.dirty[r] = append(w.dirty[r], t)
}

// settle finds the statuses at the end of a moment: those of devices first, for places and agents are made of them, and
// groups of these.
func (w *World) settle() {
	for again := true; again; again = len(w.dirty[0])+len(w.dirty[1])+len(w.dirty[2]) > 0 {
		w.settleOnce()
	}
}

func (w *World) settleOnce() {
	for rank := range w.dirty {
		for i := 0; i < len(w.dirty[rank]); i++ {
			t := w.dirty[rank][i]
			t.dirty = false
			w.restate(t)
			w.settled = true
		}
		w.dirty[rank] = w.dirty[rank][:0]
	}
}

// restate finds the status of an object anew and tells it.
func (w *World) restate(t *thing) {
	subject, ok := t.Type.subject()
	if !ok || !t.alive {
		return
	}
	name, attached := t.contestants()
	turned := t.status == nil || t.status.Name != name
	switch {
	case turned:
		w.become(t, subject, name, attached)
	case t.statusWith != attached:
		w.rejoin(t, subject)
		w.keep(t)
		t.statusWith = attached
		w.retell(t, t.above, subject, t.status, attached)
		w.taintUnited(t)
	default:
		w.rejoin(t, subject)
	}
	if t.Type == Agent && (turned || t.recheck) {
		for _, q := range t.queues {
			w.behind(t, q, true)
		}
		if t.recheck {
			t.recheck = false
			w.regroup(t)
		}
	}
}

// become changes the status of an object.
func (w *World) become(t *thing, s measure.Subject, name measure.Name, with *Attached) {
	w.keep(t)
	if t.status != nil {
		w.trace(t, s, t.status, t.statusWith)
		w.untell(t, t.told, s, t.status)
	}
	w.ids++
	old := t.status
	t.status, t.statusWith, t.told = &measure.Fact{ID: w.ids, Name: name, At: w.head, With: with}, with, t.above
	w.tell(t, s, t.status, with)
	for _, p := range t.parents {
		switch {
		case p.Type.rank() == 1:
			w.taint(p)
		case p.Type.rank() == 2:
			w.keep(p)
			if old != nil {
				p.members[class(old.Name)]--
			}
			p.members[class(name)]++
			w.taint(p)
		}
	}
}

// rejoin tells of a status those to which an object has come to belong at this moment.
func (w *World) rejoin(t *thing, s measure.Subject) {
	if same(t.told, t.above) {
		return
	}
	w.keep(t)
	for _, l := range t.told {
		if !has(t.above, l.to) {
			w.end1(l.to, s, t.status)
		}
	}
	for _, l := range t.above {
		if !has(t.told, l.to) {
			w.begin1(l.to, s, t.status, t.statusWith, w.head)
		}
	}
	t.told = t.above
	w.taintUnited(t)
}

// taintUnited taints the agent and the place of a device.
func (w *World) taintUnited(t *thing) {
	for _, p := range t.parents {
		if p.Type.rank() == 1 {
			w.taint(p)
		}
	}
}

func same(a, b []link) bool {
	return len(a) == len(b) && (len(a) == 0 || &a[0] == &b[0])
}

// contestants finds the status of an object, and what is attached to the action that won.
func (t *thing) contestants() (measure.Name, *Attached) {
	switch t.Type {
	case Agent, AgentPlace:
		return t.united()
	case GroupAgents, GroupPlaces, GroupQueues:
		switch m := t.members; {
		case m[ready] > 0:
			return measure.WaitForNextCall, nil
		case m[busy] > 0:
			return measure.NotReadyForNextCall, nil
		case m[away] > 0:
			return measure.LoggedOut, nil
		}
		return measure.NotMonitored, nil
	}
	return t.highest()
}

// highest is the highest action of an object's own.
func (t *thing) highest() (measure.Name, *Attached) {
	var room [8]measure.Running
	all := room[:0]
	for _, a := range t.contest {
		all = append(all, measure.Running{Name: a.fact.Name, Conn: a.fact.Conn})
	}
	name, which := measure.StatusOfDevice(all)
	if which < 0 {
		return name, nil
	}
	return name, t.contest[which].with
}

// united is the status of an agent or a place over its devices and channels. Actions of its own count as those of a device.
func (t *thing) united() (measure.Name, *Attached) {
	var names [2]measure.Name
	var attached [2]*Attached
	var any [2]bool
	take := func(side int, name measure.Name, with *Attached) {
		if !any[side] || name > names[side] {
			names[side], attached[side], any[side] = name, with, true
		}
	}
	if len(t.contest) > 0 {
		name, with := t.highest()
		take(0, name, with)
	}
	loggedIn := false
	for _, d := range t.children {
		side := 0
		if d.Type == Channel {
			side = 1
		}
		loggedIn = loggedIn || side == 0 && d.agent()
		if d.status != nil {
			take(side, d.status.Name, d.statusWith)
		} else {
			take(side, measure.NotMonitored, nil)
		}
	}
	var status measure.Name
	if t.Type == Agent {
		status = measure.StatusOfAgent(names[0], names[1], any[0], any[1])
	} else {
		status = measure.StatusOfPlace(names[0], names[1], any[0], any[1], loggedIn)
	}
	if any[0] && status == names[0] {
		return status, attached[0]
	}
	return status, attached[1]
}

// agent tells whether an agent is logged in to a device.
func (t *thing) agent() bool {
	for _, p := range t.parents {
		if p.Type == Agent {
			return true
		}
	}
	return false
}

// Classes of statuses of members, of which the status of a group is made (ruling D-13).
const (
	ready = iota
	busy
	away
	unknown
)

func class(n measure.Name) int {
	switch n {
	case measure.WaitForNextCall:
		return ready
	case measure.LoggedOut:
		return away
	case measure.NotMonitored:
		return unknown
	}
	return busy
}

// memberCount counts a member of a group that comes or goes.
func (w *World) memberCount(group, member *thing, by int) {
	if group.Type.rank() == 2 && member.status != nil {
		group.members[class(member.status.Name)] += by
	}
}
