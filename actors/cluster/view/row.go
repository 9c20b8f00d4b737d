package view

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"tandem/actors/msg"
)

// Row is what a view knows of one life of a member. Whoever holds it reads only.
type Row struct {
	Member *msg.Member
	State  msg.MemberState
	Why    string        // of the state
	Since  time.Time     // of the state; of a dead one, when it died
	Heard  time.Time     // last; zero: never
	Offset time.Duration // of its clock to ours, positive where it is ahead; less the time of the way
	Quorum bool          // it can write the store, it says
	Sights []*msg.Sight  // whom it sees, as it said when last heard
	Sure   bool          // its process has ended: nobody listens there, it left, or another life is in its place
	Self   bool
}

// Up says that the member and we hear each other.
func (r Row) Up() bool { return r.State == up }

// Rows are all members by name, and the living life of a name before those that are over.
type Rows []Row

// ByBoot finds a life of a member.
func (r Rows) ByBoot(boot uint32) (Row, bool) {
	for i := range r {
		if r[i].Member.Boot == boot {
			return r[i], true
		}
	}
	return Row{}, false
}

// ByName finds a member by its name: the life that goes on, else the last one.
func (r Rows) ByName(name string) (Row, bool) {
	for i := range r {
		if r[i].Member.Name == name {
			return r[i], true
		}
	}
	return Row{}, false
}

// row is a life that goes on, or may.
type row struct {
	member  *msg.Member
	state   msg.MemberState
	why     string
	since   time.Time
	heard   time.Time
	fresh   time.Time // from when its silence counts: when it was heard, or a freeze of ours ended
	serial  uint64
	lived   time.Duration // when it was heard
	quorum  bool
	sights  []*msg.Sight
	met     bool // it has shown, since we began with it, that it hears us
	sure    bool
	offset  time.Duration
	samples int
}

func (r *row) row() Row {
	return Row{Member: r.member, State: r.state, Why: r.why, Since: r.since, Heard: r.heard, Offset: r.offset,
		Quorum: r.quorum, Sights: r.sights, Sure: r.sure}
}

// clock compares the other clock with ours. A heartbeat that was long on its way makes the other one look late: the
// best of some is nearest to the truth.
func (r *row) clock(now time.Time) {
	offset := time.UnixMilli(r.member.Clock).Sub(now)
	if r.samples%offsetBest == 0 || offset > r.offset {
		r.offset = offset
	}
	r.samples++
}

// age is how long this life has lasted, in ms.
func (r *row) age(now time.Time) int64 { return (r.lived + now.Sub(r.heard)).Milliseconds() }

// sees is how this member saw a life when it was last heard.
func (r *row) sees(boot uint32) *msg.Sight { return sightOf(r.sights, boot) }

func sightOf(sights []*msg.Sight, boot uint32) *msg.Sight {
	for _, s := range sights {
		if s.GetBoot() == boot {
			return s
		}
	}
	return nil
}

// sorted gives the rows an order, so that the same events have the same effects.
func (v *View) sorted() []*row {
	return slices.SortedFunc(maps.Values(v.rows), func(a, b *row) int {
		return cmp.Or(cmp.Compare(a.member.Name, b.member.Name), cmp.Compare(a.member.Boot, b.member.Boot))
	})
}

func (v *View) at(address string) *row {
	for _, r := range v.rows {
		if r.member.Address == address {
			return r
		}
	}
	return nil
}

func (v *View) byName(name string) *row {
	for _, r := range v.rows {
		if r.member.Name == name {
			return r
		}
	}
	return nil
}

// Rows are all members as they are seen now, this one among them, and those that ended within the last hour and have
// no new life.
func (v *View) Rows() Rows {
	out := Rows{v.row()}
	taken := map[string]bool{v.self.Name: true}
	for _, r := range v.rows {
		out = append(out, r.row())
		taken[r.member.Name] = true
	}
	shown := 0
	v.graves.latest(func(g *grave) bool {
		if v.last.Sub(g.at) > shownFor {
			return false
		}
		if !taken[g.member.Name] {
			taken[g.member.Name] = true
			out = append(out, g.row())
			shown++
		}
		return shown < maxShown
	})
	slices.SortFunc(out, func(a, b Row) int { return cmp.Compare(a.Member.Name, b.Member.Name) })
	return out
}

// row is this member itself, which is up until the view is over.
func (v *View) row() Row {
	r := Row{Member: v.self, State: up, Since: v.born, Heard: v.last, Quorum: v.quorum, Self: true,
		Sights: v.sights(v.last)}
	if v.end != unknown {
		r.State, r.Why, r.Since, r.Sure = v.end, v.why, v.ended, false
	}
	return r
}

// ByBoot finds a life of a member, also one that ended long ago.
func (v *View) ByBoot(boot uint32) (Row, bool) {
	if boot == v.self.Boot {
		return v.row(), true
	}
	if r := v.rows[boot]; r != nil {
		return r.row(), true
	}
	if g := v.graves.by[boot]; g != nil {
		return g.row(), true
	}
	return Row{}, false
}

// ByName finds a member by its name: the life that goes on, else the last one.
func (v *View) ByName(name string) (Row, bool) { return v.Rows().ByName(name) }
