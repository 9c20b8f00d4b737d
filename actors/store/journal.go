package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"

	"tandem/conf"
)

// pendingFact is the memory that one of conf.Store.Pending facts may take on average: a journal
// that cannot write holds at most Pending × pendingFact bytes.
const pendingFact = 1 << 10

// gatherPart is the part of conf.Store.FrameDelay for which a fact waits for others at least, as they come together; all of it
// passes between two frames.
const gatherPart = 10

// Waiting times of the writer. The first attempt after a failure comes soon, since most failures are
// short; then twice as late each time.
const (
	retryFirst = 50 * time.Millisecond
	retryLast  = time.Second
	// journalTry is how long an attempt waits for its answer when others share the engine. The one that
	// would give it may be dead, and another takes its place in a few seconds.
	// Then it waits twice as long each time, up to callTime.
	journalTry = askTry
	// findTime bounds the search for a frame among those that other members have written meanwhile.
	findTime = time.Minute
)

// frameStore is what the writer needs of the engine.
type frameStore interface {
	// write puts a frame on the disk and returns its sequence. The same id never makes two records.
	write(ctx context.Context, id string, frame []byte) (seq uint64, err error)
	// find looks for a frame by id behind a sequence, among those not written before since. The first answer
	// must come within some time.
	find(ctx context.Context, within time.Duration, after uint64, since time.Time, id string) (seq uint64, ok bool, err error)
}

// Journal is the durable, ordered stream of facts. All methods may be called from any goroutine.
type Journal struct {
	limits conf.Store
	frames frameStore
	reader *frameReader
	log    *slog.Logger
	within time.Duration // of the first attempt
	run    string        // makes the ids of this writer's frames unique
	left   *unwritten    // where frames are kept that can not be written; nil: they are lost

	wake   chan struct{} // something changed for the writer; holds one token
	ended  chan struct{} // closed when the writer has returned
	ctx    context.Context
	cancel context.CancelFunc

	last    atomic.Uint64 // position of the last fact known to be in the journal
	watched watched
	recent  recent
	hearing *nats.Subscription // to what the engine tells of frames; nil: it tells nothing

	mu      sync.Mutex // guards all below
	open    *batch     // the frame being filled; nil if there is none
	waiting []*batch   // full frames, oldest first
	spare   *batch     // memory of the last written frame, for the next
	begun   time.Time  // when the last frame was taken to be written
	facts   int        // pending facts
	bytes   int        // pending bytes
	closing bool
	failure error // of the last attempt; nil when it succeeded
	kept    int   // facts that the next start has to write
	lost    int   // facts that are neither written nor kept
	counts  Snapshot
}

// batch is a frame with those who wait for it.
type batch struct {
	buf   []byte
	done  []func(uint64, error)
	since time.Time // of the first fact
}

func newJournal(c conf.Store, frames frameStore, run string, last uint64, within time.Duration, left *unwritten,
	log *slog.Logger) *Journal {
	j := &Journal{limits: c, frames: frames, run: run, within: within, left: left, log: log,
		wake: make(chan struct{}, 1), ended: make(chan struct{})}
	j.ctx, j.cancel = context.WithCancel(context.Background())
	j.last.Store(last)
	j.counts.Commit, j.begun = newHistogram(commitBounds), time.Now()
	go j.writeFrames()
	return j
}

