package block

import (
	"slices"
	"time"

	"tandem/actors/queuelog/report"
)

// Ask says what a report is made of, and by which measures. The zero value asks for everything; Parse fills in the
// measures that are usual.
type Ask struct {
	report.Ask // period, queues, agents, service level

	Zone      *time.Location // in which days and hours are counted; nil: UTC
	Slot      int            // minutes of a slot of the day; it divides a day; 0: an hour
	Direction string         // In, Out or Both; "": In
	Joined    bool           // the stints of a caller are one call
	Servers   []string       // calls of these partitions alone
	Where     Where          // and only calls like this

	Composites map[string][]string // names that stand for several queues
	Groups     map[string]string   // group of an agent
	Locations  map[string]string   // where an agent works
	Levels     map[string]string   // of an agent: Main, Wrap, Spill

	ShortWait    int64 // lost calls that waited less are left out, in seconds
	ShortTalk    int64 // answered calls that talked less
	ShortAttempt int64 // attempts in vain that rang less
	Effective    int64 // a conversation from then on was one
	Steps        Steps
	AreaDigits   int // of a caller's number that tell where he calls from

	Billable  []string // reasons of pauses that are working time
	Payable   []string // reasons of pauses that are paid
	Sales     []string // outcomes that are a sale
	Contacts  []string // outcomes that are a contact
	Qualified []string // outcomes that are a qualified contact

	Rows int // of one table; 0: maxRows
}

// Directions of calls.
const (
	In   = "in"
	Out  = "out"
	Both = "both"
)

// Steps are the limits of the rows "within N seconds": every First up to FirstTo, then every Next up to To.
type Steps struct{ First, FirstTo, Next, To int64 }

// usualSteps are those that other reports begin with.
var usualSteps = Steps{First: 5, FirstTo: 20, Next: 10, To: 120}

// limits lists them.
func (s Steps) limits() (all []int64) {
	for n := s.First; s.First > 0 && n <= s.FirstTo && len(all) < maxSteps; n += s.First {
		all = append(all, n)
	}
	for n := s.FirstTo + s.Next; s.Next > 0 && n <= s.To && len(all) < maxSteps; n += s.Next {
		all = append(all, n)
	}
	return all
}

// Limits of a report, so that a question can not fill the memory.
const (
	maxRows    = 10000   // of one table
	maxGroups  = 20000   // different values of an attribute; further ones are counted as "others"
	maxSteps   = 1000    // of service level
	maxBuckets = 200000  // slots of days in which agents are counted
	maxNoted   = 2000000 // calls of which something is noted
	maxPath    = 64      // choices of one call in menus
	maxBlocks  = 64      // of one report
	maxJoined  = 5000000 // stints that are joined to calls
)

// settled fills in what was left out, and names the queues that composites stand for.
func (a Ask) settled() Ask {
	if a.Zone == nil {
		a.Zone = time.UTC
	}
	if a.Slot <= 0 || 1440%a.Slot != 0 {
		a.Slot = 60
	}
	if a.Direction == "" {
		a.Direction = In
	}
	if a.Steps == (Steps{}) {
		a.Steps = usualSteps
	}
	if a.AreaDigits <= 0 {
		a.AreaDigits = 3
	}
	if a.Rows <= 0 || a.Rows > maxRows {
		a.Rows = maxRows
	}
	return a
}

// Source is what is asked of Facts: by the names of queues that are in the log.
func (a Ask) Source() report.Ask {
	q := a.Ask
	q.Queues = nil
	for _, name := range a.Queues {
		if parts, ok := a.Composites[name]; ok {
			q.Queues = append(q.Queues, parts...)
			continue
		}
		q.Queues = append(q.Queues, name)
	}
	return q
}

// asked are the names under which a queue was asked for: its own, and those of composites that have it.
func (a *Ask) asked(queue string) []string {
	if len(a.Composites) == 0 || len(a.Queues) == 0 {
		return []string{queue}
	}
	var names []string
	for _, name := range a.Queues {
		if name == queue || slices.Contains(a.Composites[name], queue) {
			names = append(names, name)
		}
	}
	return names
}
