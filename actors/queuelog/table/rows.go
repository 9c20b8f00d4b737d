package table

import (
	"context"
	"database/sql"

	"tandem/actors/queuelog/report"
)

// rows writes what a partition's lines come to. It is a Sink; what goes wrong is told at the end.
type rows struct {
	part                                   int64
	lines, stints, sessions, pauses, notes *insert
	rolling                                rolling
	ctx                                    context.Context
	err                                    error
}

func newRows(k *kind, part int64) *rows {
	return &rows{part: part, lines: k.insert("lines", 8), stints: k.insert("stints", 22), sessions: k.insert("sessions", 7),
		pauses: k.insert("pauses", 7), notes: k.insert("notes", 7), rolling: rolling{}}
}

func (r *rows) all() []*insert {
	return []*insert{r.lines, r.stints, r.sessions, r.pauses, r.notes}
}

// begin writes into a transaction from here on.
func (r *rows) begin(ctx context.Context, tx *sql.Tx) {
	r.ctx, r.err = ctx, nil
	clear(r.rolling)
	for _, i := range r.all() {
		i.begin(tx)
	}
}

// flush writes what is left, and gives the first error.
func (r *rows) flush() error {
	for _, i := range r.all() {
		r.failed(i.flush(r.ctx))
	}
	return r.err
}

func (r *rows) failed(err error) {
	if r.err == nil {
		r.err = err
	}
}

func (r *rows) line(id int64, o *row) {
	r.failed(r.lines.add(r.ctx, id, o.at, o.call, o.queue, o.agent, o.verb, o.all, o.raw))
}

// Stint implements report.Sink.
func (r *rows) Stint(s *report.Stint) {
	r.rolling.Stint(s)
	r.failed(r.stints.add(r.ctx, r.part, s.Queue, s.Agent, s.CallID, number(s.Outbound), int64(s.State), s.Cause, s.Enter, s.Connect,
		s.End, s.Wait, s.Ring, s.Talk, s.Caller, s.URL, s.Position, s.Last, s.Key, s.Transfer, s.Attempts, number(s.Estimated),
		odd(s.Enter, s.End, usualStint)))
}

// Session implements report.Sink.
func (r *rows) Session(s *report.Session) {
	r.rolling.Session(s)
	r.failed(r.sessions.add(r.ctx, r.part, s.Agent, s.Start, s.End, s.Cause, s.Device, odd(s.Start, s.End, usualSession)))
}

// Pause implements report.Sink.
func (r *rows) Pause(p *report.Pause) {
	r.rolling.Pause(p)
	r.failed(r.pauses.add(r.ctx, r.part, p.Agent, p.Queue, p.Reason, p.Start, p.End, odd(p.Start, p.End, usualPause)))
}

// Attempt implements report.Sink.
func (r *rows) Attempt(a report.Attempt) {
	r.rolling.Attempt(a)
}

// Note implements report.NoteSink.
func (r *rows) Note(n report.Note) {
	r.failed(r.notes.add(r.ctx, r.part, n.CallID, n.Agent, n.At, int64(n.Kind), n.Code, n.Text))
}

func number(yes bool) int64 {
	if yes {
		return 1
	}
	return 0
}

// odd tells whether a stretch of time lasts longer than is usual, or ends before it begins.
func odd(start, end, usual int64) int64 { return number(end < start || end-start > usual) }
