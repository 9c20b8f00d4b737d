package report

import (
	"maps"
	"math"
	"slices"
)

// Ask says of what a Summary is made. The zero value: of all there is, answered within 0 s.
type Ask struct {
	Within int64 // service level, in seconds: up to and with it
	From   int64 // seconds since 1970; what touches the time from here on
	To     int64 // before this; 0: without end
	Whole  bool  // calls that begin and end in that time alone
	Queues []string
	Agents []string
}

// Summary makes figures of stints, sessions, pauses and attempts. It is a Sink.
type Summary struct {
	ask      Ask
	queues   map[string]*tally
	agents   map[string]*worker
	answered map[partQueue]int64
}

type partQueue struct{ partition, queue string }

// tally counts the stints of a queue.
type tally struct {
	offered, answered, lost, waiting, talking int64
	waitAnswered, maxWait, waitLost           int64
	answeredWithin, lostWithin, talks, talk   int64
	causes, outbound                          map[string]int64
}

// worker is what an agent has done.
type worker struct {
	callsIn, talkIn, callsOut, talkOut int64
	sessions                           []Interval
	pauses                             map[string][]Interval
	attempts                           [overAtOnce + 1][2]int64 // how many of a kind, and of how long in all
}

// overAtOnce is the kind of those in vain that were over at once, which are counted as such too.
const overAtOnce = Dumped + 1

// NewSummary begins one.
func NewSummary(a Ask) *Summary {
	return &Summary{ask: a, queues: map[string]*tally{}, agents: map[string]*worker{}, answered: map[partQueue]int64{}}
}

func newTally() *tally { return &tally{causes: map[string]int64{}, outbound: map[string]int64{}} }

// touches tells whether a stretch of time is asked for; its end is Unknown where it goes on.
func (a *Ask) touches(start, end int64) bool {
	after := a.To == 0 || start < a.To
	if a.Whole {
		return start >= a.From && after && end != Unknown && (a.To == 0 || end < a.To)
	}
	return after && (end == Unknown || end >= a.From)
}

// Clip cuts a stretch to what is asked for; false: nothing is left.
func (a *Ask) Clip(start, end int64) (Interval, bool) {
	if start = max(start, a.From); a.To != 0 {
		end = min(end, a.To)
	}
	return Interval{start, end}, start <= end
}

func among(name string, asked []string) bool { return len(asked) == 0 || slices.Contains(asked, name) }

// Takes tells whether a stint is asked for: by its time, its queue and its agent.
func (a *Ask) Takes(c *Stint) bool {
	end := c.End
	if c.State == Waiting || c.State == Talking {
		end = Unknown
	}
	return a.touches(c.Enter, end) && among(c.Queue, a.Queues) && among(c.Agent, a.Agents)
}

// TakesAttempt tells whether an attempt is asked for.
func (a *Ask) TakesAttempt(t Attempt) bool {
	return a.touches(t.At, t.At) && among(t.Queue, a.Queues) && t.Agent != "" && among(t.Agent, a.Agents)
}

// TakesStay tells whether a part of a session or pause of an agent is asked for.
func (a *Ask) TakesStay(agent string, start, end int64) bool {
	_, ok := a.Clip(start, end)
	return ok && among(agent, a.Agents)
}

// Stint implements Sink.
func (s *Summary) Stint(c *Stint) {
	if !s.ask.Takes(c) {
		return
	}
	s.queue(c.Queue).add(c, s.ask.Within)
	if c.State == Talking || c.State == Answered {
		s.took(c)
	}
}

// queue is the tally of a queue.
func (s *Summary) queue(name string) *tally {
	q := s.queues[name]
	if q == nil {
		q = newTally()
		s.queues[name] = q
	}
	return q
}

// took counts an answered call for its agent and server.
func (s *Summary) took(c *Stint) {
	w := s.worker(c.Agent)
	talk := max(c.Talk, 0)
	if c.Outbound {
		w.callsOut++
		w.talkOut += talk
		return
	}
	w.callsIn++
	w.talkIn += talk
	s.answered[partQueue{c.Partition, c.Queue}]++
}

