package table

import (
	"context"
	"slices"
)

// Mark is how far a partition is known: what a loader must know to go on.
type Mark struct {
	Lines  uint64   // that are there; the next one has this ordinal
	Second int64    // time of the last line that has one, seconds since 1970; 0: there is none
	Last   []string // the lines at the end that are of that second, in order
}

// Have tells how far a partition is known; nothing is known of one that has no lines.
func (t *Tables) Have(ctx context.Context, partition string) (m Mark, err error) {
	k, err := t.find(ctx, t.read, partition, "")
	if k == nil || err != nil {
		return m, err
	}
	m.Lines, m.Second = k.lines, k.last
	rows, err := t.read.QueryContext(ctx, t.kind.sql(`select at, call, queue, agent, verb, rest, raw from lines
		where id >= ? and id < ? order by id desc limit ?`), lineID(k.num, 0), lineID(k.num, k.lines), maxSecond)
	if err != nil {
		return m, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var r row
		if err := rows.Scan(&r.at, &r.call, &r.queue, &r.agent, &r.verb, &r.all, &r.raw); err != nil {
			return m, err
		}
		if r.verbKnown() && r.at != m.Second {
			break
		}
		m.Last = append(m.Last, r.text())
	}
	slices.Reverse(m.Last)
	return m, rows.Err()
}

// Partition is what is known of one.
type Partition struct {
	Name        string
	Lines       uint64
	Malformed   uint64
	First, Last int64 // times of the first and last line, seconds since 1970; 0: there are none
	Added       int64 // when lines were added last, by the clock of who added them
}

// Partitions are all there are, by name.
func (t *Tables) Partitions(ctx context.Context) (all []Partition, err error) {
	rows, err := t.read.QueryContext(ctx, "select name, lines, malformed, first, last, added from partitions where name not like '~%' order by name")
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var p Partition
		if err := rows.Scan(&p.Name, &p.Lines, &p.Malformed, &p.First, &p.Last, &p.Added); err != nil {
			return nil, err
		}
		all = append(all, p)
	}
	return all, rows.Err()
}

func partitions(ctx context.Context, from querier) (names []string, err error) {
	rows, err := from.QueryContext(ctx, "select name from partitions where name not like '~%' order by name")
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, err
		}
		names = append(names, name)
	}
	return names, rows.Err()
}
