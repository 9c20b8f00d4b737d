package conf

import "time"

// Stat says by which names statistics may be asked for, beside those that there are from the beginning, what objects they
// are about, beside queues, agents and devices: groups and places; for how long they are kept, and how often backed up.
type Stat struct {
	// For how long a statistic is computed after it was asked for the last time.
	Keep time.Duration `range:"1m..8760h" change:"now"`
	// How often what they have counted is written into the file statistics.backup in the data directory of one of the members;
	// 0s: never. tandem stat restore reads it, in this installation or another one.
	AutoBackupInterval time.Duration `range:"0s..168h" change:"now"`
	// Named kinds of statistics; one that is named as a predefined one takes its place.
	Types []StatType `change:"now"`
	// Named time profiles; that of the name Default is for whoever names none.
	Profiles []StatProfile `change:"now"`
	// Named ranges of time; that of the name Default is for whoever names none.
	Ranges []StatRange `change:"now"`
	// Named filters.
	Filters []StatFilter `change:"now"`
	// Groups of agents.
	AgentGroups []AgentGroup `change:"now"`
	// Places, where agents work: devices that belong together.
	Places []StatPlace `change:"now"`
	// Groups of places.
	PlaceGroups []PlaceGroup `change:"now"`
	// Groups of queues.
	QueueGroups []QueueGroup `change:"now"`
	// Solution to which this member belongs, as --stat-solution says: it computes the statistics of that one alone; empty: of none.
	Solution string `change:"restart" scope:"early"`
	// Parts of the members that compute their statistics apart, by names of their own.
	Solutions []StatSolution `change:"now"`
}

// StatSolution names the members that compute the statistics that are asked for in it, and what requests there may name beside
// what everybody may; what is named as one of those takes its place.
type StatSolution struct {
	// Name, such as west.
	Name string
	// Names of the members that may belong to it; none: all that are started for it.
	Members []string
	// Named kinds of statistics.
	Types []StatType
	// Named time profiles.
	Profiles []StatProfile
	// Named ranges of time.
	Ranges []StatRange
	// Named filters.
	Filters []StatFilter
}

// StatType is a kind of statistics under a name; what it leaves open whoever asks may say.
type StatType struct {
	// Name, such as Total_Calls_Answered.
	Name string
	// What is computed, such as TotalNumber.
	Category string
	// Whose facts are counted, such as AgentStatus; none: DNAction.
	Subject string
	// Actions or statuses that are counted, such as CallAnswered.
	MainMask string
	// Those that they are compared with, where the category does so.
	RelativeMask string
	// Time profile, a name or such as Sliding 3600,15.
	TimeProfile string
	// Range of time, a name or such as 0-20.
	TimeRange string
	// Second range of time.
	TimeRange2 string
	// Filter, a name or an expression.
	Filter string
	// Formula of a category of custom values, such as Value("price") * 2.
	Formula string
	// Time zone of a profile that grows, such as Europe/Vienna; none: UTC.
	Zone string
	// Whether each call counts once.
	Distinct bool
	// Whether times count in milliseconds, instead of whole seconds.
	Exact bool
	// Whether actions that go on count as statuses do, before they end.
	InProgress bool
}

// StatProfile is a time profile under a name.
type StatProfile struct {
	// Name, such as Shift.
	Name string
	// When it is zeroed, such as Growing 6:00 +8:00.
	Profile string
}

// StatRange is a range of time under a name.
type StatRange struct {
	// Name, such as Target.
	Name string
	// From and to in seconds, such as 0-20.
	Range string
}

// StatFilter is a filter under a name.
type StatFilter struct {
	// Name, such as Gold.
	Name string
	// Expression, such as PairExists("class","gold").
	Filter string
}

// AgentGroup is a group of agents: of those that are named, or of all of whom an expression holds.
type AgentGroup struct {
	// Name of the group.
	Name string
	// Names of its agents.
	Agents []string
	// Expression that makes it virtual, such as Skill("billing") >= 3; then it has no agents of its own.
	Expression string
}

// StatPlace is a place.
type StatPlace struct {
	// Name of the place.
	Name string
	// Names of its devices, such as 1002.
	Devices []string
}

// PlaceGroup is a group of places.
type PlaceGroup struct {
	// Name of the group.
	Name string
	// Names of its places.
	Places []string
}

// QueueGroup is a group of queues.
type QueueGroup struct {
	// Name of the group.
	Name string
	// Names of its queues.
	Queues []string
}

