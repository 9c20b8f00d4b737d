package block

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"tandem/actors/queuelog/report"
)

// need is what a block must know beside the calls themselves.
type need int

const (
	needVisits   need = 1 << iota // how many queues callers went through
	needNotes                     // what is said of calls
	needSessions                  // who was there
	needPauses
	needAttempts
	needHours // how many agents were there in each slot
)

// maker makes one block of the calls that it is shown.
type maker interface {
	call(c *call)
	table() ([]Column, [][]Cell)
}

// run makes the blocks of one report.
type run struct {
	ask    Ask
	source report.Ask // what is asked of the facts
	whole  report.Ask // the same, for calls that are wholly in it
	need   need
	clock  *clock
	limits []int64 // of the rows "within N seconds"

	noted  map[callKey]*said
	visits map[callKey]int
	staff  *staff
	making []making
}

// making is a block that is being made.
type making struct {
	*Block
	maker
	base Where
}

// UnknownBlock is an error: there is no such block.
type UnknownBlock struct{ Name string }

func (e *UnknownBlock) Error() string {
	return fmt.Sprintf("there is no block %q: tandem queuelog blocks lists them", e.Name)
}

// TooMuch is an error: the question needs more memory than a report may take.
type TooMuch struct{ What string }

func (e *TooMuch) Error() string { return e.What + ": ask for less time, or fewer queues" }

// Make makes blocks of facts. The error is an *UnknownBlock, a *TooMuch or that of the facts.
func Make(ask Ask, names []string, facts Facts) ([]Table, error) {
	r := newRun(ask)
	if len(names) > maxBlocks {
		return nil, &TooMuch{fmt.Sprintf("a report has at most %d blocks", maxBlocks)}
	}
	for _, name := range names {
		if err := r.begin(name); err != nil {
			return nil, err
		}
	}
	for _, pass := range []func(Facts) error{r.readNotes, r.readVisits, r.readStaff, r.readCalls} {
		if err := pass(facts); err != nil {
			return nil, err
		}
	}
	tables := make([]Table, 0, len(names))
	for _, m := range r.making {
		t := Table{Name: m.Name, Title: m.Title, By: m.By}
		t.Columns, t.Rows = m.table()
		if len(t.Rows) > r.ask.Rows {
			t.Rows, t.Cut = t.Rows[:r.ask.Rows], true
		}
		tables = append(tables, t)
	}
	return tables, nil
}

func newRun(ask Ask) *run {
	r := &run{ask: ask.settled(), noted: map[callKey]*said{}, visits: map[callKey]int{}}
	r.source = r.ask.Source()
	r.whole = r.source
	r.whole.Whole = true
	r.clock = newClock(r.ask.Zone, r.ask.Slot)
	r.limits = r.ask.Steps.limits()
	r.staff = newStaff(r)
	for _, t := range r.ask.Where {
		r.need |= attributes[t.Field].need
	}
	return r
}

// begin begins a block.
func (r *run) begin(name string) error {
	b := Find(name)
	if b == nil {
		return &UnknownBlock{name}
	}
	r.need |= b.need | attributes[b.By].need
	r.making = append(r.making, making{b, b.make(r, b), nil})
	return nil
}

func (r *run) readNotes(facts Facts) error {
	if r.need&needNotes == 0 {
		return nil
	}
	full := false
	err := facts.Notes(r.source, func(n report.Note) bool {
		key := callKey{n.Partition, n.CallID}
		s := r.noted[key]
		if s == nil {
			if full = len(r.noted) == maxNoted; full {
				return false
			}
			s = &said{}
			r.noted[key] = s
		}
		s.note(n)
		return true
	})
	if full {
		return &TooMuch{"too much is noted of calls"}
	}
	return err
}

