package engine

import (
	"cmp"
	"slices"

	"tandem/actors/stat/measure"
)

// join: one object belongs to another from now on.
func (w *World) join(child, parent *thing) {
	w.bear(parent)
	if index(child.parents, parent) >= 0 {
		return
	}
	if len(parent.children) >= w.limits.Members {
		w.counts.Ignored++
		return
	}
	w.keep(child)
	w.keep(parent)
	child.parents = with(child.parents, parent)
	parent.children = with(parent.children, child)
	w.memberCount(parent, child, 1)
	w.graft(child)
	w.taint(parent)
	if parent.Type == Switch {
		w.recheck()
	}
}

// leave: it does not any more.
func (w *World) leave(child, parent *thing) {
	i := index(child.parents, parent)
	if i < 0 {
		return
	}
	w.keep(child)
	w.keep(parent)
	child.parents = without(child.parents, i)
	parent.children = without(parent.children, index(parent.children, child))
	w.memberCount(parent, child, -1)
	w.graft(child)
	w.taint(parent)
	if parent.Type == Switch {
		w.recheck()
	}
}

// graft finds anew to what an object and all below it belong, and tells those that have won or lost it: what goes on
// belongs to them from now on, or until now.
func (w *World) graft(t *thing) {
	for _, d := range append([]*thing{t}, t.below()...) {
		w.keep(d)
		old := d.above
		d.above = d.reaches(w.head)
		for _, l := range old {
			if !has(d.above, l.to) {
				w.detach(d, l.to)
			}
		}
		for _, l := range d.above {
			if !has(old, l.to) {
				w.attach(d, l.to)
			}
		}
		w.taint(d) // its status is told when the moment is over
	}
}

// reaches are all to which a thing belongs, also by others. Those to which it did before keep their since.
func (t *thing) reaches(now int64) (all []link) {
	add := func(to *thing) {
		if has(all, to) {
			return
		}
		since := now
		if i := slices.IndexFunc(t.above, func(l link) bool { return l.to == to }); i >= 0 {
			since = t.above[i].since
		}
		all = append(all, link{to, since})
	}
	for _, p := range t.parents {
		add(p)
		for _, l := range p.above {
			add(l.to)
		}
	}
	return all
}

func has(all []link, t *thing) bool {
	for _, l := range all {
		if l.to == t {
			return true
		}
	}
	return false
}

// going are the actions that go on, in the order of their ids: the last ones of a selection depend on it.
func (t *thing) going() []*action {
	all := make([]*action, 0, len(t.running))
	for _, a := range t.running {
		all = append(all, a)
	}
	slices.SortFunc(all, func(a, b *action) int { return cmp.Compare(a.fact.ID, b.fact.ID) })
	return all
}

func (w *World) attach(t, to *thing) {
	for _, a := range t.going() {
		w.begin1(to, measure.DNAction, a.fact, a.with, w.head)
	}
	if t.lost {
		w.loss(to, 1)
	}
}

func (w *World) detach(t, from *thing) {
	for _, a := range t.going() {
		w.end1(from, measure.DNAction, a.fact)
	}
	if t.lost {
		w.loss(from, -1)
	}
}

// login: an agent is logged in to a device, from which another agent then is not any more, or to a queue.
func (w *World) login(agent, to *thing) {
	if to.Type == Queue || to.Type == RoutePoint {
		if index(agent.queues, to) < 0 {
			w.keep(agent)
			agent.queues = with(agent.queues, to)
			w.again(agent)
		}
		return
	}
	for _, p := range to.parents {
		if p.Type == Agent && p != agent {
			w.logout(p, to)
			break
		}
	}
	if len(agent.children) == 0 {
		w.sinceLogin(agent)
	}
	w.join(to, agent)
	w.again(agent)
}

// logout: he is not any more; to nothing where no device or queue is named.
func (w *World) logout(agent, from *thing) {
	for _, d := range slices.Clone(agent.children) {
		if from == nil || from == d {
			w.leave(d, agent)
		}
	}
	for _, q := range slices.Clone(agent.queues) {
		if from == nil || from == q {
			w.keep(agent)
			agent.queues = without(agent.queues, index(agent.queues, q))
			w.behind(agent, q, false)
		}
	}
	w.again(agent)
}

// behind follows at a queue what an agent does who is logged in to it: AgentLogin while he is, AgentActive while he is not
// not ready, AgentReady while he waits (reference statserver.md 2.3, ruling D-23).
func (w *World) behind(agent, queue *thing, here bool) {
	status := measure.LoggedOut
	if agent.status != nil {
		status = agent.status.Name
	}
	active := here && status != measure.LoggedOut && status != measure.NotReadyForNextCall && status != measure.NotMonitored
	w.pseudo(queue, measure.AgentLogin, agent, here)
	w.pseudo(queue, measure.AgentActive, agent, active)
	w.pseudo(queue, measure.AgentReady, agent, here && status == measure.WaitForNextCall)
}

func (w *World) pseudo(queue *thing, name measure.Name, agent *thing, on bool) {
	key := actionKey{name, agent.ID}
	switch goes := queue.running[key] != nil; {
	case on && !goes:
		w.bear(queue)
		w.begin(queue, key, "", nil)
	case !on && goes:
		w.end(queue, key)
	}
}

// lose: the source of an object and of all that belongs to it cannot be reached, or can again.
func (w *World) lose(t *thing, lost bool) {
	for _, d := range append([]*thing{t}, t.below()...) {
		if d.lost == lost || !lost && d.elsewhereLost(t) {
			continue
		}
		w.keep(d)
		d.lost = lost
		by := 1
		if !lost {
			by = -1
		}
		w.loss(d, by)
		for _, l := range d.above {
			w.loss(l.to, by)
		}
	}
}

// elsewhereLost tells whether another switch to which an object belongs is lost than the one that is found.
func (t *thing) elsewhereLost(found *thing) bool {
	for _, l := range t.above {
		if l.to.Type == Switch && l.to.lost && l.to != found {
			return true
		}
	}
	return false
}

// loss counts one more or one fewer that is lost below an object, whose statistics are told.
func (w *World) loss(t *thing, by int) {
	w.keep(t)
	t.lostUnder += by
	if t.open == nil {
		return
	}
	for _, all := range t.open {
		for _, st := range all {
			w.flag(st)
		}
	}
}
