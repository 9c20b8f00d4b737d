package slot

import (
	"cmp"
	"slices"
	"time"
)

// plan says who should own what: a function of the candidates, the same on all members that see the same ones.
type plan struct {
	candidates []Holder // by name
	planned    [Slots]int
	since      time.Time // it stands unchanged since
}

// replan makes the plan anew when the candidates changed. Candidates are UP and have a session that lasts; while our
// watch is not fresh we can not know, and the plan stays.
func (t *Table) replan(now time.Time) {
	if !t.lease.isFresh(now) {
		return
	}
	t.planFor(t.eligible(now), now)
}

// eligible lists the candidates of now, by name.
func (t *Table) eligible(now time.Time) []Holder {
	all := make([]Holder, 0, len(t.living)+1)
	if !t.leaving {
		all = append(all, t.me)
	}
	for _, h := range t.living {
		if t.sessions[h.Member].boot == h.Boot && !t.gone(h, now) && now.Sub(t.heard[h.Boot]) < t.limit.lease {
			all = append(all, h)
		}
	}
	slices.SortFunc(all, compareHolders)
	return slices.Compact(all)
}

func (t *Table) planFor(all []Holder, now time.Time) {
	if !slices.Equal(all, t.plan.candidates) {
		t.plan = plan{candidates: all, planned: share(all), since: now}
	}
}

// share divides the slots: each goes to the member with the highest score for it that has not its full part yet, the
// highest scores first. So all parts are even, and few slots move when a member comes or goes.
func share(all []Holder) (planned [Slots]int) {
	if len(all) == 0 {
		return planned
	}
	type wish struct {
		score uint64
		slot  Slot
		who   int
	}
	wishes := make([]wish, 0, len(all)*Slots)
	for i, h := range all {
		for s := range Slot(Slots) {
			wishes = append(wishes, wish{score(h.Member, s), s, i})
		}
	}
	slices.SortFunc(wishes, func(a, b wish) int {
		return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(a.slot, b.slot), a.who-b.who)
	})
	part := (Slots + len(all) - 1) / len(all)
	has := make([]int, len(all))
	var done [Slots]bool
	for _, w := range wishes {
		if !done[w.slot] && has[w.who] < part {
			done[w.slot], planned[w.slot] = true, w.who
			has[w.who]++
		}
	}
	return planned
}

// preferred is who should have a slot; nobody, if there is no candidate. The Controller's part goes to the first name.
func (p *plan) preferred(s Slot) Holder {
	switch {
	case len(p.candidates) == 0:
		return Holder{}
	case s == Controller:
		return p.candidates[0]
	}
	return p.candidates[p.planned[s]]
}

func (p *plan) has(h Holder) bool { return slices.Contains(p.candidates, h) }

// rank is how many candidates should rather have a slot than we.
func (p *plan) rank(s Slot, me Holder) (n int) {
	first := p.preferred(s)
	if first == me {
		return 0
	}
	if s == Controller {
		return max(slices.Index(p.candidates, me), 0)
	}
	own := score(me.Member, s)
	for _, h := range p.candidates {
		if h == first || h != me && score(h.Member, s) > own {
			n++
		}
	}
	return n
}

// gone reports that a holder does not act any more and never will under its present records.
func (t *Table) gone(h Holder, now time.Time) bool {
	return h == (Holder{}) || t.dead[h.Boot] || h != t.me && t.expired(h, now)
}

// expired reports that a holder's session is over by our clock, of which doc.go tells why that is enough. While our
// watch is not fresh nobody's is; and members that are UP get some time after it was not.
func (t *Table) expired(h Holder, now time.Time) bool {
	at, known := t.heard[h.Boot]
	if !known || !t.lease.isFresh(now) || now.Sub(at) < t.limit.lease {
		return false
	}
	return !slices.Contains(t.living, h) || now.Sub(t.lease.regained) >= t.limit.grace
}

// held counts the slots of a holder, as they will be when what moves has moved.
func (t *Table) held(h Holder) (n int) {
	for i := range Slots {
		s := &t.slots[i]
		owner := s.Holder
		if s.to != (Holder{}) {
			owner = s.to
		}
		if owner == h {
			n++
		}
	}
	return n
}