// readVisits counts the queues of each caller.
func (r *run) readVisits(facts Facts) error {
	if r.need&needVisits == 0 {
		return nil
	}
	all := r.source
	all.Queues, all.Agents = nil, nil
	full := false
	err := facts.Stints(all, func(s *report.Stint) bool {
		r.visits[callKey{s.Partition, s.CallID}]++
		full = len(r.visits) > maxJoined
		return !full
	})
	if full {
		return &TooMuch{fmt.Sprintf("these are more than %d calls", maxJoined)}
	}
	return err
}

// readCalls shows every call to every maker.
func (r *run) readCalls(facts Facts) error {
	if !r.ask.Joined {
		c := &call{}
		return facts.Stints(r.source, func(s *report.Stint) bool {
			c.Stint = s
			r.show(c)
			return true
		})
	}
	var all []*report.Stint
	full := false
	err := facts.Stints(r.source, func(s *report.Stint) bool {
		kept := *s
		if full = len(all) == maxJoined; r.source.Takes(s) && !full {
			all = append(all, &kept)
		}
		return !full
	})
	if full {
		return &TooMuch{fmt.Sprintf("these are more than %d stints", maxJoined)}
	}
	for _, joined := range report.Join(all) {
		s := joined.Stint()
		r.show(&call{Stint: &s})
	}
	return err
}

// show hands a call to the blocks that count it.
func (r *run) show(c *call) {
	if !r.source.Takes(c.Stint) || !r.server(c.Partition) {
		return
	}
	key := callKey{c.Partition, c.CallID}
	c.said, c.visits, c.when = r.noted[key], r.visits[key], r.clock.at(c.Enter)
	if !r.ask.Where.takes(r, c) {
		return
	}
	if r.need&(needSessions|needHours) != 0 {
		r.staff.call(c)
	}
	for i := range r.making {
		if m := &r.making[i]; m.of(r, c) {
			m.maker.call(c)
		}
	}
}

// direction tells whether calls of its direction are asked for.
func (r *run) direction(c *call) bool {
	return r.ask.Direction == Both || c.Outbound == (r.ask.Direction == Out) || r.ask.Where.has("direction")
}

func (r *run) server(name string) bool {
	return len(r.ask.Servers) == 0 || slices.Contains(r.ask.Servers, name)
}

// short tells whether a call is too short to be counted.
func (r *run) short(c *call) bool {
	if c.State == report.Lost {
		return c.Wait < r.ask.ShortWait
	}
	return c.State == report.Answered && c.Talk != report.Unknown && c.Talk < r.ask.ShortTalk
}

// What blocks count.
func answeredCalls(r *run, c *call) bool { return c.answered() && r.direction(c) && !r.short(c) }
func lostCalls(r *run, c *call) bool {
	return c.State == report.Lost && r.direction(c) && !r.short(c)
}
func offeredCalls(r *run, c *call) bool { return answeredCalls(r, c) || lostCalls(r, c) }
func wholeAnswered(r *run, c *call) bool {
	return answeredCalls(r, c) && r.whole.Takes(c.Stint)
}
func wholeLost(r *run, c *call) bool     { return lostCalls(r, c) && r.whole.Takes(c.Stint) }
func everyAnswered(r *run, c *call) bool { return c.answered() && !r.short(c) }
func outboundLost(r *run, c *call) bool  { return c.State == report.Lost && c.Outbound && !r.short(c) }
func everyCall(r *run, c *call) bool     { return r.direction(c) }
func nothing(*run, *call) bool           { return false }
func everyOffered(r *run, c *call) bool  { return c.State != report.Waiting && !r.short(c) }

// Find is the block of a name, nil if there is none.
func Find(name string) *Block {
	if i, ok := byBlockName[name]; ok {
		return &Blocks[i]
	}
	return nil
}

var byBlockName = map[string]int{}

func init() {
	for i, b := range Blocks {
		byBlockName[b.Name] = i
	}
}

// Families are the parts of the names before the dot, in order.
func Families() []string {
	seen := map[string]bool{}
	for _, b := range Blocks {
		family, _, _ := strings.Cut(b.Name, ".")
		seen[family] = true
	}
	return slices.Sorted(maps.Keys(seen))
}
