package stat

import (
	"errors"
	"fmt"
	"hash/fnv"
	"strconv"
)

// Solutions say to which solution members belong (reference statserver.md 5.3): a statistic is computed by a member of the
// solution in which it was asked for. Members that belong to none compute what was asked for in none.
type Solutions interface {
	// Of is the solution of a member, "" where it belongs to none.
	Of(member string) string
	// Now is another value whenever names, or members, may have moved; split, whether a member belongs to a solution at all.
	Now() (moment any, split bool)
}

// whole are the Solutions of members of which none belongs to any.
type whole struct{}

func (whole) Of(string) string { return "" }
func (whole) Now() (any, bool) { return nil, false }

// ErrEmpty says that nobody computes for a solution. A member that has just come gets names within seconds.
var ErrEmpty = errors.New("no member of this solution is there at the moment, or it owns no names yet; ask again")

// seats is how many names stand for the shares of all names: so many that hardly a share has none.
const seats = 512

// seating is which of these names members of each solution own.
//
// Each statistic has one owner, who has a lease: that of the name of its object, if he belongs to its solution. Else the
// statistic is at the first seat, counted from a place that depends on the object, whose owner does. So all members find the
// same owner, and statistics of a solution move when names of its members do.
type seating struct {
	moment any
	split  bool
	at     map[string]*[seats]uint16 // by solution: the first seat of its members from each place on
	sum    uint64                    // another one when the seats are others'
}

var seatNames = func() (all [seats]string) {
	for i := range all {
		all[i] = "seat/" + strconv.Itoa(i)
	}
	return all
}()

// seated is who sits where now.
func (h *Hall) seated() *seating {
	moment, split := h.Solutions.Now()
	if s := h.seating.Load(); s != nil && s.moment == moment {
		return s
	}
	s := &seating{moment: moment, split: split}
	if split {
		s.take(func(seat string) (solution, member string, ok bool) {
			member, ok = h.Member.Owner(Kind, seat)
			return h.Solutions.Of(member), member, ok
		})
	}
	h.seating.Store(s)
	return s
}

// take finds the seats of each solution.
func (s *seating) take(whose func(seat string) (solution, member string, ok bool)) {
	s.at = map[string]*[seats]uint16{}
	sum := fnv.New64a()
	for i := 2*seats - 1; i >= 0; i-- { // twice around, so that the first seat behind the last one is known
		solution, member, ok := whose(seatNames[i%seats])
		if i < seats {
			_, _ = fmt.Fprintf(sum, "%q %q %v\n", member, solution, ok) // never fails
		}
		if ok && s.at[solution] == nil {
			s.at[solution] = &[seats]uint16{}
			for j := range seats {
				s.at[solution][j] = uint16(i % seats)
			}
		}
		for of, at := range s.at {
			if ok && of == solution {
				at[i%seats] = uint16(i % seats)
			} else {
				at[i%seats] = at[(i+1)%seats]
			}
		}
	}
	s.sum = sum.Sum64()
}

// leased is the name under whose lease the statistics of an object are computed for a solution; false: nobody can.
func (h *Hall) leased(solution, object string) (name string, ok bool) {
	s := h.seated()
	if !s.split {
		return object, solution == ""
	}
	if owner, known := h.Member.Owner(Kind, object); known && h.Solutions.Of(owner) == solution {
		return object, true
	}
	at := s.at[solution]
	if at == nil {
		return "", false
	}
	place := fnv.New32a()
	_, _ = place.Write([]byte(object)) // never fails
	return seatNames[at[place.Sum32()%seats]], true
}

// homeless tells whether nobody can compute a statistic: its solution has no members, or is none any more.
func (h *Hall) homeless(p *pooled) bool {
	_, ok := h.leased(p.Request.Solution, p.name)
	return !ok
}

// owner is the member that computes the statistics of an object for a solution; "": none does at the moment.
func (h *Hall) owner(solution, object string) string {
	name, ok := h.leased(solution, object)
	if !ok {
		return ""
	}
	owner, _ := h.Member.Owner(Kind, name)
	return owner
}

// ownerOf is the member that computes a statistic.
func (h *Hall) ownerOf(p *pooled) string { return h.owner(p.Request.Solution, p.name) }

// mine tells whether this member computes a statistic.
func (h *Hall) mine(p *pooled) bool {
	name, ok := h.leased(p.Request.Solution, p.name)
	return ok && h.owns(name)
}

// owns tells whether this member has the lease of a name.
func (h *Hall) owns(name string) bool {
	_, ok := h.Member.Epoch(Kind, name)
	return ok
}

// standing is another number when this member may have to compute other statistics than before.
func (h *Hall) standing() uint64 { return h.Member.Holdings() ^ h.seated().sum }

// named are the names that requests of a solution may use; "" is that of this member.
func (h *Hall) named(solution string) (*Catalogue, error) {
	c := h.Names(solution)
	if c == nil {
		return nil, &Refusal{fmt.Errorf("solution: there is none named %q; stat.solutions has those there are", clip(solution))}
	}
	return c, nil
}