func (q *tally) add(c *Stint, within int64) {
	if c.Outbound {
		switch c.State {
		case Answered, Talking:
			q.outbound["answered"]++
		case Lost:
			q.outbound["lost"]++
		}
		return
	}
	switch c.State {
	case Waiting:
		q.waiting++
		return
	case Lost:
		q.lost++
		q.waitLost += max(c.Wait, 0)
		q.lostWithin += one(c.Wait <= within)
	default:
		q.answered++
		q.waitAnswered += max(c.Wait, 0)
		q.maxWait = max(q.maxWait, c.Wait)
		q.answeredWithin += one(c.Wait <= within)
		q.talking += one(c.State == Talking)
	}
	q.offered++
	if c.Cause != "" {
		q.causes[c.Cause]++
	}
	if c.State == Answered && c.Talk != Unknown {
		q.talks++
		q.talk += c.Talk
	}
}

func one(is bool) int64 {
	if is {
		return 1
	}
	return 0
}

func (s *Summary) worker(name string) *worker {
	w := s.agents[name]
	if w == nil {
		w = &worker{pauses: map[string][]Interval{}}
		s.agents[name] = w
	}
	return w
}

// Session implements Sink.
func (s *Summary) Session(c *Session) {
	if i, ok := s.ask.Clip(c.Start, c.End); ok && among(c.Agent, s.ask.Agents) {
		w := s.worker(c.Agent)
		w.sessions = append(w.sessions, i)
	}
}

// Pause implements Sink.
func (s *Summary) Pause(c *Pause) {
	if i, ok := s.ask.Clip(c.Start, c.End); ok && among(c.Agent, s.ask.Agents) {
		w := s.worker(c.Agent)
		w.pauses[c.Queue] = append(w.pauses[c.Queue], i)
	}
}

// Attempt implements Sink. One that was over at once counts as lost and by itself: he could not be rung.
func (s *Summary) Attempt(c Attempt) {
	if !s.ask.TakesAttempt(c) {
		return
	}
	amount := c.Milliseconds
	if c.Kind == Taken {
		amount /= 1000
	}
	w := s.worker(c.Agent)
	w.attempted(c.Kind, 1, amount)
	if c.Kind == RungInVain && c.Milliseconds == 0 {
		w.attempted(overAtOnce, 1, 0)
	}
}

func (w *worker) attempted(kind AttemptKind, times, amount int64) {
	w.attempts[kind][0] += times
	w.attempts[kind][1] += amount
}

// Figures are those of a source, as commands print them and interfaces give them. Times are whole seconds, those of
// attempts that were not taken milliseconds; nil: of nothing.
type Figures struct {
	Spec      string             `json:"spec"`
	Malformed int64              `json:"malformed"`
	Restarts  map[string][]int64 `json:"restarts"`
	Other     map[string]int64   `json:"other"`
	Answered  map[string]int64   `json:"answered_on_server"`
	Queues    map[string]Queue   `json:"queues"`
	All       Queue              `json:"all"`
	Agents    map[string]Agent   `json:"agents"`
}

// Queue are the figures of one queue, over all servers.
type Queue struct {
	Offered      int64            `json:"offered"`
	Answered     int64            `json:"answered"`
	Lost         int64            `json:"lost"`
	Waiting      int64            `json:"waiting_at_end"`
	Talking      int64            `json:"talking_at_end"`
	WaitAnswered int64            `json:"total_wait_answered"`
	AvgAnswered  *float64         `json:"avg_wait_answered"`
	MaxAnswered  *int64           `json:"max_wait_answered"`
	WaitLost     int64            `json:"total_wait_lost"`
	AvgLost      *float64         `json:"avg_wait_lost"`
	AnsWithin    int64            `json:"ans_within"`
	LostWithin   int64            `json:"lost_within"`
	SLAAnswered  *float64         `json:"sla_answered"`
	SLAOffered   *float64         `json:"sla_offered"`
	SLAInclusive *float64         `json:"sla_inclusive"`
	TalkCalls    int64            `json:"talk_calls"`
	Talk         int64            `json:"talk_total"`
	AvgTalk      *float64         `json:"avg_talk"`
	Causes       map[string]int64 `json:"causes"`
	Outbound     map[string]int64 `json:"outbound"`
}

