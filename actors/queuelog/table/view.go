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
	rolled int64 // days before it have roll-ups
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
		v := &view{tx: tx, kind: &t.kind, num: k.num, rolled: k.rolled, part: p, source: source}
		if v.fold, err = t.fold(ctx, tx, k, nil); err != nil {
			return err
		}
		if err := at(v); err != nil {
			return err
		}
	}
	return nil
}

// kept is a table of stretches of time.
type kept struct {
	table, columns string
	begin          string // the column of their beginning
	usual          int64  // seconds that they last at most, unless they are odd
}

var (
	keptStints = kept{"stints", `queue, agent, call, outbound, state, cause, entered, connected, ended, wait, ring, talk, caller, url,
		position, last, key, transfer, attempts, estimated`, "entered", usualStint}
	keptSessions = kept{"sessions", "agent, started, ended, cause, device", "started", usualSession}
	keptPauses   = kept{"pauses", "agent, queue, reason, started, ended", "started", usualPause}
)

// usual reads the rows that ended in a stretch and may be asked for, but no odd ones.
func (v *view) usual(ctx context.Context, k *kept, a *report.Ask, in stretch, scan func(*sql.Rows) (bool, error)) error {
	before := int64(math.MaxInt64)
	in.from = max(in.from, a.From)
	if a.To != 0 {
		before, in.end = a.To, min(in.end, a.To+k.usual)
	}
	if in.from >= in.end {
		return nil
	}
	return v.each(ctx, scan, "select "+k.columns+" from "+k.table+" where part = ? and odd = 0 and ended >= ? and ended < ? and "+k.begin+" < ?",
		v.num, in.from, in.end, before)
}

// odd reads odd rows that may be asked for.
func (v *view) odd(ctx context.Context, k *kept, a *report.Ask, scan func(*sql.Rows) (bool, error)) error {
	before := int64(math.MaxInt64)
	if a.To != 0 {
		before = a.To
	}
	return v.each(ctx, scan, "select "+k.columns+" from "+k.table+" where part = ? and odd = 1 and "+k.begin+" < ?", v.num, before)
}

// each reads rows until it is told to stop.
func (v *view) each(ctx context.Context, scan func(*sql.Rows) (bool, error), text string, values ...any) error {
	rows, err := v.tx.QueryContext(ctx, v.kind.sql(text), values...)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		if more, err := scan(rows); err != nil || !more {
			return err
		}
	}
	return rows.Err()
}

// always is all time.
var always = stretch{math.MinInt64, math.MaxInt64}

// stints reads those that ended in a stretch. What it hands out is good until it returns.
func (v *view) stints(ctx context.Context, a *report.Ask, in stretch, each func(*report.Stint) bool) error {
	return v.usual(ctx, &keptStints, a, in, v.scanStint(a, each))
}

func (v *view) oddStints(ctx context.Context, a *report.Ask, each func(*report.Stint) bool) error {
	return v.odd(ctx, &keptStints, a, v.scanStint(a, each))
}

func (v *view) scanStint(a *report.Ask, each func(*report.Stint) bool) func(r *sql.Rows) (bool, error) {
	s := report.Stint{Partition: v.part.Name}
	fields := []any{&s.Queue, &s.Agent, &s.CallID, &s.Outbound, &s.State, &s.Cause, &s.Enter, &s.Connect, &s.End, &s.Wait, &s.Ring,
		&s.Talk, &s.Caller, &s.URL, &s.Position, &s.Last, &s.Key, &s.Transfer, &s.Attempts, &s.Estimated}
	return func(r *sql.Rows) (bool, error) {
		if err := r.Scan(fields...); err != nil {
			return false, err
		}
		s.Agent = v.source.Agent(v.part.Name, s.Agent)
		return !a.Takes(&s) || each(&s), nil
	}
}

func (v *view) sessions(ctx context.Context, a *report.Ask, in stretch, each func(*report.Session) bool) error {
	if v.part.CallsOnly {
		return nil
	}
	return v.usual(ctx, &keptSessions, a, in, v.scanSession(a, each))
}

func (v *view) oddSessions(ctx context.Context, a *report.Ask, each func(*report.Session) bool) error {
	if v.part.CallsOnly {
		return nil
	}
	return v.odd(ctx, &keptSessions, a, v.scanSession(a, each))
}

func (v *view) scanSession(a *report.Ask, each func(*report.Session) bool) func(r *sql.Rows) (bool, error) {
	return func(r *sql.Rows) (bool, error) {
		s := report.Session{Partition: v.part.Name}
		if err := r.Scan(&s.Agent, &s.Start, &s.End, &s.Cause, &s.Device); err != nil {
			return false, err
		}
		s.Agent = v.source.Agent(v.part.Name, s.Agent)
		return !a.TakesStay(s.Agent, s.Start, s.End) || each(&s), nil
	}
}

func (v *view) pauses(ctx context.Context, a *report.Ask, in stretch, each func(*report.Pause) bool) error {
	if v.part.CallsOnly {
		return nil
	}
	return v.usual(ctx, &keptPauses, a, in, v.scanPause(a, each))
}

func (v *view) oddPauses(ctx context.Context, a *report.Ask, each func(*report.Pause) bool) error {
	if v.part.CallsOnly {
		return nil
	}
	return v.odd(ctx, &keptPauses, a, v.scanPause(a, each))
}

func (v *view) scanPause(a *report.Ask, each func(*report.Pause) bool) func(r *sql.Rows) (bool, error) {
	return func(r *sql.Rows) (bool, error) {
		p := report.Pause{Partition: v.part.Name}
		if err := r.Scan(&p.Agent, &p.Queue, &p.Reason, &p.Start, &p.End); err != nil {
			return false, err
		}
		p.Agent = v.source.Agent(v.part.Name, p.Agent)
		return !a.TakesStay(p.Agent, p.Start, p.End) || each(&p), nil
	}
}

// attempts are taken from the roll-ups of hours, which keep single ones.
func (v *view) attempts(ctx context.Context, a *report.Ask, each func(*report.Attempt) bool) error {
	more := true
	return eachRoll(ctx, v.tx, v.kind, v.num, hour, planOf(a, 0).all.from, planOf(a, 0).all.end, func(_ int64, text []byte) error {
		return report.PackedAttempts(text, func(c report.Attempt) {
			c.Partition, c.Agent = v.part.Name, v.source.Agent(v.part.Name, c.Agent)
			more = more && (!a.TakesAttempt(c) || each(&c))
		})
	})
}

// notes reads what is said of calls in a time; 0: without end. They belong to calls that touch it, and may be older or
// newer than it themselves.
func (v *view) notes(ctx context.Context, from, to int64, each func(report.Note) bool) error {
	if to == 0 {
		to = math.MaxInt64
	}
	return v.each(ctx, func(r *sql.Rows) (bool, error) {
		n := report.Note{Partition: v.part.Name}
		if err := r.Scan(&n.CallID, &n.Agent, &n.At, &n.Kind, &n.Code, &n.Text); err != nil {
			return false, err
		}
		n.Agent = v.source.Agent(v.part.Name, n.Agent)
		return each(n), nil
	}, "select call, agent, at, kind, code, note from notes where part = ? and at >= ? and at <= ? order by at", v.num, from, to)
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
