package actors

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"

	"tandem/actors/stat"
	"tandem/actors/stat/engine"
	"tandem/actors/stat/filter"
	"tandem/actors/stat/measure"
	"tandem/actors/stat/reader"
	"tandem/conf"
)

// catalogue are the names by which statistics may be asked for in a solution, "" in none: those that there are from the
// beginning, and those of the settings. nil: there is no such solution.
func catalogue(s *conf.Stat, solution string) *stat.Catalogue {
	all, ok := s.In(solution)
	if !ok {
		return nil
	}
	c := stat.Predefined()
	for _, x := range all {
		for _, p := range x.Profiles {
			c.Profiles[p.Name] = p.Profile
		}
		for _, r := range x.Ranges {
			c.Ranges[r.Name] = r.Range
		}
		for _, f := range x.Filters {
			c.Filters[f.Name] = f.Filter
		}
		for _, t := range x.Types {
			c.Types[t.Name] = statType(t)
		}
	}
	return c
}

func statType(t conf.StatType) stat.Request {
	return stat.Request{Category: t.Category, Subject: t.Subject, Main: t.MainMask, Relative: t.RelativeMask, Profile: t.TimeProfile,
		Zone: t.Zone, Range: t.TimeRange, Range2: t.TimeRange2, Filter: t.Filter, Formula: t.Formula, Distinct: t.Distinct, Exact: t.Exact,
		InProgress: t.InProgress}
}

// demandStatistics demands that each name means something that can be.
func demandStatistics(s *conf.Stat, wrong func(key, wrong, right string)) {
	demandNames(s, "", "stat.", conf.StatSolution{Types: s.Types, Profiles: s.Profiles, Ranges: s.Ranges, Filters: s.Filters}, wrong)
	for i, x := range s.Solutions {
		demandNames(s, x.Name, fmt.Sprintf("stat.solutions[%d].", i), x, wrong)
	}
	for i, g := range s.AgentGroups {
		if g.Expression != "" {
			_, err := filter.ParseGroup(g.Expression)
			demandOne(fmt.Sprintf("stat.agent_groups[%d].expression", i), g.Name, err, wrong)
		}
	}
}

// demandOne demands that what a name means can be.
func demandOne(key, name string, err error, wrong func(key, wrong, right string)) {
	if err != nil {
		wrong(key, "of "+strconv.Quote(name)+" can not be: "+err.Error(), "one that can")
	}
}

// demandNames demands that of what may be named in a solution, which stands under a key.
func demandNames(s *conf.Stat, solution, at string, of conf.StatSolution, wrong func(key, wrong, right string)) {
	demand := func(list string, i int, field, name string, err error) {
		demandOne(fmt.Sprintf("%s%s[%d].%s", at, list, i, field), name, err, wrong)
	}
	for i, p := range of.Profiles {
		_, err := stat.ParseProfile(p.Profile, "")
		demand("profiles", i, "profile", p.Name, err)
	}
	for i, r := range of.Ranges {
		_, err := measure.ParseRange(r.Range)
		demand("ranges", i, "range", r.Name, err)
	}
	for i, f := range of.Filters {
		_, err := filter.Parse(f.Filter)
		demand("filters", i, "filter", f.Name, err)
	}
	names := catalogue(s, solution)
	for i, t := range of.Types {
		q := statType(t)
		q.Object = "Queue:any"
		_, err := names.Resolve(q)
		demand("types", i, "category", t.Name, err)
	}
}

// defined is what the settings say of the objects of statistics: groups and places, and what agents can do.
func (h *House) defined() map[engine.Object]reader.Definition {
	s := &h.live.Conf().Stat
	all := map[engine.Object]reader.Definition{}
	say := func(kind engine.Type, name string, of engine.Type, parts []string, expression string) {
		d := reader.Definition{Expression: expression}
		for _, p := range parts {
			d.Parts = append(d.Parts, engine.Object{Type: of, ID: p})
		}
		slices.SortFunc(d.Parts, func(a, b engine.Object) int { return cmp.Compare(a.ID, b.ID) })
		if !d.Empty() {
			all[engine.Object{Type: kind, ID: name}] = d
		}
	}
	for _, g := range s.AgentGroups {
		say(engine.GroupAgents, g.Name, engine.Agent, g.Agents, g.Expression)
	}
	for _, p := range s.Places {
		say(engine.AgentPlace, p.Name, engine.RegDN, p.Devices, "")
	}
	for _, g := range s.PlaceGroups {
		say(engine.GroupPlaces, g.Name, engine.AgentPlace, g.Places, "")
	}
	for _, g := range s.QueueGroups {
		say(engine.GroupQueues, g.Name, engine.Queue, g.Queues, "")
	}
	for _, a := range h.ledger.Agents() {
		if len(a.Skills) > 0 {
			all[engine.Object{Type: engine.Agent, ID: a.Name}] = reader.Definition{Skills: a.Skills}
		}
	}
	return all
}