// Agent are the figures of one agent, over all servers.
type Agent struct {
	CallsIn       int64               `json:"calls_in"`
	TalkIn        int64               `json:"talk_in"`
	CallsOut      int64               `json:"calls_out"`
	TalkOut       int64               `json:"talk_out"`
	Sessions      int                 `json:"sessions"`
	SessionTime   int64               `json:"session_time"`
	Pauses        int                 `json:"pauses"`
	PauseTime     int64               `json:"pause_time"`
	PausePerQueue map[string]int64    `json:"pause_per_queue"`
	Attempts      map[string][2]int64 `json:"attempts"`
}

// Figures are those of what has come so far. reads are the partitions of which it was made.
func (s *Summary) Figures(spec string, reads ...Read) Figures {
	f := Figures{Spec: spec, Restarts: map[string][]int64{}, Other: map[string]int64{}, Answered: map[string]int64{},
		Queues: map[string]Queue{}, Agents: map[string]Agent{}}
	for _, r := range reads {
		f.Malformed += r.Malformed
		if len(r.Restarts) > 0 {
			f.Restarts[r.Partition] = r.Restarts
		}
		for verb, n := range r.Other {
			f.Other[verb] += n
		}
	}
	all := newTally()
	for name, q := range s.queues {
		f.Queues[name] = q.figures()
		all.join(q)
	}
	f.All = all.figures()
	for where, n := range s.answered {
		f.Answered[where.partition+"/"+where.queue] = n
	}
	for name, w := range s.agents {
		if name != "" {
			f.Agents[name] = w.figures()
		}
	}
	return f
}

// join adds another queue.
func (q *tally) join(o *tally) {
	q.offered += o.offered
	q.answered += o.answered
	q.lost += o.lost
	q.waiting += o.waiting
	q.talking += o.talking
	q.waitAnswered += o.waitAnswered
	q.maxWait = max(q.maxWait, o.maxWait)
	q.waitLost += o.waitLost
	q.answeredWithin += o.answeredWithin
	q.lostWithin += o.lostWithin
	q.talks += o.talks
	q.talk += o.talk
	for cause, n := range o.causes {
		q.causes[cause] += n
	}
	for how, n := range o.outbound {
		q.outbound[how] += n
	}
}

func (q *tally) figures() Queue {
	f := Queue{Offered: q.offered, Answered: q.answered, Lost: q.lost, Waiting: q.waiting, Talking: q.talking,
		WaitAnswered: q.waitAnswered, AvgAnswered: average(q.waitAnswered, q.answered), WaitLost: q.waitLost,
		AvgLost: average(q.waitLost, q.lost), AnsWithin: q.answeredWithin, LostWithin: q.lostWithin,
		SLAAnswered: percent(q.answeredWithin, q.answered), SLAOffered: percent(q.answeredWithin, q.offered),
		SLAInclusive: percent(q.answeredWithin+q.lostWithin, q.offered), TalkCalls: q.talks, Talk: q.talk,
		AvgTalk: average(q.talk, q.talks), Causes: maps.Clone(q.causes), Outbound: maps.Clone(q.outbound)}
	if q.answered > 0 {
		f.MaxAnswered = &q.maxWait
	}
	return f
}

func (w *worker) figures() Agent {
	f := Agent{CallsIn: w.callsIn, TalkIn: w.talkIn, CallsOut: w.callsOut, TalkOut: w.talkOut,
		PausePerQueue: map[string]int64{}, Attempts: map[string][2]int64{}}
	joined, length := Union(w.sessions)
	f.Sessions, f.SessionTime = len(joined), length
	var pauses []Interval
	for queue, all := range w.pauses {
		_, f.PausePerQueue[queue] = Union(all)
		pauses = append(pauses, all...)
	}
	joined, f.PauseTime = Union(pauses)
	f.Pauses = len(joined)
	for kind, n := range w.attempts {
		if n[0] > 0 {
			f.Attempts[AttemptKind(kind).String()] = n
		}
	}
	return f
}

// average has two decimals, percent one.
func average(sum, n int64) *float64 { return part(float64(sum), n, 100) }
func percent(k, n int64) *float64   { return part(100*float64(k), n, 10) }

func part(sum float64, n int64, decimals float64) *float64 {
	if n == 0 {
		return nil
	}
	v := math.RoundToEven(sum/float64(n)*decimals) / decimals
	return &v
}
