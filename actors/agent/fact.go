package agent

import (
	"strconv"
	"time"

	"tandem/actors/queuelog/line"
)

// Fact is something that an agent has done, for the records.
type Fact struct {
	Kind   Kind
	At     time.Time
	Agent  string
	Queue  string
	Source string // name of a call, MANAGER, CLI, or ""
	Text   string // a reason, a phone, PAUSED
	Number int
	Time   time.Duration
}

// Kind is what a Fact is about.
type Kind int

// Kinds. LoggedOnFact and LoggedOffFact have longer names because states have the short ones.
const (
	LoggedOnFact Kind = iota
	LoggedOffFact
	HotDesked
	AddedTo
	RemovedFrom
	PausedInAll
	PausedIn
	ResumedInAll
	ResumedIn
	ReasonGiven
	PenaltySet
	RingInUseSet
)

// verbs are how they are written (reference queuelog.md 1.2 and 1.3).
var verbs = map[Kind]struct {
	name string
	args func(f *Fact) []string
}{
	LoggedOnFact:  {"AGENTLOGIN", text},
	LoggedOffFact: {"AGENTLOGOFF", func(f *Fact) []string { return []string{f.Text, line.Seconds(f.Time)} }},
	HotDesked:     {"HOTDESK", text},
	AddedTo:       {"ADDMEMBER", text},
	RemovedFrom:   {"REMOVEMEMBER", func(*Fact) []string { return nil }},
	PausedInAll:   {"PAUSEALL", text},
	PausedIn:      {"PAUSE", text},
	ResumedInAll:  {"UNPAUSEALL", text},
	ResumedIn:     {"UNPAUSE", text},
	ReasonGiven:   {"PAUSEREASON", text},
	PenaltySet:    {"PENALTY", number},
	RingInUseSet:  {"RINGINUSE", number},
}

func text(f *Fact) []string {
	if f.Text == "" {
		return nil
	}
	return []string{f.Text}
}

func number(f *Fact) []string { return []string{strconv.Itoa(f.Number)} }

// Line is how a fact is written in a queue_log.
func (f *Fact) Line() line.Line {
	v := verbs[f.Kind]
	return line.Line{At: f.At, CallID: f.Source, Queue: f.Queue, Agent: f.Agent, Verb: v.name, Args: v.args(f)}
}

func (a *Agent) report(f Fact) {
	f.At, f.Agent = a.now, a.name
	a.emit(Report{f})
}