// Limits of the section.
const (
	maxStatNames = 1000   // in one list
	maxStatParts = 10_000 // of one group or place
	maxStatText  = 2000   // bytes of an expression
)

// DefaultStat returns the section's defaults.
func DefaultStat() Stat { return Stat{Keep: 72 * time.Hour} }

func (s Stat) check(k *checker) {
	s.own().checkNames(k, "stat")
	names(k, "stat.agent_groups", s.AgentGroups, func(g AgentGroup) string { return g.Name })
	names(k, "stat.places", s.Places, func(p StatPlace) string { return p.Name })
	names(k, "stat.place_groups", s.PlaceGroups, func(g PlaceGroup) string { return g.Name })
	names(k, "stat.queue_groups", s.QueueGroups, func(g QueueGroup) string { return g.Name })
	for i, g := range s.AgentGroups {
		at := part("stat.agent_groups", i)
		parts(k, at+".agents", g.Agents)
		if g.Expression != "" && len(g.Agents) > 0 {
			k.wrong(at+".agents", "are those of a virtual group", "no agents, or no expression")
		}
		if len(g.Expression) > maxStatText {
			k.wrong(at+".expression", "is too long", "at most 2000 bytes")
		}
	}
	seats := map[string]bool{}
	for i, p := range s.Places {
		at := part("stat.places", i) + ".devices"
		parts(k, at, p.Devices)
		for j, d := range p.Devices {
			if seats[d] {
				k.wrong(part(at, j), quote(d)+" belongs to a place before it", "each device at one place")
			}
			seats[d] = true
		}
	}
	for i, g := range s.PlaceGroups {
		parts(k, part("stat.place_groups", i)+".places", g.Places)
	}
	for i, g := range s.QueueGroups {
		parts(k, part("stat.queue_groups", i)+".queues", g.Queues)
	}
	if s.Solution != "" && !nameLike(s.Solution) {
		k.wrong("stat.solution", quote(s.Solution)+" is no name", "the name of one of stat.solutions")
	}
	names(k, "stat.solutions", s.Solutions, func(x StatSolution) string { return x.Name })
	taken := map[string]bool{}
	for i, x := range s.Solutions {
		at := part("stat.solutions", i)
		x.checkNames(k, at)
		parts(k, at+".members", x.Members)
		for j, m := range x.Members {
			if taken[m] {
				k.wrong(part(at+".members", j), quote(m)+" belongs to a solution before it", "each member in one solution")
			}
			taken[m] = true
		}
	}
}

// own is what everybody may name.
func (s Stat) own() StatSolution {
	return StatSolution{Types: s.Types, Profiles: s.Profiles, Ranges: s.Ranges, Filters: s.Filters}
}

// In is what requests may name in a solution, beside what there is from the beginning; what comes later takes the place of what
// has the same name. "" is for members that belong to none. False: there is no such solution.
func (s Stat) In(solution string) (all []StatSolution, ok bool) {
	all = []StatSolution{s.own()}
	if solution == "" {
		return all, true
	}
	for _, x := range s.Solutions {
		if x.Name == solution {
			return append(all, x), true
		}
	}
	return nil, false
}

// checkNames checks what may be named, at a key.
func (s StatSolution) checkNames(k *checker, at string) {
	names(k, at+".types", s.Types, func(t StatType) string { return t.Name })
	names(k, at+".profiles", s.Profiles, func(p StatProfile) string { return p.Name })
	names(k, at+".ranges", s.Ranges, func(r StatRange) string { return r.Name })
	names(k, at+".filters", s.Filters, func(f StatFilter) string { return f.Name })
}

// names demands a name of each entry of a list, and each once.
func names[T any](k *checker, key string, list []T, name func(T) string) {
	if len(list) > maxStatNames {
		k.wrong(key, "has too many entries", "at most 1000")
		return
	}
	seen := map[string]bool{}
	for i, e := range list {
		if n := name(e); !nameLike(n) || seen[n] {
			k.wrong(part(key, i)+".name", quote(n)+" is no name, or is there twice", "letters, digits, '-', '.' and '_', each once")
		}
		seen[name(e)] = true
	}
}

// parts demands names of a list, and each once.
func parts(k *checker, key string, list []string) {
	if len(list) > maxStatParts {
		k.wrong(key, "has too many entries", "at most 10000")
		return
	}
	for i, p := range list {
		if !nameLike(p) {
			k.wrong(part(key, i), quote(p)+" is no name", "letters, digits, '-', '.' and '_'")
		}
	}
	k.once(key, list)
}
