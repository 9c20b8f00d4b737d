package report

import (
	"cmp"
	"slices"
)

// Roll is what the stints, sessions, pauses and attempts of some time come to, in as little as a Summary of all of it
// needs. It is a Sink. Rolls of several times can be added up.
//
// A fine Roll keeps single attempts, so that a Summary may ask for a part of its time; a coarse one counts them, and
// joins what overlaps of sessions and pauses.
type Roll struct {
	coarse   bool
	cells    map[cellName]*cell
	attempts []Attempt // of a fine one
	sessions map[string][]Interval
	pauses   map[cellName][]Interval
}

// cellName is what is counted by itself: the calls of an agent in a queue.
type cellName struct{ queue, agent string }

// cell is what stints and attempts of one queue and agent come to.
type cell struct {
	ends           []ended
	answered, lost waits // of calls that came in
	talks, talk    int64 // of those that came in, were answered, and of which it is known
	talkOut        int64 // of those to the outside
	tries          [Dumped + 1][2]int64
	zero           int64 // tries in vain that were over at once
}

// ended counts stints that ended alike.
type ended struct {
	ending
	n int64
}

// ending is how a stint ended.
type ending struct {
	outbound bool
	state    State
	cause    string
}

// waits count how many have waited how many seconds, shortest first.
type waits []waited

type waited struct{ seconds, n int64 }

func (w *waits) add(seconds, n int64) {
	i, there := slices.BinarySearchFunc(*w, seconds, func(e waited, seconds int64) int { return cmp.Compare(e.seconds, seconds) })
	if !there {
		*w = slices.Insert(*w, i, waited{seconds: seconds})
	}
	(*w)[i].n += n
}

// join adds others.
func (w *waits) join(o waits) {
	if len(*w) == 0 {
		*w = append(*w, o...)
		return
	}
	for _, e := range o {
		w.add(e.seconds, e.n)
	}
}

func (c *cell) end(e ending, n int64) {
	for i := range c.ends {
		if c.ends[i].ending == e {
			c.ends[i].n += n
			return
		}
	}
	c.ends = append(c.ends, ended{e, n})
}

// NewRoll begins one. coarse: only for Summaries of the whole of its time.
func NewRoll(coarse bool) *Roll {
	return &Roll{coarse: coarse, cells: map[cellName]*cell{}, sessions: map[string][]Interval{}, pauses: map[cellName][]Interval{}}
}

func (r *Roll) cell(queue, agent string) *cell {
	name := cellName{queue, agent}
	c := r.cells[name]
	if c == nil {
		c = &cell{}
		r.cells[name] = c
	}
	return c
}

// Stint implements Sink. It must be over.
func (r *Roll) Stint(s *Stint) {
	c := r.cell(s.Queue, s.Agent)
	c.end(ending{s.Outbound, s.State, s.Cause}, 1)
	switch {
	case s.Outbound && s.State == Answered:
		c.talkOut += max(s.Talk, 0)
	case s.Outbound:
	case s.State == Lost:
		c.lost.add(max(s.Wait, 0), 1)
	default:
		c.answered.add(max(s.Wait, 0), 1)
		if s.Talk != Unknown {
			c.talks++
			c.talk += s.Talk
		}
	}
}

// Session implements Sink.
func (r *Roll) Session(s *Session) {
	r.sessions[s.Agent] = append(r.sessions[s.Agent], Interval{s.Start, s.End})
}

// Pause implements Sink.
func (r *Roll) Pause(p *Pause) {
	name := cellName{p.Queue, p.Agent}
	r.pauses[name] = append(r.pauses[name], Interval{p.Start, p.End})
}

// Attempt implements Sink.
func (r *Roll) Attempt(a Attempt) {
	if a.Agent == "" {
		return
	}
	if !r.coarse {
		r.attempts = append(r.attempts, a)
		return
	}
	c := r.cell(a.Queue, a.Agent)
	c.tries[a.Kind][0]++
	c.tries[a.Kind][1] += a.Milliseconds
	if a.Kind == RungInVain && a.Milliseconds == 0 {
		c.zero++
	}
}

// Empty tells whether nothing was put into it.
func (r *Roll) Empty() bool {
	return len(r.cells) == 0 && len(r.attempts) == 0 && len(r.sessions) == 0 && len(r.pauses) == 0
}

// Add adds what another one has counted.
func (r *Roll) Add(o *Roll) {
	for name, c := range o.cells {
		r.cell(name.queue, name.agent).add(c)
	}
	for _, a := range o.attempts {
		r.Attempt(a)
	}
	for agent, all := range o.sessions {
		r.sessions[agent] = r.joined(append(r.sessions[agent], all...))
	}
	for name, all := range o.pauses {
		r.pauses[name] = r.joined(append(r.pauses[name], all...))
	}
}

func (r *Roll) joined(all []Interval) []Interval {
	if r.coarse {
		all, _ = Union(all)
	}
	return all
}

func (c *cell) add(o *cell) {
	for _, e := range o.ends {
		c.end(e.ending, e.n)
	}
	c.answered.join(o.answered)
	c.lost.join(o.lost)
	c.talks += o.talks
	c.talk += o.talk
	c.talkOut += o.talkOut
	c.zero += o.zero
	for kind, n := range o.tries {
		c.tries[kind][0] += n[0]
		c.tries[kind][1] += n[1]
	}
}
