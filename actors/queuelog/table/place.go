package table

import (
	"context"
	"database/sql"
	"errors"
)

// Place is how far the lines of a source have come into these tables: the number that was noted last, 0 where there is none.
func (t *Tables) Place(ctx context.Context, source string) (next uint64, err error) {
	err = t.read.QueryRowContext(ctx, t.kind.sql("select next from places where source = ?"), source).Scan(&next)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	return next, err
}

// Reached notes it. It lies with the lines, so that tables that were lost do not seem to have any.
func (t *Tables) Reached(ctx context.Context, source string, next uint64) error {
	t.writing.Lock()
	defer t.writing.Unlock()
	_, err := t.write.ExecContext(ctx, t.kind.sql(`insert into places (source, next) values (?, ?)
		on conflict (source) do update set next = excluded.next`), source, next)
	return err
}