// Append adds a fact and returns at once. It copies f. The order of Append is the order of the
// journal. done, if not nil, is called once and in that order, when the fact is synced to the disk, with
// its position; or with ErrClosed when the store was closed without having written it, which is ErrKept where
// the next start will. It runs on the writer's goroutine and must hand on and return.
//
// Append refuses, and never calls done, with ErrFull when conf.Store.Pending facts (or 1 KiB for
// each of them) wait to be written, ErrTooLarge for a fact that fits into no frame, ErrBadFact
// without a kind, and ErrClosed.
func (j *Journal) Append(f Fact, done func(position uint64, err error)) error {
	if f.Kind == "" {
		return ErrBadFact
	}
	size := factSize(&f)
	if frameHeader+size > j.limits.Frame {
		return fmt.Errorf("%w: fact of %d bytes, frames have %d", ErrTooLarge, size, j.limits.Frame)
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	switch {
	case j.closing:
		return ErrClosed
	case j.facts >= j.limits.Pending || j.bytes+size > max(j.limits.Pending*pendingFact, j.limits.Frame):
		j.counts.Refused++
		return ErrFull
	}
	b := j.room(size)
	before := len(b.buf)
	b.buf = appendFact(b.buf, &f)
	b.done = append(b.done, done)
	j.facts++
	j.bytes += len(b.buf) - before
	return nil
}

// room returns the open frame if size more bytes fit, else a new one. Lock held.
func (j *Journal) room(size int) *batch {
	if b := j.open; b != nil {
		if len(b.buf)+size <= j.limits.Frame && len(b.done) < maxFrameFacts {
			return b
		}
		j.waiting = append(j.waiting, b)
	}
	b := j.spare
	if j.spare = nil; b == nil {
		b = &batch{}
	}
	b.buf, b.done, b.since = newFrame(b.buf), b.done[:0], time.Now()
	j.open = b
	j.nudge()
	return b
}

func (j *Journal) nudge() {
	select {
	case j.wake <- struct{}{}:
	default:
	}
}

// Last is the position of the newest fact this member knows to be in the journal; 0 if there is none.
func (j *Journal) Last() uint64 { return j.last.Load() }

// writeFrames is the writer: one frame after the other, until closed and empty, or cancelled.
func (j *Journal) writeFrames() {
	defer close(j.ended)
	j.makeGood()
	for n := 1; ; n++ {
		b := j.next()
		if b == nil {
			return
		}
		sealFrame(b.buf)
		f := keptFrame{fmt.Sprintf("%s-%d", j.run, n), sequence(j.Last()), time.Now(), b.buf}
		seq, err := j.commit(f, false)
		if err != nil {
			err = j.keep(f, len(b.done), err)
		}
		j.finish(b, seq, err)
	}
}

// makeGood writes what an earlier life could not.
func (j *Journal) makeGood() {
	if j.left == nil {
		return
	}
	kept, err := j.left.all()
	if err != nil {
		j.log.Error("what an earlier life could not write is not readable", "file", j.left.path, "err", err)
		return
	}
	for _, f := range kept {
		seq, err := j.commit(f, true)
		if err != nil {
			return // it stays where it is
		}
		if facts, err := decodeFrame(f.Frame, seq); err == nil && len(facts) > 0 {
			j.last.Store(position(seq, len(facts)-1))
		}
	}
	if len(kept) == 0 {
		return
	}
	if err := j.left.forget(); err != nil {
		j.log.Error("what is written by now can not be forgotten", "file", j.left.path, "err", err)
		return
	}
	j.log.Info("what an earlier life could not write is written", "frames", len(kept))
}

// keep leaves a frame that could not be written to the next start. The error says what became of it.
func (j *Journal) keep(f keptFrame, facts int, because error) error {
	err := because
	if j.left != nil {
		if failed := j.left.add(f); failed != nil {
			j.log.Error("what can not be written can not be kept either", "facts", facts, "err", failed)
		} else {
			err = ErrKept
		}
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if err == ErrKept {
		j.kept += facts
	} else {
		j.lost += facts
	}
	return err
}

// next waits for a frame that is full or old enough. It returns nil when the journal is closing and
// nothing is left.
func (j *Journal) next() *batch {
	for {
		b, wait, over := j.take(time.Now())
		if b != nil || over {
			return b
		}
		if wait <= 0 {
			<-j.wake
			continue
		}
		t := time.NewTimer(wait)
		select {
		case <-j.wake:
		case <-t.C:
		}
		t.Stop()
	}
}

// take returns a frame that is due; or how long to wait for one, 0 if nothing is there at all; or
// that the work is over.
func (j *Journal) take(now time.Time) (b *batch, wait time.Duration, over bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if len(j.waiting) > 0 {
		b = j.waiting[0]
		j.waiting[0] = nil
		j.waiting, j.begun = j.waiting[1:], now
		return b, 0, false
	}
	if j.open == nil {
		return nil, 0, j.closing
	}
	due := j.begun.Add(j.limits.FrameDelay) // so that there are no more frames in a second than if each waited for itself
	if least := j.open.since.Add(j.limits.FrameDelay / gatherPart); due.Before(least) {
		due = least
	}
	if wait = due.Sub(now); wait > 0 && !j.closing {
		return nil, wait, false
	}
	b, j.open, j.begun = j.open, nil, now
	return b, 0, false
}

// commit writes one frame, again and again until it is written or the journal is cancelled. unsure: an attempt may have
// reached the disk.
func (j *Journal) commit(f keptFrame, unsure bool) (uint64, error) {
	start, within := time.Now(), j.within
	for wait := retryFirst; ; wait, within = min(2*wait, retryLast), min(2*within, callTime) {
		seq, err := j.attempt(within, f, unsure)
		if err == nil {
			j.succeed(time.Since(start), len(f.Frame))
			return seq, nil
		}
		unsure = unsure || !unsent(err)
		j.fail(err)
		select {
		case <-time.After(wait):
		case <-j.ctx.Done():
			return 0, fmt.Errorf("%w before the fact was written: %w", ErrClosed, err)
		}
	}
}

// attempt writes a frame, unless it finds it: an earlier attempt may have reached the disk, perhaps so long ago
// that the engine no longer knows its id. Without an answer to that nothing is written.
func (j *Journal) attempt(within time.Duration, f keptFrame, unsure bool) (uint64, error) {
	if unsure {
		if seq, ok, err := j.frames.find(j.ctx, within, f.After, f.Since, f.ID); ok || err != nil {
			return seq, err
		}
	}
	ctx, cancel := context.WithTimeout(j.ctx, within)
	defer cancel()
	return j.frames.write(ctx, f.ID, f.Frame)
}

func (j *Journal) succeed(took time.Duration, size int) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.failure != nil {
		j.log.Info("the journal is written again", "pending", j.facts)
	}
	j.failure = nil
	j.counts.Frames++
	j.counts.Bytes += uint64(size)
	j.counts.Commit.observe(took)
}

// fail notes a failed attempt and logs the first of a row.
func (j *Journal) fail(err error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.failure == nil && !errors.Is(err, context.Canceled) {
		j.log.Warn("the journal cannot be written; facts wait in memory", "err", err, "pending", j.facts)
	}
	j.failure = err
	j.counts.Retries++
}

// finish counts a frame out, tells those who wait, and gives its memory back.
func (j *Journal) finish(b *batch, seq uint64, err error) {
	if err == nil {
		j.last.Store(position(seq, len(b.done)-1))
		if j.hearing == nil {
			j.recent.add(seq, bytes.Clone(b.buf))
		}
	}
	j.settle(b, err)
	j.watched.tell()
	for i, done := range b.done {
		switch {
		case done == nil:
		case err != nil:
			done(0, err)
		default:
			done(position(seq, i), nil)
		}
	}
	clear(b.done)
	j.mu.Lock()
	defer j.mu.Unlock()
	j.spare = b
}

func (j *Journal) settle(b *batch, err error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.facts -= len(b.done)
	j.bytes -= len(b.buf) - frameHeader
	if err == nil {
		j.counts.Facts += uint64(len(b.done))
	}
}

// ready is the reason why facts are not written at the moment.
func (j *Journal) ready() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.failure
}

// close refuses new facts and waits until the pending ones are written; when ctx ends first it leaves them to the
// next start and tells those who wait. An error says that some can not even be kept.
func (j *Journal) close(ctx context.Context) error {
	j.mu.Lock()
	j.closing = true
	j.mu.Unlock()
	j.nudge()
	if j.hearing != nil {
		_ = j.hearing.Unsubscribe() // fails only when the connection is gone, and the subscription with it
	}
	defer j.cancel()
	select {
	case <-j.ended:
		return nil
	case <-ctx.Done():
	}
	j.cancel()
	<-j.ended
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.kept > 0 {
		j.log.Warn("the journal can not be written: the next start will write what waits", "facts", j.kept)
	}
	if j.lost > 0 {
		return fmt.Errorf("store: closed with up to %d facts not written: %w", j.lost, ctx.Err())
	}
	return nil
}

func (j *Journal) snapshot() Snapshot {
	j.mu.Lock()
	defer j.mu.Unlock()
	s := j.counts
	s.Commit = j.counts.Commit.clone()
	s.Pending, s.PendingBytes, s.Last = j.facts, j.bytes, j.Last()
	return s
}
