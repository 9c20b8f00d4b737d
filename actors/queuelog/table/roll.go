package table

import (
	"context"
	"database/sql"
	"errors"
	"maps"
	"slices"

	"tandem/actors/queuelog/report"
)

// Levels of roll-ups, by the seconds of their buckets. What is in a bucket has ended in it. An hour is fine, a day coarse:
// days are made of hours once they are over, so that a line changes no more than the roll-up of its hour.
const (
	hour = 3600
	day  = 86400
)

func bucketOf(at, size int64) int64 { return at - mod(at, size) }
func ceiling(at, size int64) int64  { return bucketOf(at+size-1, size) }
func mod(a, b int64) int64          { return (a%b + b) % b }

// rolling collects what lines come to, by the hour. It is a Sink. What is odd is not in it.
type rolling map[int64]*report.Roll

func (r rolling) at(end int64) *report.Roll {
	b := bucketOf(end, hour)
	if r[b] == nil {
		r[b] = report.NewRoll(false)
	}
	return r[b]
}

// Stint implements report.Sink.
func (r rolling) Stint(s *report.Stint) {
	if odd(s.Enter, s.End, usualStint) == 0 {
		r.at(s.End).Stint(s)
	}
}

// Session implements report.Sink.
func (r rolling) Session(s *report.Session) {
	if odd(s.Start, s.End, usualSession) == 0 {
		r.at(s.End).Session(s)
	}
}

// Pause implements report.Sink.
func (r rolling) Pause(p *report.Pause) {
	if odd(p.Start, p.End, usualPause) == 0 {
		r.at(p.End).Pause(p)
	}
}

// Attempt implements report.Sink.
func (r rolling) Attempt(a report.Attempt) { r.at(a.At).Attempt(a) }

// roll adds what was collected to the roll-ups of a partition, and makes those of the days that are over now.
func (t *Tables) roll(ctx context.Context, tx *sql.Tx, k *known, news rolling) error {
	if k.rolled == 0 {
		k.rolled = bucketOf(k.first, day)
	}
	for _, at := range slices.Sorted(maps.Keys(news)) {
		if err := t.addRoll(ctx, tx, k.num, hour, at, news[at]); err != nil {
			return err
		}
		if at < k.rolled { // a line of a day that was over
			if err := t.addRoll(ctx, tx, k.num, day, bucketOf(at, day), news[at]); err != nil {
				return err
			}
		}
	}
	clear(news)
	return t.rollDays(ctx, tx, k)
}

// rollDays makes days of the hours before that of the last line.
func (t *Tables) rollDays(ctx context.Context, tx *sql.Tx, k *known) error {
	until := bucketOf(k.last, day)
	if until <= k.rolled {
		return nil
	}
	days := map[int64]*report.Roll{}
	err := eachRoll(ctx, tx, &t.kind, k.num, hour, k.rolled, until, func(at int64, text []byte) error {
		at = bucketOf(at, day)
		if days[at] == nil {
			days[at] = report.NewRoll(true)
		}
		return days[at].AddPacked(text)
	})
	if err != nil {
		return err
	}
	for at, r := range days {
		if err := t.putRoll(ctx, tx, k.num, day, at, r); err != nil {
			return err
		}
	}
	k.rolled = until
	return nil
}

// addRoll adds to a bucket, which may be new.
func (t *Tables) addRoll(ctx context.Context, tx *sql.Tx, num, level, at int64, news *report.Roll) error {
	var text []byte
	err := tx.QueryRowContext(ctx, t.kind.sql("select roll from rolls where part = ? and level = ? and bucket = ?"), num, level, at).Scan(&text)
	switch {
	case errors.Is(err, sql.ErrNoRows) && level == hour: // as nearly all are while much is loaded
		return t.putRoll(ctx, tx, num, level, at, news)
	case err != nil && !errors.Is(err, sql.ErrNoRows):
		return err
	}
	whole := report.NewRoll(level == day)
	if err == nil {
		if err := whole.AddPacked(text); err != nil {
			return err
		}
	}
	whole.Add(news)
	return t.putRoll(ctx, tx, num, level, at, whole)
}

func (t *Tables) putRoll(ctx context.Context, tx *sql.Tx, num, level, at int64, r *report.Roll) error {
	_, err := tx.ExecContext(ctx, t.kind.sql(`insert into rolls values (?, ?, ?, ?)
		on conflict (part, level, bucket) do update set roll = excluded.roll`), num, level, at, r.Pack())
	return err
}

// eachRoll reads the buckets of a level that begin in a time, as they were packed: good until each returns.
func eachRoll(ctx context.Context, from querier, k *kind, num, level, first, end int64, each func(int64, []byte) error) error {
	if first >= end {
		return nil
	}
	rows, err := from.QueryContext(ctx, k.sql("select bucket, roll from rolls where part = ? and level = ? and bucket >= ? and bucket < ?"),
		num, level, first, end)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var at int64
		var text sql.RawBytes
		if err := rows.Scan(&at, &text); err != nil {
			return err
		}
		if err := each(at, text); err != nil {
			return err
		}
	}
	return rows.Err()
}
