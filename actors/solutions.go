package actors

import (
	"cmp"
	"context"
	"slices"
	"strconv"

	"tandem/conf"
	"tandem/web"
)

// solutions are parts of the members that compute statistics apart, as each member says of itself: stat.Solutions.
type solutions struct{ *House }

// Of implements stat.Solutions.
func (s *solutions) Of(member string) string {
	if member == s.Name() {
		return s.live.Conf().Stat.Solution
	}
	if society := s.member.Society(); society != nil {
		if r, ok := society.Rows.ByName(member); ok {
			return r.Member.Solution
		}
	}
	return ""
}

// Now implements stat.Solutions.
func (s *solutions) Now() (moment any, split bool) {
	society := s.member.Society()
	split = s.live.Conf().Stat.Solution != ""
	if society != nil {
		for _, r := range society.Rows {
			split = split || r.Member.Solution != ""
		}
	}
	return society, split
}

// all tells which there are, and who belongs to them.
func (s *solutions) all() (all []web.StatSolution) {
	c := s.live.Conf()
	for _, x := range c.Stat.Solutions {
		out := web.StatSolution{Name: x.Name, Own: c.Stat.Solution == x.Name, Named: append([]string{}, x.Members...), Members: []string{}}
		if out.Own {
			out.Members = append(out.Members, s.Name())
		}
		if society := s.member.Society(); society != nil {
			for _, r := range society.Rows {
				if !r.Self && r.Up() && r.Member.Solution == x.Name {
					out.Members = append(out.Members, r.Member.Name)
				}
			}
		}
		slices.Sort(out.Members)
		all = append(all, out)
	}
	slices.SortFunc(all, func(a, b web.StatSolution) int { return cmp.Compare(a.Name, b.Name) })
	return all
}

// demandSolution demands, as long as the member lives, that the solution for which it was started is there and has it.
func (h *House) demandSolution() error {
	stop, err := h.live.Require(func(c *conf.Conf, wrong func(key, wrong, right string)) {
		own := c.Stat.Solution
		if own == "" {
			return
		}
		i := slices.IndexFunc(c.Stat.Solutions, func(x conf.StatSolution) bool { return x.Name == own })
		if i < 0 {
			wrong("stat.solution", strconv.Quote(own)+" is none of stat.solutions", "the name of one of them")
			return
		}
		if named := c.Stat.Solutions[i].Members; len(named) > 0 && !slices.Contains(named, h.Name()) {
			wrong("stat.solutions["+strconv.Itoa(i)+"].members", "do not name "+h.Name()+", which was started for "+strconv.Quote(own), "its name too")
		}
	})
	if err == nil {
		h.closes(func(context.Context) error { stop(); return nil })
	}
	return err
}
