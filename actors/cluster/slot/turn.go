package slot

import "time"

// turn does what is to be done about one slot.
func (t *Table) turn(s *slot, now time.Time) {
	if !s.flight.IsZero() && now.Sub(s.flight) >= t.limit.lost {
		t.overdue(s, now)
	}
	switch s.state {
	case owned:
		t.keep(s, now)
	case draining:
		if !now.Before(s.until) {
			s.become(idle)
			t.pursue(s, now)
		}
	case idle:
		t.pursue(s, now)
	}
}

// counts reports that a slot's record makes us its owner: it names us, no earlier ownership ended under it, and it is
// younger than our row of renewals.
func (t *Table) counts(s *slot) bool {
	return s.Holder == t.me && t.lease.row != 0 && s.revision > max(s.void, t.lease.row)
}

// keep looks whether what we own stays here.
func (t *Table) keep(s *slot, now time.Time) {
	switch {
	case !t.counts(s) || s.revision != s.epoch:
		t.disown(s, Taken, now)
	case t.leaving:
		s.to = t.plan.preferred(s.id)
		t.disown(s, Leaving, now)
	case t.moves(s, now):
		s.to = t.plan.preferred(s.id)
		t.nextMove = now.Add(moveEvery)
		t.disown(s, Moved, now)
	}
}

// moves reports that a slot goes to the member that should have it: one at a time, when the plan has stood for a
// while and the store is well, and only as long as that member has fewer slots than we, so that nothing moves
// without need.
func (t *Table) moves(s *slot, now time.Time) bool {
	to := t.plan.preferred(s.id)
	if s.id == Controller || to == t.me || to == (Holder{}) || now.Before(t.nextMove) ||
		!t.may(now) || t.lease.failed || !t.lease.isFresh(now) || now.Sub(t.plan.since) < settled || !s.flight.IsZero() {
		return false
	}
	return t.moving() < maxMoving && t.held(t.me) >= t.held(to)+2
}

// moving counts the slots that are on their way to others.
func (t *Table) moving() (n int) {
	for i := range t.slots {
		if t.slots[i].to != (Holder{}) {
			n++
		}
	}
	return n
}

// disown ends an ownership, and that record's power with it.
func (t *Table) disown(s *slot, why Why, now time.Time) {
	s.become(draining)
	s.void = max(s.void, s.epoch, s.revision)
	s.until = now.Add(t.limit.drain)
	t.do(Disown{s.id, s.epoch, why})
}

func (t *Table) disownAll(why Why, now time.Time) {
	for i := range t.slots {
		if s := &t.slots[i]; s.state == owned {
			t.disown(s, why, now)
		}
	}
}

// pursue takes up a slot that is not ours to act for: to give it, own it or claim it.
func (t *Table) pursue(s *slot, now time.Time) {
	if t.leaving && s.Holder == t.me && s.to == (Holder{}) {
		s.to = t.plan.preferred(s.id)
	}
	switch {
	case s.to != (Holder{}):
		t.give(s, now)
	case t.leaving || !t.may(now):
	case t.counts(s):
		s.become(owned)
		s.epoch, s.vacant, s.retry, s.pause = s.revision, time.Time{}, time.Time{}, 0
		t.do(Own{s.id, s.epoch})
	default:
		t.claim(s, now)
	}
}

// claim asks for a slot that nobody holds, or that our own name holds without making us owner: at once if it should
// be ours, else when those who should rather have it had their time.
func (t *Table) claim(s *slot, now time.Time) {
	ours := s.Holder == t.me
	if !ours && !t.gone(s.Holder, now) {
		s.vacant = time.Time{}
		return
	}
	if s.vacant.IsZero() {
		s.vacant = now
	}
	if !s.flight.IsZero() || now.Before(s.retry) || t.flying >= maxFlying || !t.lease.isFresh(now) {
		return
	}
	if rank := t.plan.rank(s.id, t.me); !ours && now.Sub(s.vacant) < time.Duration(min(rank, rankMost))*rankDelay {
		return
	}
	t.fly(s, now)
	t.do(Claim{s.id, s.revision})
}

// give writes the record in another one's name, if it is still in ours and the other one is still there.
func (t *Table) give(s *slot, now time.Time) {
	if s.Holder != t.me || !t.plan.has(s.to) {
		s.to = Holder{}
		return
	}
	if !s.flight.IsZero() || now.Before(s.retry) || t.flying >= maxFlying {
		return
	}
	s.become(giving)
	t.fly(s, now)
	t.do(Release{s.id, s.revision, s.to})
}

// given ends a hand-over. One that failed, or of which one does not know, leaves the slot to be claimed again, by
// compare-and-set with the record that may be on its way.
func (t *Table) given(s *slot, ok bool, now time.Time) {
	t.land(s)
	s.become(idle)
	s.to = Holder{}
	if !ok {
		s.failed(now, t.limit)
		t.nextMove = now.Add(settled)
	}
}

// overdue gives up a write that nobody reported on.
func (t *Table) overdue(s *slot, now time.Time) {
	if s.state == giving {
		t.given(s, false, now)
		return
	}
	t.land(s)
	s.failed(now, t.limit)
}

// fly and land count the writes in flight.
func (t *Table) fly(s *slot, now time.Time) {
	s.flight = now
	t.flying++
}

func (t *Table) land(s *slot) {
	if !s.flight.IsZero() {
		s.flight = time.Time{}
		t.flying--
	}
}
