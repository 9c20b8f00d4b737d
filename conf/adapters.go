package conf

import (
	"strings"
	"time"
)

// Adapters are programs that tell the statistics of this installation what happens at switches outside.
type Adapters struct {
	// Sources that are taken, each the work of one adapter. The cluster may keep them: tandem settings set adapters.sources.
	Sources []Source `change:"now"`
	// Lines that one source may send in a second; more are refused for a moment.
	MaxRate int `unit:"lines a second" range:"1..100000" change:"now"`
	// WebSockets of adapters from one address at once; the next one is refused.
	MaxConnsPerIP int `unit:"connections" range:"1..10000" change:"now"`
}

// Source is one of them.
type Source struct {
	// Name by which its adapter sends: /api/v1/stat/sources/NAME.
	Name string
	// Accounts whose adapters may send for it, such as bridge or bridge@tandem.local, each with the role adapter; none:
	// administrators alone may.
	Accounts []string
	// Switch by which its devices and queues are named, 7001@pbx; empty: they are named 7001.
	Switch string
	// Names of devices and queues of which it may tell: 7000-7999, sales, 70*; none: of all.
	Objects []string
	// Media type of what it tells, such as chat; empty: voice.
	Media string
	// How long it may say nothing before its objects are invalid; 0s is 30s.
	Silence time.Duration
	// After how long a call of which it says nothing more is asked for, and then cleaned away; 0s is 4h.
	Stuck time.Duration
	// Whether times are those at which lines come, not those of the source.
	Arrival bool
	// By how much a time of the source may be ahead of ours; one further ahead counts as that of its coming; 0s is 2s.
	Ahead time.Duration
}

// maxSources is how many sources there are.
const maxSources = 1000

// DefaultAdapters returns the section's defaults.
func DefaultAdapters() Adapters { return Adapters{MaxRate: 10_000, MaxConnsPerIP: 50} }

// Of finds a source by its name, with its defaults filled in. False: there is none.
func (a Adapters) Of(name string) (Source, bool) {
	for _, s := range a.Sources {
		if s.Name == name {
			return s.whole(), true
		}
	}
	return Source{}, false
}

func (s Source) whole() Source {
	for _, d := range []struct {
		to *time.Duration
		is time.Duration
	}{{&s.Silence, 30 * time.Second}, {&s.Stuck, 4 * time.Hour}, {&s.Ahead, 2 * time.Second}} {
		if *d.to == 0 {
			*d.to = d.is
		}
	}
	return s
}

// Takes tells whether the adapter of an account, USER@DOMAIN, may send for it; domain is that of accounts that are named alone.
func (s Source) Takes(account, domain string) bool {
	for _, a := range s.Accounts {
		if !strings.Contains(a, "@") {
			a += "@" + domain
		}
		if strings.EqualFold(a, account) {
			return true
		}
	}
	return false
}

// home is the switch to which all objects of a source belong.
func (s Source) home() string {
	if s.Switch != "" {
		return s.Switch
	}
	return s.Name
}

func (a Adapters) check(k *checker) {
	if len(a.Sources) > maxSources {
		k.wrong("adapters.sources", "names more than 1000 sources", "at most 1000")
	}
	names, homes := map[string]bool{}, map[string]bool{}
	for i, s := range a.Sources {
		at := part("adapters.sources", i) + "."
		if !nameLike(s.Name) || names[s.Name] {
			k.wrong(at+"name", quote(s.Name)+" is no name of a source, or is there twice", "letters, digits, '-', '.' and '_', each once")
		}
		names[s.Name] = true
		if s.Switch != "" && !nameLike(s.Switch) {
			k.wrong(at+"switch", quote(s.Switch)+" is no name of a switch", "letters, digits, '-', '.' and '_'")
		}
		if homes[s.home()] { // one of them lost, or found, would speak for the objects of the other
			k.wrong(at+"switch", quote(s.home())+" has a source before it", "each switch in one source; one without a switch has that of its name")
		}
		homes[s.home()] = true
		for j, a := range s.Accounts {
			if a == "" || len(a) > 200 || strings.ContainsAny(a, " \t") {
				k.wrong(part(at+"accounts", j), quote(a)+" is no account", "its name, or its address")
			}
		}
		k.once(at+"accounts", s.Accounts)
		if strings.ContainsAny(s.Media, " /") || len(s.Media) > 60 {
			k.wrong(at+"media", quote(s.Media)+" is no media type", "a word such as chat")
		}
		for j, o := range s.Objects {
			if o == "" || len(o) > 200 || strings.Contains(strings.TrimSuffix(o, "*"), "*") {
				k.wrong(part(at+"objects", j), quote(o)+" names nothing", "a name, 7000-7999, or a beginning such as 70*")
			}
		}
		for _, d := range []struct {
			key         string
			is          time.Duration
			least, most time.Duration
		}{{"silence", s.Silence, 500 * time.Millisecond, 24 * time.Hour}, {"stuck", s.Stuck, time.Second, 30 * 24 * time.Hour},
			{"ahead", s.Ahead, time.Millisecond, time.Hour}} {
			if d.is != 0 && (d.is < d.least || d.is > d.most) {
				k.wrong(at+d.key, durationText(d.is)+" is out of range", durationText(d.least)+".."+durationText(d.most))
			}
		}
	}
}
