package block

import (
	"fmt"
	"maps"
	"slices"

	"tandem/actors/queuelog/report"
)

// staff is who was there and what they did. It is made once for all blocks of a report that need it.
type staff struct {
	r       *run
	agents  map[string]*person
	buckets map[bucketKey]*bucket
	calls   sums // answered ones
}

// person is one agent.
type person struct {
	name     string
	sessions []report.Session
	pauses   []report.Pause
	talks    []report.Interval // conversations, both ways
	in, out  sums
	queues   map[string]*sums
}

// bucketKey is a slot of a day, bucket who was there.
type bucketKey struct{ day, slot string }
type bucket struct {
	weekday string
	agents  map[string]int64 // seconds of each
}

func newStaff(r *run) *staff {
	return &staff{r: r, agents: map[string]*person{}, buckets: map[bucketKey]*bucket{}}
}

func (f *staff) person(name string) *person {
	p := f.agents[name]
	if p == nil {
		p = &person{name: name, queues: map[string]*sums{}}
		f.agents[name] = p
	}
	return p
}

// sorted are all agents by name.
func (f *staff) sorted() (all []*person) {
	for _, name := range slices.Sorted(maps.Keys(f.agents)) {
		all = append(all, f.agents[name])
	}
	return all
}

// readStaff reads sessions, pauses and attempts, as far as they are needed.
func (r *run) readStaff(facts Facts) error {
	if r.need&(needSessions|needHours) != 0 {
		if err := facts.Sessions(r.source, r.staff.session); err != nil {
			return err
		}
	}
	if r.need&needPauses != 0 {
		if err := facts.Pauses(r.source, r.staff.pause); err != nil {
			return err
		}
	}
	if r.need&needAttempts != 0 {
		if err := facts.Attempts(r.source, r.attempt); err != nil {
			return err
		}
	}
	if r.need&needHours != 0 {
		return r.staff.fill()
	}
	return nil
}

// wants tells whether an agent's time is asked for: by name, server, or the attributes of agents in the Where.
func (f *staff) wants(agent, server string) bool {
	if !f.r.server(server) || len(f.r.ask.Agents) > 0 && !slices.Contains(f.r.ask.Agents, agent) {
		return false
	}
	for _, t := range f.r.ask.Where {
		var is string
		switch t.Field {
		case "agent":
			is = agent
		case "server":
			is = server
		case "group":
			is = sorted(f.r.ask.Groups, agent)
		case "location":
			is = sorted(f.r.ask.Locations, agent)
		case "level":
			is = sorted(f.r.ask.Levels, agent)
		default:
			continue
		}
		if is != t.Value {
			return false
		}
	}
	return true
}

func (f *staff) session(s *report.Session) bool {
	if i, ok := f.r.source.Clip(s.Start, s.End); ok && f.wants(s.Agent, s.Partition) {
		kept := *s
		kept.Start, kept.End = i.Start, i.End
		p := f.person(s.Agent)
		p.sessions = append(p.sessions, kept)
	}
	return true
}

func (f *staff) pause(s *report.Pause) bool {
	if i, ok := f.r.source.Clip(s.Start, s.End); ok && f.wants(s.Agent, s.Partition) {
		kept := *s
		kept.Start, kept.End = i.Start, i.End
		p := f.person(s.Agent)
		p.pauses = append(p.pauses, kept)
	}
	return true
}

// call counts an answered call for its agent.
func (f *staff) call(c *call) {
	if !c.answered() || c.Agent == "" || f.r.short(c) {
		return
	}
	p := f.person(c.Agent)
	if c.Talk != report.Unknown && c.Connect != 0 {
		p.talks = append(p.talks, report.Interval{Start: c.Connect, End: c.Connect + c.Talk})
	}
	if c.Outbound {
		p.out.add(f.r, c)
		return
	}
	p.in.add(f.r, c)
	f.calls.add(f.r, c)
	for _, queue := range attributes["queue"].of(f.r, c) {
		if p.queues[queue] == nil {
			p.queues[queue] = &sums{}
		}
		p.queues[queue].add(f.r, c)
	}
}

// fill counts who was there in each slot.
func (f *staff) fill() error {
	for name, p := range f.agents {
		joined, _ := report.Union(p.session(nil))
		for _, i := range joined {
			for at := i.Start; at < i.End; {
				next := min(i.End, f.r.clock.until(at))
				w := f.r.clock.at(at)
				b := f.bucket(w)
				if b == nil {
					return &TooMuch{fmt.Sprintf("agents were there in more than %d slots", maxBuckets)}
				}
				b.agents[name] += next - at
				at = next
			}
		}
	}
	return nil
}

func (f *staff) bucket(w when) *bucket {
	key := bucketKey{w.day, w.slot}
	b := f.buckets[key]
	if b == nil && len(f.buckets) < maxBuckets {
		b = &bucket{weekday: w.weekday, agents: map[string]int64{}}
		f.buckets[key] = b
	}
	return b
}

// session are the times for which he was there; is: of some sessions alone.
func (p *person) session(is func(*report.Session) bool) (all []report.Interval) {
	for i := range p.sessions {
		if s := &p.sessions[i]; is == nil || is(s) {
			all = append(all, report.Interval{Start: s.Start, End: s.End})
		}
	}
	return all
}

// paused are the times of pauses for some reasons.
func (p *person) paused(is func(*report.Pause) bool) (all []report.Interval) {
	for i := range p.pauses {
		if s := &p.pauses[i]; is == nil || is(s) {
			all = append(all, report.Interval{Start: s.Start, End: s.End})
		}
	}
	return all
}

// times are what an agent's sessions and pauses come to, in seconds.
type times struct {
	sessions, pauses            int
	session, paused             int64
	billable, payable, overlaps int64 // parts of paused: working time, paid, while he talked
}

func (f *staff) times(p *person) (t times) {
	joined, length := report.Union(p.session(nil))
	t.sessions, t.session = len(joined), length
	rests, length := report.Union(p.paused(nil))
	t.pauses, t.paused = len(rests), length
	_, t.billable = report.Union(p.paused(f.billable))
	_, t.payable = report.Union(p.paused(func(s *report.Pause) bool { return slices.Contains(f.r.ask.Payable, s.Reason) }))
	talks, _ := report.Union(p.talks)
	t.overlaps = overlap(rests, talks)
	return t
}

func (f *staff) billable(s *report.Pause) bool { return slices.Contains(f.r.ask.Billable, s.Reason) }

// available is how long he could take calls.
func (t times) available() int64 { return max(0, t.session-t.paused) }

// overlap is how long two lists of stretches, each in order and apart, run at once.
func overlap(a, b []report.Interval) (n int64) {
	for len(a) > 0 && len(b) > 0 {
		n += max(0, min(a[0].End, b[0].End)-max(a[0].Start, b[0].Start))
		if a[0].End < b[0].End {
			a = a[1:]
		} else {
			b = b[1:]
		}
	}
	return n
}
