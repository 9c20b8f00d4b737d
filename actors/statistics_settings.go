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

// catalogue are the names by which statistics may be asked for: those that there are from the beginning, and those of
// the settings.
func catalogue(s *conf.Stat) *stat.Catalogue {
	c := stat.Predefined()
	for _, p := range s.Profiles {
		c.Profiles[p.Name] = p.Profile
	}
	for _, r := range s.Ranges {
		c.Ranges[r.Name] = r.Range
	}
	for _, f := range s.Filters {
		c.Filters[f.Name] = f.Filter
	}
	for _, t := range s.Types {
		c.Types[t.Name] = statType(t)
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
	demand := func(list string, i int, field, name string, err error) {
		if err != nil {
			wrong(fmt.Sprintf("stat.%s[%d].%s", list, i, field), "of "+strconv.Quote(name)+" can not be: "+err.Error(), "one that can")
		}
	}
	for i, p := range s.Profiles {
		_, err := stat.ParseProfile(p.Profile, "")
		demand("profiles", i, "profile", p.Name, err)
	}
	for i, r := range s.Ranges {
		_, err := measure.ParseRange(r.Range)
		demand("ranges", i, "range", r.Name, err)
	}
	for i, f := range s.Filters {
		_, err := filter.Parse(f.Filter)
		demand("filters", i, "filter", f.Name, err)
	}
	names := catalogue(s)
	for i, t := range s.Types {
		q := statType(t)
		q.Object = "Queue:any"
		_, err := names.Resolve(q)
		demand("types", i, "category", t.Name, err)
	}
	for i, g := range s.AgentGroups {
		if g.Expression != "" {
			_, err := filter.ParseGroup(g.Expression)
			demand("agent_groups", i, "expression", g.Name, err)
		}
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
