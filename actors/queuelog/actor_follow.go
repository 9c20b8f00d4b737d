package queuelog

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"tandem/actors/store"
)

// Rows take the lines of all partitions: the tables.
type Rows interface {
	// Prepare comes before all else, whenever this member begins to write.
	Prepare(ctx context.Context) error
	// Add takes lines of a partition from an ordinal on, each once. ErrGap: there are lines before them that it has not.
	Add(ctx context.Context, partition string, from uint64, lines []string) error
	// Place is the sequence of the piece to go on with, as Reached has noted it; 0: nothing was noted. It saves reading all
	// again, and may be too small.
	Place(ctx context.Context) (next uint64, err error)
	Reached(ctx context.Context, next uint64) error
	// Index comes when all that there was when this member began is in the tables, and costs nothing when it came before.
	Index(ctx context.Context) error
}

// ErrGap says that lines before those added are missing.
var ErrGap = errors.New("queuelog: lines are missing before these")

// Follower brings the raw lines of the store into tables. It has one goroutine; nobody waits for it.
type Follower struct {
	Lines  *store.Lines
	Rows   Rows
	Writes func() bool // whether this member does: of tables that all share it is the Controller
	Log    *slog.Logger

	indexed bool // since this member writes
}

// Times and limits of a Follower.
const (
	lookEvery  = 2 * time.Second // without a word from the engine
	again      = time.Second     // after a failure
	addedMost  = 5000            // lines added together
	noteAfter  = 10000           // lines between two notes of the place
	followWait = time.Minute     // for one thing
)

// Run follows until ctx ends.
func (f *Follower) Run(ctx context.Context) {
	wake := make(chan struct{}, 1)
	stop, err := f.Lines.Watch(func() {
		select {
		case wake <- struct{}{}:
		default:
		}
	})
	if err == nil {
		defer stop()
	}
	next := uint64(0) // 0: this member does not write, or has to find out from where
	for said := false; ctx.Err() == nil; {
		var err error
		wait := lookEvery
		if !f.Writes() {
			next = 0
		} else if err = f.round(ctx, &next); err != nil {
			if wait = again; !said && ctx.Err() == nil {
				f.Log.Warn("lines of queue logs do not come into the tables; they will", "err", err)
			}
		}
		said = err != nil
		select {
		case <-wake:
		case <-time.After(wait):
		case <-ctx.Done():
		}
	}
}

// round brings over what there is.
func (f *Follower) round(ctx context.Context, next *uint64) (err error) {
	if *next == 0 {
		if err := f.Rows.Prepare(ctx); err != nil {
			return err
		}
		place, err := f.Rows.Place(ctx)
		if err != nil {
			return err
		}
		*next, f.indexed = max(place, 1), false
	}
	lines := 0 // since the place was noted
	for f.Writes() {
		batch, behind, err := f.gather(ctx, *next)
		if err != nil {
			return err
		}
		if batch == nil {
			if err := f.index(ctx); err != nil {
				return err
			}
			break
		}
		if err := f.Rows.Add(ctx, batch.partition, batch.from, batch.lines); err != nil {
			if errors.Is(err, ErrGap) { // the tables were begun anew
				*next = 1
			}
			return err
		}
		*next = behind
		if lines += len(batch.lines); lines > noteAfter {
			lines = 0
			if err := f.Rows.Reached(ctx, *next); err != nil {
				return err
			}
		}
	}
	if lines == 0 {
		return nil
	}
	return f.Rows.Reached(ctx, *next)
}

// index makes the indexes, once.
func (f *Follower) index(ctx context.Context) (err error) {
	if !f.indexed {
		err = f.Rows.Index(ctx)
		f.indexed = err == nil
	}
	return err
}

// batch are lines of one partition that stand one behind the other.
type batch struct {
	partition string
	from      uint64
	lines     []string
}

// gather reads the next pieces as far as they are of one partition; nil: there is none. next is the sequence to go on with.
func (f *Follower) gather(ctx context.Context, from uint64) (b *batch, next uint64, err error) {
	ctx, cancel := context.WithTimeout(ctx, followWait)
	defer cancel()
	for next = from; b == nil || len(b.lines) < addedMost; {
		p, ok, err := f.Lines.Next(ctx, "", next)
		if err != nil || !ok {
			return b, next, err
		}
		if b == nil {
			b = &batch{partition: p.Partition, from: p.From}
		}
		if p.Partition != b.partition || p.From != b.from+uint64(len(b.lines)) {
			break
		}
		for _, l := range p.Lines {
			b.lines = append(b.lines, string(l))
		}
		next = p.Sequence + 1
	}
	return b, next, nil
}
