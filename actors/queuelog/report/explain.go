package report

import (
	"fmt"
	"io"
	"strings"

	"tandem/actors/queuelog/line"
)

// Step is a line that had to do with a call, and what it did.
type Step struct {
	Ordinal int64  `json:"line"` // of the line in its partition, from 1; 0: after the last
	Text    string `json:"text"` // the line
	What    string `json:"what"`
	Stint   *Stint `json:"stint,omitempty"` // as it is then; nil: the line is no step of one
}

// Explain reads the logs of a partition, and tells line by line how the stints of a call came about. Lines that name
// another call and were taken for this one, since their times say so, are among them. The error is that of a reader.
func Explain(p Part, s Source, n Names, call string, files ...io.Reader) ([]Step, error) {
	e := &explainer{call: call, seen: map[*Stint]Stint{}}
	f := NewFold(p, s, n, e)
	e.fold = f
	f.heard = e.line
	for _, file := range files {
		if err := f.File(file); err != nil {
			return e.steps, err
		}
	}
	e.end()
	return e.steps, nil
}

// explainer watches the stints of one call.
type explainer struct {
	fold  *Fold
	call  string
	seen  map[*Stint]Stint // those that are open, as they were after the last line
	steps []Step
	ended []Stint // by the line that is being read
	noted []Note
}

// Stint implements Sink.
func (e *explainer) Stint(s *Stint) {
	if s.CallID == e.call {
		e.ended = append(e.ended, *s)
		delete(e.seen, s)
	}
}

// Session, Pause and Attempt implement Sink: they belong to no call.
func (*explainer) Session(*Session) {}
func (*explainer) Pause(*Pause)     {}
func (*explainer) Attempt(Attempt)  {}

// Note implements NoteSink.
func (e *explainer) Note(n Note) {
	if n.CallID == e.call {
		e.noted = append(e.noted, n)
	}
}

// maxSteps is how many steps are told of one call.
const maxSteps = 10000

// line is called after each line.
func (e *explainer) line(r *line.Row, text []byte) {
	before := len(e.steps)
	for i := range e.ended {
		e.add(text, endWords(&e.ended[i], r), &e.ended[i])
	}
	for s, was := range e.seen {
		if now := s.alone(); now != was {
			e.seen[s] = now
			e.add(text, changeWords(&was, &now, r), &now)
		}
	}
	if string(r.CallID) == e.call {
		e.open(text)
		for _, n := range e.noted {
			e.add(text, "says of the call: "+n.words(), nil)
		}
		if len(e.steps) == before {
			e.add(text, "changes nothing of this call", nil)
		}
	}
	e.ended, e.noted = e.ended[:0:0], e.noted[:0]
}

// open finds stints of the call that were not there before.
func (e *explainer) open(text []byte) {
	for s := e.fold.open[e.call]; s != nil; s = s.next {
		if _, known := e.seen[s]; known {
			continue
		}
		now := s.alone()
		e.seen[s] = now
		what := "enters " + s.Queue
		if s.Outbound {
			what = "begins a call to the outside"
		}
		if s.Estimated {
			what += ", earlier than any line says: its time is made of this one"
		}
		if s.State == Talking {
			what += fmt.Sprintf(", and is answered after %d s", s.Wait)
		}
		e.add(text, what, &now)
	}
}

func (e *explainer) add(text []byte, what string, s *Stint) {
	if len(e.steps) < maxSteps {
		e.steps = append(e.steps, Step{e.fold.lines, string(text), what, s})
	}
}

// end tells what is open after the last line.
func (e *explainer) end() {
	for _, s := range e.fold.line {
		if s.CallID != e.call || !e.fold.isOpen(s) {
			continue
		}
		now, what := *s, "still waits: neither answered nor lost"
		switch {
		case s.State == Talking:
			what = "still talks: answered, its length is not known"
		case s.dumped:
			what = "the agent hung up before they were joined, and nothing follows: lost"
		}
		e.steps = append(e.steps, Step{0, "", what, &now})
	}
}

// endWords tell how a line ended a stint.
func endWords(s *Stint, r *line.Row) string {
	what := fmt.Sprintf("leaves %s unanswered after %d s", s.Queue, s.Wait)
	if s.State == Answered {
		what = fmt.Sprintf("ends in %s, answered after %d s, %d s of talk", s.Queue, s.Wait, s.Talk)
		if s.Talk == Unknown {
			what = fmt.Sprintf("ends in %s, answered after %d s; how long was talked is not known", s.Queue, s.Wait)
		}
	}
	what += ", by " + s.Cause
	if string(r.CallID) != s.CallID && string(r.Verb) != "QUEUESTART" {
		what += fmt.Sprintf("; the line names the call %s, but its times are those of this one", r.CallID)
	}
	if s.Estimated {
		what += "; some of its times are made of others"
	}
	return what
}

// changeWords tell what a line changed of a stint that goes on.
func changeWords(was, now *Stint, r *line.Row) string {
	what := "is waiting on"
	switch {
	case was.State == Waiting && now.State == Talking:
		what = fmt.Sprintf("is answered by %s after %d s", now.Agent, now.Wait)
	case was.dumped != now.dumped:
		what = "goes on waiting: the agent hung up before they were joined"
	case was.Attempts != now.Attempts:
		what = fmt.Sprintf("was offered in vain: attempt %d", now.Attempts)
	}
	if string(r.CallID) != now.CallID {
		what += fmt.Sprintf("; the line names the call %s, but its times are those of this one", r.CallID)
	}
	return what
}

// words are what a note says.
func (n Note) words() string {
	return strings.TrimSpace([...]string{Outcome: "outcome ", Feature: "feature ", NoFeature: "no more feature ", Tagged: "tag ", Chosen: "menu ",
		Dialled: "dialled ", Held: "on hold ", Retrieved: "from hold "}[n.Kind] + n.Code + " " + n.Text)
}
