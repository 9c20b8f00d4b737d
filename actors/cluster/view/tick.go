package view

import (
	"fmt"
	"time"
)

// Tick lets time pass: to be called at least five times a heartbeat. Silences are counted, deaths declared, and
// heartbeats that are due leave.
func (v *View) Tick(now time.Time) []Effect {
	v.wake(now)
	v.last = now
	if v.end == unknown {
		v.listen(now)
		v.declare(now)
		v.beats(now)
	}
	return v.done()
}

// wake finds out that this process did not run for a while. What was sent to it meanwhile may still wait unread: the
// silence of others is counted anew from here, and what was true of the store is not known to be so any more.
func (v *View) wake(now time.Time) {
	gap := now.Sub(v.last)
	if gap <= v.o.DeadAfter/2 || v.end != unknown {
		return
	}
	v.last, v.quorum = now, false
	v.do(Thawed{Gap: gap})
	for _, r := range v.rows {
		r.fresh = now
	}
	v.callLost(now)
}

// callLost begins anew to call those that are lost, without the patience that has grown meanwhile.
func (v *View) callLost(now time.Time) {
	for _, r := range v.rows {
		if r.state == lost {
			v.call(r.member.Address, now)
		}
	}
}

// listen counts the silence of each member.
func (v *View) listen(now time.Time) {
	for _, r := range v.sorted() {
		silent := now.Sub(r.fresh)
		switch {
		case !living(r.state):
		case silent >= v.o.DeadAfter:
			v.become(r, lost, fmt.Sprintf("silent for %d ms", silent.Milliseconds()), now)
		case silent >= v.o.DeadAfter/2:
			v.become(r, suspect, fmt.Sprintf("silent for %d ms", silent.Milliseconds()), now)
		}
	}
}

// declare makes of a loss a death, as far as this member may say so for all.
func (v *View) declare(now time.Time) {
	if !v.quorum {
		return
	}
	settled := now.Sub(v.since) >= v.o.DeadAfter
	for _, r := range v.sorted() {
		switch {
		case r.state != lost:
		case r.sure:
			v.bury(r, dead, r.why, "", now)
		case settled && !v.vouched(r, now) && !v.deaf(r, now):
			v.bury(r, dead, "declared: "+r.why, "", now)
		}
	}
}

// vouched says that somebody else still hears a member that is lost here. Then the way between it and us has failed,
// and nobody has died.
func (v *View) vouched(x *row, now time.Time) bool {
	for _, r := range v.rows {
		s := r.sees(x.member.Boot)
		if r == x || s == nil || !living(r.state) || !living(s.State) {
			continue
		}
		if now.Sub(r.heard)+age(s.AgeMs) < v.o.DeadAfter {
			return true
		}
	}
	return false
}

// deaf says that this member has reason to doubt its own ears: several others fell silent, and there is nobody whom
// it hears. Only one other is no such reason, since then one of two has failed, and it is not the one with quorum.
func (v *View) deaf(x *row, now time.Time) bool {
	others := false
	for _, r := range v.rows {
		if r == x {
			continue
		}
		if living(r.state) && now.Sub(r.heard) < v.o.DeadAfter/2 {
			return false
		}
		others = true
	}
	return others
}

// age is an age as another member gave it, within reason.
func age(ms int64) time.Duration {
	return time.Duration(min(max(ms, 0), maxAge.Milliseconds())) * time.Millisecond
}
