package table

import (
	"context"
	"fmt"
	"iter"
)

// hidden begins the name of a partition that is being made anew, or that was replaced. No source can name it.
const hidden = "~"

// maxPiece is how many lines are read or deleted at once, so that nobody has to wait for long.
const maxPiece = 20000

// Rebuild makes all that is known of a partition anew of its lines, from the first on. Reports see what was there until all
// is done. Lines that are added meanwhile must be added again if Have says so. After an error, that of the lines among
// them, all is as before.
func (t *Tables) Rebuild(ctx context.Context, partition string, lines iter.Seq2[string, error]) error {
	name := hidden + partition
	if err := t.drop(ctx, name); err != nil {
		return err
	}
	at := uint64(0)
	piece := make([]string, 0, maxPiece)
	add := func() error {
		err := t.Add(ctx, name, at, piece)
		at += uint64(len(piece))
		piece = piece[:0]
		return err
	}
	for text, err := range lines {
		if err != nil {
			return err
		}
		if piece = append(piece, text); len(piece) == maxPiece {
			if err := add(); err != nil {
				return err
			}
		}
	}
	if err := add(); err != nil {
		return err
	}
	old, err := t.replace(ctx, partition, name)
	if err != nil {
		return err
	}
	return t.drop(ctx, old)
}

// replace puts one partition in the place of another, and gives the name that the other has now.
func (t *Tables) replace(ctx context.Context, partition, by string) (old string, err error) {
	t.writing.Lock()
	defer t.writing.Unlock()
	tx, err := t.write.BeginTx(ctx, nil)
	if err != nil {
		return "", err
	}
	defer func() { _ = tx.Rollback() }()
	for _, name := range []string{partition, by} { // both are there then, though they may be empty
		k, err := t.enlist(ctx, tx, name)
		if err != nil {
			return "", err
		}
		if name == partition {
			old = fmt.Sprint(hidden, k.num, hidden, partition)
		}
	}
	rename := t.kind.sql("update partitions set name = ? where name = ?")
	if _, err := tx.ExecContext(ctx, rename, old, partition); err != nil {
		return "", err
	}
	if _, err := tx.ExecContext(ctx, rename, partition, by); err != nil {
		return "", err
	}
	delete(t.live, partition)
	delete(t.live, by)
	return old, tx.Commit()
}

// drop deletes all that is there of a partition, if there is one.
func (t *Tables) drop(ctx context.Context, name string) error {
	t.writing.Lock()
	defer t.writing.Unlock()
	delete(t.live, name)
	k, err := t.find(ctx, t.write, name, "")
	if k == nil || err != nil {
		return err
	}
	for at := uint64(0); at < k.lines; at += maxPiece {
		if _, err := t.write.ExecContext(ctx, t.kind.sql("delete from lines where id >= ? and id < ?"), lineID(k.num, at),
			lineID(k.num, min(at+maxPiece, k.lines))); err != nil {
			return err
		}
	}
	for _, table := range []string{"stints", "sessions", "pauses", "notes", "rolls"} {
		if _, err := t.write.ExecContext(ctx, t.kind.sql("delete from "+table+" where part = ?"), k.num); err != nil {
			return err
		}
	}
	_, err = t.write.ExecContext(ctx, t.kind.sql("delete from partitions where num = ?"), k.num)
	return err
}

// renew makes partitions anew whose rows were made by other names, or by another form of this program, of the lines that are
// kept of them.
func (t *Tables) renew(ctx context.Context) error {
	names, err := partitions(ctx, t.read)
	if err != nil {
		return err
	}
	for _, name := range names {
		k, err := t.find(ctx, t.read, name, "")
		if err != nil {
			return err
		}
		if k == nil || k.made == t.made(name) {
			continue
		}
		if err := t.Rebuild(ctx, name, t.own(ctx, k)); err != nil {
			return fmt.Errorf("make partition %s anew: %w", name, err)
		}
	}
	return nil
}

// own are the lines that are kept of a partition.
func (t *Tables) own(ctx context.Context, k *known) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		for at := uint64(0); at < k.lines; at += maxPiece {
			var piece []string
			err := t.texts(ctx, t.read, k.num, at, min(at+maxPiece, k.lines), func(text string) bool {
				piece = append(piece, text)
				return true
			})
			if err != nil {
				yield("", err)
				return
			}
			for _, text := range piece {
				if !yield(text, nil) {
					return
				}
			}
		}
	}
}
