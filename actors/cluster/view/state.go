package view

import (
	"slices"
	"time"

	"tandem/actors/msg"
)

// States of another member, see doc.go for the picture.
const (
	unknown = msg.MemberState_UNKNOWN // never heard
	joining = msg.MemberState_JOINING // heard; it has not shown yet that it hears us
	up      = msg.MemberState_UP      // each hears the other
	suspect = msg.MemberState_SUSPECT // something speaks against it: silence, a broken connection, it is deaf
	lost    = msg.MemberState_LOST    // nothing connects us any more; our own opinion
	dead    = msg.MemberState_DEAD    // over for all and for ever
	left    = msg.MemberState_LEFT    // over for all and for ever, since it said so
)

var legal = map[msg.MemberState][]msg.MemberState{
	unknown: {joining, up},
	joining: {up, suspect, lost, dead, left},
	up:      {suspect, lost, dead, left},
	suspect: {joining, up, lost, dead, left},
	lost:    {joining, up, dead, left},
}

// living says that a member is taken for a running one.
func living(s msg.MemberState) bool { return s == joining || s == up || s == suspect }

// over says that a life never comes back.
func over(s msg.MemberState) bool { return s == dead || s == left }

// become is the only place where the state of another member changes: it checks, assigns and tells. Whoever is no
// longer taken for a running one is cut off in the same step.
func (v *View) become(r *row, to msg.MemberState, why string, now time.Time) {
	from := r.state
	if from == to {
		return
	}
	if !slices.Contains(legal[from], to) {
		v.counts.Illegal++
		return
	}
	r.state, r.since, r.why = to, now, why
	v.do(Changed{Row: r.row(), From: from, Why: why})
	if living(from) && !living(to) {
		v.do(Cut{Boot: r.member.Boot, Address: r.member.Address, Why: why})
	}
}
