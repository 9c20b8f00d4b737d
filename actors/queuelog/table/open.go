package table

import (
	"context"
	"database/sql"
	"errors"

	"tandem/actors/queuelog/report"
)

// known is the row of a partition.
type known struct {
	num                           int64
	name, made                    string
	lines                         uint64
	malformed, first, last, added int64
	rolled                        int64 // days before it have roll-ups
	stateAt                       uint64
	state                         []byte
}

const knownColumns = "num, name, made, lines, malformed, first, last, added, rolled, state_at, state"

func (k *known) fields() []any {
	return []any{&k.num, &k.name, &k.made, &k.lines, &k.malformed, &k.first, &k.last, &k.added, &k.rolled, &k.stateAt, &k.state}
}

// querier is a transaction or a database.
type querier interface {
	QueryContext(ctx context.Context, text string, values ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, text string, values ...any) *sql.Row
}

// find reads the row of a partition; nil: there is none.
func (t *Tables) find(ctx context.Context, from querier, name, lock string) (*known, error) {
	var k known
	err := from.QueryRowContext(ctx, t.kind.sql("select "+knownColumns+" from partitions where name = ?"+lock), name).Scan(k.fields()...)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return &k, err
}

// fold is the Fold of a partition as far as its lines go. What it hands out from here on goes to the sink.
func (t *Tables) fold(ctx context.Context, from querier, k *known, sink report.Sink) (*report.Fold, error) {
	out := &valve{}
	fold := report.NewFold(report.Part{Name: k.name}, report.Source{}, t.names(k.name), out)
	if k.state != nil {
		if err := fold.Load(k.state); err != nil {
			return nil, err
		}
	}
	err := t.texts(ctx, from, k.num, k.stateAt, k.lines, func(text string) bool {
		fold.Line([]byte(text))
		return true
	})
	out.Sink = sink
	out.open = true
	return fold, err
}

// texts reads lines of a partition again.
func (t *Tables) texts(ctx context.Context, from querier, num int64, first, end uint64, each func(string) bool) error {
	rows, err := from.QueryContext(ctx, t.kind.sql("select at, call, queue, agent, verb, rest, raw from lines where id >= ? and id < ? order by id"),
		lineID(num, first), lineID(num, end))
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var r row
		if err := rows.Scan(&r.at, &r.call, &r.queue, &r.agent, &r.verb, &r.all, &r.raw); err != nil {
			return err
		}
		if !each(r.text()) {
			return nil
		}
	}
	return rows.Err()
}

func lineID(num int64, ordinal uint64) int64 { return num<<ordinalBits | int64(ordinal) }

// valve hands nothing on before it is open: lines that are read again have given what they gave.
type valve struct {
	report.Sink
	open bool
}

func (v *valve) Stint(s *report.Stint) {
	if v.open {
		v.Sink.Stint(s)
	}
}

func (v *valve) Session(s *report.Session) {
	if v.open {
		v.Sink.Session(s)
	}
}

func (v *valve) Pause(p *report.Pause) {
	if v.open {
		v.Sink.Pause(p)
	}
}

func (v *valve) Attempt(a report.Attempt) {
	if v.open {
		v.Sink.Attempt(a)
	}
}

// Note implements report.NoteSink.
func (v *valve) Note(n report.Note) {
	if sink, ok := v.Sink.(report.NoteSink); ok && v.open {
		sink.Note(n)
	}
}
