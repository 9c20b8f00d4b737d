package engine

import (
	"strings"

	"tandem/actors/stat/filter"
)

// express makes a group of agents virtual: all belong to it of whom the expression holds. Without an expression it is an
// ordinary one again, of those who joined it.
func (w *World) express(group *thing, e *filter.Group) {
	w.keep(group)
	group.expression = e
	if index(w.virtual, group) < 0 {
		w.virtual = append(w.virtual, group)
	}
	for _, t := range w.agents {
		w.belong(t, group)
	}
}

// regroup finds anew to which virtual groups an agent belongs.
func (w *World) regroup(agent *thing) {
	for _, g := range w.virtual {
		if g.expression != nil {
			w.belong(agent, g)
		}
	}
}

func (w *World) belong(agent, group *thing) {
	does := index(agent.fixed, group) >= 0
	if group.expression != nil {
		does = agent.alive && group.expression.Has(person{w, agent})
	}
	if does {
		w.join(agent, group)
	} else {
		w.leave(agent, group)
	}
}

// enlist: an agent joins a group, or leaves it. While it is virtual it does not matter.
func (w *World) enlist(agent, group *thing, on bool) {
	i := index(agent.fixed, group)
	if on == (i >= 0) {
		return
	}
	w.keep(agent)
	if on {
		agent.fixed = with(agent.fixed, group)
	} else {
		agent.fixed = without(agent.fixed, i)
	}
	w.bear(group)
	w.belong(agent, group)
}

// skill gives an agent a skill, or takes it.
func (w *World) skill(agent *thing, name string, level int) {
	w.keep(agent)
	all := make(map[string]int, len(agent.skills)+1)
	for k, v := range agent.skills {
		all[k] = v
	}
	all[name] = level
	if level < 0 {
		delete(all, name)
	}
	agent.skills = all
	w.again(agent)
}

// person is an agent as expressions ask about him.
type person struct {
	w *World
	t *thing
}

func (p person) Skill(name string) (int, bool) { level, ok := p.t.skills[name]; return level, ok }

// OnQueue: the queue's name has its switch, or it belongs to it.
func (p person) OnQueue(queue, from string) bool {
	for _, q := range p.t.queues {
		if from == "" && q.ID == queue || q.ID == queue+"@"+from || q.ID == queue && p.w.partOf(q, from) {
			return true
		}
	}
	return false
}

func (p person) OnSwitch(name string) bool {
	for _, d := range p.t.children {
		if strings.HasSuffix(d.ID, "@"+name) || p.w.partOf(d, name) {
			return true
		}
	}
	return false
}

func (p person) IsSwitch(name string) bool {
	t := p.w.things[Object{Switch, name}]
	return t != nil && t.alive
}

func (w *World) partOf(t *thing, name string) bool {
	s := w.things[Object{Switch, name}]
	return s != nil && index(t.parents, s) >= 0
}

// again finds anew at the end of this moment to which groups an agent belongs.
func (w *World) again(agent *thing) {
	agent.recheck = true
	w.taint(agent)
}

// recheck does so for all agents.
func (w *World) recheck() {
	if len(w.virtual) == 0 {
		return
	}
	for _, t := range w.agents {
		w.again(t)
	}
}
