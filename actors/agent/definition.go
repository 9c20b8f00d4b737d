package agent

import (
	"maps"
	"slices"
	"time"
)

// Definition is what an agent is by the settings of the cluster: all that he has not chosen himself.
type Definition struct {
	Name    string // as people see it
	Account string // AOR of the account whose rights are his
	Settings
	Queues []Membership // that he belongs to whether he is logged on or not
}

// Weigh tells what an agent's choice among queues needs to know of one: its weight, and whether who has waited longest
// goes first there.
type Weigh func(queue string) (weight int, longest bool)

// under is a record under a definition: the queues that this names, with what the agent has made of them, and those that
// he has joined himself. One that he was taken out of while the definition named it stays out until he logs off. What was changed while he worked, his penalty and whether he is rung in use, stays until the
// definition says something else than it did when it was read last.
func (r Record) under(d Definition, weigh Weigh) Record {
	var queues []Membership
	for _, m := range d.Queues[:min(len(d.Queues), maxQueues)] {
		out := find(r.Defined, m.Queue) != nil && find(r.Queues, m.Queue) == nil
		if m.Queue == "" || out || find(queues, m.Queue) != nil {
			continue
		}
		m.Dynamic, m.Paused, m.Reason = false, false, ""
		if had := find(r.Queues, m.Queue); had != nil {
			m.Paused, m.Reason, m.Calls, m.LastCall, m.LastOffer = had.Paused, had.Reason, had.Calls, had.LastCall, had.LastOffer
			if before := find(r.Defined, m.Queue); before != nil && before.Penalty == m.Penalty && before.RingInUse == m.RingInUse {
				m.Penalty, m.RingInUse = had.Penalty, had.RingInUse
			}
		}
		queues = append(queues, m)
	}
	for _, m := range r.Queues {
		if m.Dynamic && find(queues, m.Queue) == nil && len(queues) < maxQueues {
			queues = append(queues, m)
		}
	}
	for i := range queues {
		queues[i].Weight, queues[i].Longest = weigh(queues[i].Queue)
	}
	r.Queues, r.Defined = queues, slices.Clone(d.Queues[:min(len(d.Queues), maxQueues)])
	for i := range r.Defined {
		r.Defined[i].Weight, r.Defined[i].Longest = weigh(r.Defined[i].Queue)
	}
	return r
}

func find(all []Membership, queue string) *Membership {
	for i := range all {
		if all[i].Queue == queue {
			return &all[i]
		}
	}
	return nil
}

// Define gives him another definition, or the same again after the settings of a queue have changed.
func (a *Agent) Define(d Definition, weigh Weigh, now time.Time) []Effect {
	a.begin(now)
	before, skills := a.record.Queues, a.settings.Skills
	a.record, a.settings = a.record.under(d, weigh), d.Settings
	a.kept = !slices.Equal(before, a.record.Queues)
	for _, m := range before {
		if find(a.record.Queues, m.Queue) == nil {
			a.leave(m.Queue)
		}
	}
	if !maps.Equal(skills, a.settings.Skills) {
		for queue := range a.told {
			a.again(queue)
		}
	}
	a.choose()
	return a.end()
}

// leave tells a queue that he belongs to it no more.
func (a *Agent) leave(queue string) {
	if a.told[queue] != nil {
		delete(a.told, queue)
		a.emit(Unstand{queue, a.epoch})
	}
	a.heardOf(queue)
	a.sureOf(queue)
}
