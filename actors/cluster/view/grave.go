package view

import (
	"time"

	"tandem/actors/msg"
)

// grave is a life that is over. It is remembered, so that a late heartbeat of it is known for what it is.
type grave struct {
	member  *msg.Member // who it was, no more
	state   msg.MemberState
	why     string
	at      time.Time
	heard   time.Time // while it lived
	told    time.Time // when it was last spoken of: for a while after it the end is told to all
	refused string    // for the sight
	sure    bool
}

func (g *grave) row() Row {
	return Row{Member: g.member, State: g.state, Why: g.why, Since: g.at, Heard: g.heard, Sure: g.sure}
}

// graveyard holds the last maxGraves of them.
type graveyard struct {
	by    map[uint32]*grave
	order []uint32 // a ring once it is full
	next  int
}

func (y *graveyard) add(boot uint32, g *grave) {
	y.by[boot] = g
	if len(y.order) < maxGraves {
		y.order = append(y.order, boot)
		return
	}
	delete(y.by, y.order[y.next])
	y.order[y.next] = boot
	y.next = (y.next + 1) % maxGraves
}

// latest visits them, the newest first, until it is told to stop.
func (y *graveyard) latest(visit func(*grave) bool) {
	n := len(y.order)
	for i := range n {
		boot := y.order[(y.next-1-i+2*n)%n]
		if !visit(y.by[boot]) {
			return
		}
	}
}

// bury ends a life for ever. Others are told at once.
func (v *View) bury(r *row, state msg.MemberState, why, refused string, now time.Time) {
	r.sure = r.sure || state == left
	v.become(r, state, why, now)
	m := r.member
	delete(v.rows, m.Boot)
	v.graves.add(m.Boot, &grave{member: identity(m), state: state, why: why, at: now, heard: r.heard, told: now,
		refused: refused, sure: r.sure})
	v.hurry = true
}

// identity is what is kept of a record when its life is over.
func identity(m *msg.Member) *msg.Member {
	return &msg.Member{Name: m.Name, Boot: m.Boot, Address: m.Address, Version: m.Version, Wire: m.Wire,
		Cluster: m.Cluster, Started: m.Started, Store: m.Store}
}

// stranger is a life that is no member.
type stranger struct {
	member *msg.Member // who it is, no more
	why    string
	heard  time.Time
	tell   bool // it may know why
}

// strange refuses a record. One of another cluster is not told: its own cluster may well be whole.
func (v *View) strange(m *msg.Member, why string, tell bool, now time.Time) {
	v.counts.Refused++
	s := v.strangers[m.Boot]
	if s == nil {
		if len(v.strangers) >= maxStrangers {
			v.forgetStranger()
		}
		s = &stranger{}
		v.strangers[m.Boot] = s
	}
	if s.why != why {
		v.do(Stranger{Member: m, Why: why})
	}
	*s = stranger{member: identity(m), why: why, heard: now, tell: tell}
	if tell {
		v.call(m.Address, now)
	}
}

// forgetStranger makes room: the one that was silent for longest.
func (v *View) forgetStranger() {
	var oldest uint32
	for boot, s := range v.strangers {
		if o := v.strangers[oldest]; o == nil || s.heard.Before(o.heard) || s.heard.Equal(o.heard) && boot < oldest {
			oldest = boot
		}
	}
	delete(v.strangers, oldest)
}
