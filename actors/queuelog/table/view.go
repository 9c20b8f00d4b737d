package table

import (
	"context"
	"database/sql"
	"fmt"
	"math"

	"tandem/actors/queuelog/report"
)

// view is one partition as a report sees it: at one moment, with the names that the source gives.
type view struct {
	tx     *sql.Tx
	kind   *kind
	num    int64
	part   report.Part
	source report.Source
	fold   *report.Fold // as far as the lines go, for what is open
}

// look shows each partition of a source, all as of one moment. The error is ErrNoPartition where a source names one that
// has no lines.
func (t *Tables) look(ctx context.Context, source report.Source, at func(*view) error) error {
	tx, err := t.read.BeginTx(ctx, &sql.TxOptions{Isolation: t.kind.snapshot, ReadOnly: true})
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	if source.All {
		names, err := partitions(ctx, tx)
		if err != nil {
			return err
		}
		source = source.Expand(names)
	}
	for _, p := range source.Parts {
		k, err := t.find(ctx, tx, p.Name, "")
		if err != nil {
			return err
		}
		if k == nil {
			return fmt.Errorf("%w: %s", ErrNoPartition, p.Name)
		}
		v := &view{tx: tx, kind: &t.kind, num: k.num, part: p, source: source}
		if v.fold, err = t.fold(ctx, tx, k, nil); err != nil {
			return err
		}
		if err := at(v); err != nil {
			return err
		}
	}
	return nil
}

// span is the time in which the ends of all usual stretches lie that are asked for, and the latest beginning.
func span(a *report.Ask, usual int64) (from, to, begin int64) {
	if a.To == 0 {
		return a.From, math.MaxInt64, math.MaxInt64
	}
	return a.From, a.To + usual, a.To
}

// query reads the rows of a table that may be asked for: usual ones by their end, odd ones all.
func (v *view) query(ctx context.Context, columns, table, begin string, a *report.Ask, usual int64, scan func(*sql.Rows) (bool, error)) error {
	from, to, before := span(a, usual)
	head := "select " + columns + " from " + table + " where part = ? and "
	more, err := v.each(ctx, scan, head+"odd = 0 and ended >= ? and ended <= ? and "+begin+" < ?", v.num, from, to, before)
	if err != nil || !more {
		return err
	}
	_, err = v.each(ctx, scan, head+"odd = 1", v.num)
	return err
}

// each reads rows until it is told to stop; false: it was.
func (v *view) each(ctx context.Context, scan func(*sql.Rows) (bool, error), text string, values ...any) (bool, error) {
	rows, err := v.tx.QueryContext(ctx, v.kind.sql(text), values...)
	if err != nil {
		return false, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		if more, err := scan(rows); err != nil || !more {
			return false, err
		}
	}
	return true, rows.Err()
}

const stintColumns = `queue, agent, call, outbound, state, cause, entered, connected, ended, wait, ring, talk, caller, url,
	position, last, key, transfer, attempts, estimated`

// stints reads those that are over. What it hands out is good until it returns.
func (v *view) stints(ctx context.Context, a *report.Ask, each func(*report.Stint) bool) error {
	s := report.Stint{Partition: v.part.Name}
	fields := []any{&s.Queue, &s.Agent, &s.CallID, &s.Outbound, &s.State, &s.Cause, &s.Enter, &s.Connect, &s.End, &s.Wait, &s.Ring,
		&s.Talk, &s.Caller, &s.URL, &s.Position, &s.Last, &s.Key, &s.Transfer, &s.Attempts, &s.Estimated}
	return v.query(ctx, stintColumns, "stints", "entered", a, usualStint, func(r *sql.Rows) (bool, error) {
		if err := r.Scan(fields...); err != nil {
			return false, err
		}
		s.Agent = v.source.Agent(v.part.Name, s.Agent)
		return !a.Takes(&s) || each(&s), nil
	})
}

func (v *view) sessions(ctx context.Context, a *report.Ask, each func(*report.Session) bool) error {
	if v.part.CallsOnly {
		return nil
	}
	return v.query(ctx, "agent, started, ended, cause, device", "sessions", "started", a, usualStay, func(r *sql.Rows) (bool, error) {
		s := report.Session{Partition: v.part.Name}
		if err := r.Scan(&s.Agent, &s.Start, &s.End, &s.Cause, &s.Device); err != nil {
			return false, err
		}
		s.Agent = v.source.Agent(v.part.Name, s.Agent)
		return !a.TakesStay(s.Agent, s.Start, s.End) || each(&s), nil
	})
}

func (v *view) pauses(ctx context.Context, a *report.Ask, each func(*report.Pause) bool) error {
	if v.part.CallsOnly {
		return nil
	}
	return v.query(ctx, "agent, queue, reason, started, ended", "pauses", "started", a, usualStay, func(r *sql.Rows) (bool, error) {
		p := report.Pause{Partition: v.part.Name}
		if err := r.Scan(&p.Agent, &p.Queue, &p.Reason, &p.Start, &p.End); err != nil {
			return false, err
		}
		p.Agent = v.source.Agent(v.part.Name, p.Agent)
		return !a.TakesStay(p.Agent, p.Start, p.End) || each(&p), nil
	})
}

func (v *view) attempts(ctx context.Context, a *report.Ask, each func(*report.Attempt) bool) error {
	from, to, _ := span(a, 0)
	_, err := v.each(ctx, func(r *sql.Rows) (bool, error) {
		c := report.Attempt{Partition: v.part.Name}
		if err := r.Scan(&c.Queue, &c.Agent, &c.At, &c.Kind, &c.Milliseconds); err != nil {
			return false, err
		}
		c.Agent = v.source.Agent(v.part.Name, c.Agent)
		return !a.TakesAttempt(c) || each(&c), nil
	}, "select queue, agent, at, kind, milliseconds from attempts where part = ? and at >= ? and at <= ?", v.num, from, to)
	return err
}

// notes reads what is said of calls in a time; 0: without end. They belong to calls that touch it, and may be older or
// newer than it themselves.
func (v *view) notes(ctx context.Context, from, to int64, each func(report.Note) bool) error {
	if to == 0 {
		to = math.MaxInt64
	}
	_, err := v.each(ctx, func(r *sql.Rows) (bool, error) {
		n := report.Note{Partition: v.part.Name}
		if err := r.Scan(&n.CallID, &n.Agent, &n.At, &n.Kind, &n.Code, &n.Text); err != nil {
			return false, err
		}
		n.Agent = v.source.Agent(v.part.Name, n.Agent)
		return each(n), nil
	}, "select call, agent, at, kind, code, note from notes where part = ? and at >= ? and at <= ? order by at", v.num, from, to)
	return err
}

// named hands on what is open in this partition, with the names that the source gives.
func (v *view) named(to report.Sink) report.Sink { return &named{v, to} }

type named struct {
	*view
	to report.Sink
}

// Stint implements report.Sink.
func (n *named) Stint(s *report.Stint) {
	shown := *s
	shown.Agent = n.source.Agent(n.part.Name, s.Agent)
	n.to.Stint(&shown)
}

// Session implements report.Sink.
func (n *named) Session(s *report.Session) {
	if !n.part.CallsOnly {
		s.Agent = n.source.Agent(n.part.Name, s.Agent)
		n.to.Session(s)
	}
}

// Pause implements report.Sink.
func (n *named) Pause(p *report.Pause) {
	if !n.part.CallsOnly {
		p.Agent = n.source.Agent(n.part.Name, p.Agent)
		n.to.Pause(p)
	}
}

// Attempt implements report.Sink. None are open.
func (n *named) Attempt(report.Attempt) {}
