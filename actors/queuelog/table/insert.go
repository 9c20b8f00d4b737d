package table

import (
	"context"
	"database/sql"
	"strings"
)

// insert makes statements of the rows of one table: as many rows as one statement takes.
type insert struct {
	into    string
	columns int
	rows    int // of one statement

	kind    *kind
	many    *sql.Stmt // for that many rows, in the transaction that goes on
	waiting []any
	out     *pipe
}

func (k *kind) insert(into string, columns int) *insert {
	return &insert{into: into, columns: columns, rows: max(1, k.parameters/columns), kind: k}
}

// begin sends rows into a transaction from here on.
func (i *insert) begin(out *pipe) { i.out, i.many, i.waiting = out, nil, i.waiting[:0] }

func (i *insert) add(values ...any) {
	i.waiting = append(i.waiting, values...)
	if len(i.waiting) >= i.rows*i.columns {
		i.flush()
	}
}

// flush sends what waits.
func (i *insert) flush() {
	if len(i.waiting) > 0 {
		i.waiting = i.out.send(i, i.waiting)
	}
}

// perform writes rows.
func (i *insert) perform(ctx context.Context, tx *sql.Tx, values []any) (err error) {
	rows := len(values) / i.columns
	if rows < i.rows {
		_, err = tx.ExecContext(ctx, i.text(rows), values...)
		return err
	}
	if i.many == nil {
		if i.many, err = tx.PrepareContext(ctx, i.text(rows)); err != nil {
			return err
		}
	}
	_, err = i.many.ExecContext(ctx, values...)
	return err
}

func (i *insert) text(rows int) string {
	row := "(" + strings.TrimSuffix(strings.Repeat("?,", i.columns), ",") + "),"
	return i.kind.sql("insert into " + i.into + " values " + strings.TrimSuffix(strings.Repeat(row, rows), ","))
}

// maxPiped is how many statements may wait for the database while the lines after theirs are read.
const maxPiped = 64

// pipe performs statements one after the other, while those that come next are made.
type pipe struct {
	jobs chan job
	used chan []any // whose values have been written
	over chan error // how it went
}

type job struct {
	insert *insert
	values []any
}

// newPipe begins one into a transaction, which nobody else uses until it is closed.
func (k *kind) newPipe(ctx context.Context, tx *sql.Tx) *pipe {
	p := &pipe{make(chan job, maxPiped), make(chan []any, maxPiped), make(chan error, 1)}
	whole := ctx
	if k.watches {
		whole = context.WithoutCancel(ctx)
	}
	go func() {
		var failed error
		for j := range p.jobs {
			if failed == nil {
				failed = ctx.Err()
			}
			if failed == nil {
				failed = j.insert.perform(whole, tx, j.values)
			}
			select {
			case p.used <- j.values:
			default:
			}
		}
		p.over <- failed
	}()
	return p
}

// send hands values over, and gives room for others.
func (p *pipe) send(i *insert, values []any) (room []any) {
	p.jobs <- job{i, values}
	select {
	case room = <-p.used:
	default:
	}
	return room[:0]
}

// close waits for all of them, and gives the first error.
func (p *pipe) close() error {
	close(p.jobs)
	return <-p.over
}
