package table

import (
	"context"
	"database/sql"
	"strings"
)

// insert writes many rows of one table: as many as go into one statement at once.
type insert struct {
	into    string
	columns int
	rows    int // of one statement

	kind    *kind
	tx      *sql.Tx
	many    *sql.Stmt
	waiting []any
}

func (k *kind) insert(into string, columns int) *insert {
	return &insert{into: into, columns: columns, rows: max(1, k.parameters/columns), kind: k}
}

// begin uses a transaction from here on.
func (i *insert) begin(tx *sql.Tx) { i.tx, i.many, i.waiting = tx, nil, i.waiting[:0] }

func (i *insert) add(ctx context.Context, values ...any) error {
	i.waiting = append(i.waiting, values...)
	if len(i.waiting) < i.rows*i.columns {
		return nil
	}
	if i.many == nil {
		var err error
		if i.many, err = i.tx.PrepareContext(ctx, i.text(i.rows)); err != nil {
			return err
		}
	}
	_, err := i.many.ExecContext(ctx, i.waiting...)
	i.waiting = i.waiting[:0]
	return err
}

// flush writes what is left.
func (i *insert) flush(ctx context.Context) error {
	if len(i.waiting) == 0 {
		return nil
	}
	_, err := i.tx.ExecContext(ctx, i.text(len(i.waiting)/i.columns), i.waiting...)
	i.waiting = i.waiting[:0]
	return err
}

func (i *insert) text(rows int) string {
	row := "(" + strings.TrimSuffix(strings.Repeat("?,", i.columns), ",") + "),"
	return i.kind.sql("insert into " + i.into + " values " + strings.TrimSuffix(strings.Repeat(row, rows), ","))
}
