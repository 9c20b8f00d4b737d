package report

import (
	"maps"
	"math"
)

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
