package table

import (
	"context"

	"tandem/actors/queuelog/report"
)

// Stints hands out the stints of a source that are asked for, those that go on among them, partition by partition, until
// it is told to stop. A stint is good until the function returns.
func (t *Tables) Stints(ctx context.Context, source report.Source, ask report.Ask, each func(*report.Stint) bool) error {
	each = until(each)
	return t.look(ctx, source, func(v *view) error {
		v.fold.Open(v.named(&picker{stint: func(s *report.Stint) { _ = !ask.Takes(s) || each(s) }}))
		return first(v.stints(ctx, &ask, always, each), v.oddStints(ctx, &ask, each))
	})
}

// Sessions hands out sessions likewise; one that goes on has no cause, and ends with the last line.
func (t *Tables) Sessions(ctx context.Context, source report.Source, ask report.Ask, each func(*report.Session) bool) error {
	each = until(each)
	return t.look(ctx, source, func(v *view) error {
		v.fold.Open(v.named(&picker{session: func(s *report.Session) { _ = !ask.TakesStay(s.Agent, s.Start, s.End) || each(s) }}))
		return first(v.sessions(ctx, &ask, always, each), v.oddSessions(ctx, &ask, each))
	})
}

// Pauses hands out pauses likewise.
func (t *Tables) Pauses(ctx context.Context, source report.Source, ask report.Ask, each func(*report.Pause) bool) error {
	each = until(each)
	return t.look(ctx, source, func(v *view) error {
		v.fold.Open(v.named(&picker{pause: func(p *report.Pause) { _ = !ask.TakesStay(p.Agent, p.Start, p.End) || each(p) }}))
		return first(v.pauses(ctx, &ask, always, each), v.oddPauses(ctx, &ask, each))
	})
}

// Attempts hands out the tries to reach agents that are asked for, likewise.
func (t *Tables) Attempts(ctx context.Context, source report.Source, ask report.Ask, each func(*report.Attempt) bool) error {
	each = until(each)
	return t.look(ctx, source, func(v *view) error { return v.attempts(ctx, &ask, each) })
}

// Notes hands out what was said of calls from a time on and until another one, in seconds since 1970; 0: without end. They
// may be told before their call enters a queue, and long after it has ended.
func (t *Tables) Notes(ctx context.Context, source report.Source, from, to int64, each func(report.Note) bool) error {
	each = until(each)
	return t.look(ctx, source, func(v *view) error { return v.notes(ctx, from, to, each) })
}

// until remembers that somebody wants no more.
func until[T any](each func(T) bool) func(T) bool {
	over := false
	return func(v T) bool {
		over = over || !each(v)
		return !over
	}
}

// picker is a Sink that takes what somebody looks for.
type picker struct {
	stint   func(*report.Stint)
	session func(*report.Session)
	pause   func(*report.Pause)
}

// Stint implements report.Sink.
func (p *picker) Stint(s *report.Stint) {
	if p.stint != nil {
		p.stint(s)
	}
}

// Session implements report.Sink.
func (p *picker) Session(s *report.Session) {
	if p.session != nil {
		p.session(s)
	}
}

// Pause implements report.Sink.
func (p *picker) Pause(c *report.Pause) {
	if p.pause != nil {
		p.pause(c)
	}
}

// Attempt implements report.Sink.
func (p *picker) Attempt(report.Attempt) {}
