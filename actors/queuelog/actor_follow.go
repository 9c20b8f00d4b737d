package queuelog

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"os"
	"time"

	"tandem/actors/store"
)

// Rows take the lines of all partitions: the tables.
type Rows interface {
	// Add takes lines of a partition from an ordinal on, each once. ErrGap: there are lines before them that it has not.
	Add(ctx context.Context, partition string, from uint64, lines []string) error
	// Total is how many lines it has.
	Total(ctx context.Context) (uint64, error)
}

// ErrGap says that lines before those added are missing.
var ErrGap = errors.New("queuelog: lines are missing before these")

// Follower brings the raw lines of the store into the tables of this member. It has one goroutine; nobody waits for it.
type Follower struct {
	Lines *store.Lines
	Rows  Rows
	Mark  string // file that says how far the tables have come; it saves reading all again, and is not needed
	Log   *slog.Logger
}

// Times and limits of a Follower.
const (
	lookEvery  = 2 * time.Second // without a word from the engine
	again      = time.Second     // after a failure
	addedMost  = 5000            // lines added together
	noteAfter  = 10000           // lines between two notes of the mark
	followWait = time.Minute     // for one thing
)

// mark is how far the tables have come.
type mark struct {
	Next  uint64 `json:"next"`  // sequence of the next piece
	Total uint64 `json:"total"` // lines of all pieces before it
}

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
	m := f.read(ctx)
	for said := false; ; {
		err := f.round(ctx, &m)
		if ctx.Err() != nil {
			f.note(m)
			return
		}
		wait := lookEvery
		if err != nil {
			wait = again
			if !said {
				f.Log.Warn("lines of queue logs do not come into the tables", "err", err)
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
func (f *Follower) round(ctx context.Context, m *mark) error {
	before := m.Total
	for {
		batch, next, err := f.gather(ctx, m.Next)
		if err != nil {
			return err
		}
		if batch == nil {
			break
		}
		if err := f.Rows.Add(ctx, batch.partition, batch.from, batch.lines); err != nil {
			if errors.Is(err, ErrGap) {
				*m = mark{Next: 1} // the tables were begun anew
			}
			return err
		}
		m.Next, m.Total = next, m.Total+uint64(len(batch.lines))
		if m.Total > before+noteAfter {
			before = m.Total
			f.note(*m)
		}
	}
	if m.Total > before {
		f.note(*m)
	}
	return nil
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

// read is how far the tables have come: nowhere, if they have fewer lines than the mark says.
func (f *Follower) read(ctx context.Context) mark {
	var m mark
	text, err := os.ReadFile(f.Mark)
	if err == nil && json.Unmarshal(text, &m) == nil {
		if total, err := f.Rows.Total(ctx); err == nil && total >= m.Total {
			return m
		}
	}
	return mark{Next: 1}
}

func (f *Follower) note(m mark) {
	text, err := json.Marshal(m)
	if err == nil {
		err = os.WriteFile(f.Mark+".new", text, 0o600)
	}
	if err == nil {
		err = os.Rename(f.Mark+".new", f.Mark)
	}
	if err != nil {
		f.Log.Warn("how far the tables of queue logs have come is not noted", "err", err)
	}
}
