package table

import (
	"context"
	"database/sql"

	"tandem/actors/queuelog/report"
)

// rows writes what a partition's lines come to. It is a Sink; what goes wrong is told by flush.
type rows struct {
	part                                   int64
	lines, stints, sessions, pauses, notes *insert
	rolling                                rolling
	out                                    *pipe
}

func newRows(k *kind, part int64) *rows {
	return &rows{part: part, lines: k.insert("lines", 8), stints: k.insert("stints", 22), sessions: k.insert("sessions", 7),
		pauses: k.insert("pauses", 7), notes: k.insert("notes", 7), rolling: rolling{}}
}

func (r *rows) all() []*insert {
	return []*insert{r.lines, r.stints, r.sessions, r.pauses, r.notes}
}

// begin writes into a transaction from here on, which nobody else uses until flush.
func (r *rows) begin(ctx context.Context, tx *sql.Tx) {
	clear(r.rolling)
	r.out = r.lines.kind.newPipe(ctx, tx)
	for _, i := range r.all() {
		i.begin(r.out)
	}
}

// flush writes what is left, and gives the first error of all.
func (r *rows) flush() error {
	for _, i := range r.all() {
		i.flush()
	}
	return r.out.close()
}

func (r *rows) line(id int64, o *row) {
	r.lines.add(id, o.at, o.call, o.queue, o.agent, o.verb, o.all, o.raw)
}

// Stint implements report.Sink.
func (r *rows) Stint(s *report.Stint) {
	r.rolling.Stint(s)
	r.stints.add(r.part, s.Queue, s.Agent, s.CallID, number(s.Outbound), int64(s.State), s.Cause, s.Enter, s.Connect,
		s.End, s.Wait, s.Ring, s.Talk, s.Caller, s.URL, s.Position, s.Last, s.Key, s.Transfer, s.Attempts, number(s.Estimated),
		odd(s.Enter, s.End, usualStint))
}

// Session implements report.Sink.
func (r *rows) Session(s *report.Session) {
	r.rolling.Session(s)
	r.sessions.add(r.part, s.Agent, s.Start, s.End, s.Cause, s.Device, odd(s.Start, s.End, usualSession))
}

// Pause implements report.Sink.
func (r *rows) Pause(p *report.Pause) {
	r.rolling.Pause(p)
	r.pauses.add(r.part, p.Agent, p.Queue, p.Reason, p.Start, p.End, odd(p.Start, p.End, usualPause))
}

// Attempt implements report.Sink.
func (r *rows) Attempt(a report.Attempt) {
	r.rolling.Attempt(a)
}

// Note implements report.NoteSink.
func (r *rows) Note(n report.Note) {
	r.notes.add(r.part, n.CallID, n.Agent, n.At, int64(n.Kind), n.Code, n.Text)
}

func number(yes bool) int64 {
	if yes {
		return 1
	}
	return 0
}

// odd tells whether a stretch of time lasts longer than is usual, or ends before it begins.
func odd(start, end, usual int64) int64 { return number(end < start || end-start > usual) }
