package table

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"tandem/actors/queuelog/line"
	"tandem/actors/queuelog/report"
)

// live is a partition to which this process adds.
type live struct {
	fold  *report.Fold
	lines uint64 // that have gone into it
	rows  *rows
	saved uint64 // for how many lines its state was saved
}

// Add takes lines of a partition, of which the first is the one at that ordinal, from 0. Those that are known are passed
// over, so lines may be handed over again. The error is ErrGap where some before them have not come; after any error
// nothing or whole runs of them, from the first on, have been taken.
func (t *Tables) Add(ctx context.Context, partition string, from uint64, raw []string) error {
	t.writing.Lock()
	defer t.writing.Unlock()
	for len(raw) > 0 {
		n := min(len(raw), maxWritten)
		if err := t.add(ctx, partition, from, raw[:n]); err != nil {
			delete(t.live, partition)
			return fmt.Errorf("lines of partition %s: %w", partition, err)
		}
		raw, from = raw[n:], from+uint64(n)
	}
	return nil
}

// add takes lines in one transaction.
func (t *Tables) add(ctx context.Context, partition string, from uint64, raw []string) error {
	tx, err := t.write.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	k, err := t.enlist(ctx, tx, partition)
	if err != nil {
		return err
	}
	switch {
	case k.lines < from:
		return fmt.Errorf("%w: %d lines are there, and these begin at %d", ErrGap, k.lines, from)
	case k.lines >= from+uint64(len(raw)):
		return nil
	}
	l, err := t.liveOf(ctx, tx, k)
	if err != nil {
		return err
	}
	if err := l.take(ctx, tx, k, raw[k.lines-from:]); err != nil {
		return err
	}
	if err := t.roll(ctx, tx, k, l.rows.rolling); err != nil {
		return err
	}
	if err := t.note(ctx, tx, k, l); err != nil {
		return err
	}
	return tx.Commit()
}

// enlist finds the row of a partition, and makes it where there is none. Nobody else changes it before the transaction is
// over.
func (t *Tables) enlist(ctx context.Context, tx *sql.Tx, partition string) (*known, error) {
	for {
		if k, err := t.find(ctx, tx, partition, t.kind.lock); k != nil || err != nil {
			return k, err
		}
		_, err := tx.ExecContext(ctx, t.kind.sql(`insert into partitions (`+knownColumns+`)
			select coalesce(max(num), 0) + 1, ?, ?, 0, 0, 0, 0, 0, 0, 0, null from partitions where true on conflict do nothing`),
			partition, t.made(partition))
		if err != nil {
			return nil, err
		}
	}
}

// liveOf is the Fold that goes on with a partition.
func (t *Tables) liveOf(ctx context.Context, tx *sql.Tx, k *known) (*live, error) {
	if l := t.live[k.name]; l != nil && l.lines == k.lines {
		return l, nil
	}
	l := &live{lines: k.lines, rows: newRows(&t.kind, k.num), saved: k.stateAt}
	var err error
	if l.fold, err = t.fold(ctx, tx, k, l.rows); err != nil {
		return nil, err
	}
	t.live[k.name] = l
	return l, nil
}

// take folds new lines, and writes them and what they end.
func (l *live) take(ctx context.Context, tx *sql.Tx, k *known, raw []string) error {
	l.rows.begin(ctx, tx)
	var r line.Row
	var buffer []byte
	for _, text := range raw {
		text = clean(text)
		one := split(text, &r, buffer[:0])
		id := lineID(k.num, l.lines)
		l.rows.line(id, &one)
		buffer = append(buffer[:0], text...)
		l.fold.Line(buffer)
		l.lines++
		if one.verbKnown() {
			k.see(one.at)
		}
	}
	return l.rows.flush()
}

func (o *row) verbKnown() bool { return o.verb != "" }

// see notes the time of a line.
func (k *known) see(at int64) {
	if k.first == 0 {
		k.first = at
	}
	k.last = at
}

// note writes what is known of a partition now.
func (t *Tables) note(ctx context.Context, tx *sql.Tx, k *known, l *live) error {
	state, at := k.state, k.stateAt
	if l.lines-k.stateAt >= saveEvery {
		state, at = l.fold.Save(), l.lines
	}
	_, err := tx.ExecContext(ctx, t.kind.sql(`update partitions set lines = ?, malformed = ?, first = ?, last = ?, added = ?, rolled = ?,
		state_at = ?, state = ? where num = ?`), l.lines, l.fold.Read().Malformed, k.first, k.last, time.Now().Unix(), k.rolled, at, state, k.num)
	return err
}
