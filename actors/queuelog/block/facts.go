package block

import "tandem/actors/queuelog/report"

// Facts are what a report is made of. Each is handed over until the function says false; what is handed over is good until
// that returns. More may come than was asked for: a report looks again. What is still open comes too, as it would be if
// nothing followed.
type Facts interface {
	Stints(report.Ask, func(*report.Stint) bool) error
	Sessions(report.Ask, func(*report.Session) bool) error
	Pauses(report.Ask, func(*report.Pause) bool) error
	Attempts(report.Ask, func(report.Attempt) bool) error
	Notes(report.Ask, func(report.Note) bool) error
}

// List keeps facts in memory. It is a report.Sink, so a Fold fills it.
type List struct {
	stints   []*report.Stint
	sessions []*report.Session
	pauses   []*report.Pause
	attempts []report.Attempt
	notes    []report.Note
}

// Stint implements report.Sink, and so do the others.
func (l *List) Stint(s *report.Stint)     { kept := *s; l.stints = append(l.stints, &kept) }
func (l *List) Session(s *report.Session) { l.sessions = append(l.sessions, s) }
func (l *List) Pause(p *report.Pause)     { l.pauses = append(l.pauses, p) }
func (l *List) Attempt(a report.Attempt)  { l.attempts = append(l.attempts, a) }

// Note implements report.NoteSink.
func (l *List) Note(n report.Note) { l.notes = append(l.notes, n) }

// Facts are the facts of the list.
func (l *List) Facts() Facts { return listed{l} }

type listed struct{ l *List }

func (f listed) Stints(_ report.Ask, take func(*report.Stint) bool) error {
	return each(f.l.stints, take)
}
func (f listed) Sessions(_ report.Ask, take func(*report.Session) bool) error {
	return each(f.l.sessions, take)
}
func (f listed) Pauses(_ report.Ask, take func(*report.Pause) bool) error {
	return each(f.l.pauses, take)
}
func (f listed) Attempts(_ report.Ask, take func(report.Attempt) bool) error {
	return each(f.l.attempts, take)
}
func (f listed) Notes(_ report.Ask, take func(report.Note) bool) error { return each(f.l.notes, take) }

func each[T any](all []T, take func(T) bool) error {
	for _, one := range all {
		if !take(one) {
			break
		}
	}
	return nil
}
