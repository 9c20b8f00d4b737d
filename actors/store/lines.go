package store

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// The stream of raw lines. Its subjects name the partition, encoded as a key is.
const (
	linesStream  = "tandem_lines"
	linesSubject = "tandem.lines."
)

// linesRecords says what the records of the stream look like, for verifyStream.
var linesRecords = stream{linesStream, func(s []byte) bool {
	name, ok := strings.CutPrefix(string(s), linesSubject)
	_, err := decodeKey(name)
	return ok && err == nil
}}

// Lines is the stream of the raw lines of queue_logs, beside the journal: what was loaded of every partition, in the order
// in which it was taken, and never changed. All methods may be called from any goroutine; all of them wait.
type Lines struct {
	engine  *engine
	check   func() error     // room on the disk
	mark    func(seq uint64) // notes an acknowledged piece
	damaged *atomic.Uint64
	log     *slog.Logger

	most    int64        // bytes of all together; 0: no limit
	size    atomic.Int64 // of all, as the engine said
	written atomic.Int64 // from here since it said so
}

// sizeEvery is how many bytes are written before the engine is asked again how large all is; others write too.
const sizeEvery = 4 << 20

// Append writes a piece behind the one of the same partition whose sequence is after, 0: there is none. It returns the
// piece's own sequence when it is on the disk. ErrConflict: another piece has come between, and nothing is written; so of
// two who write a partition one fails. ErrUnavailable: it may or may not have been written. ErrTooLarge, ErrNoRoom: it
// can not be.
func (l *Lines) Append(ctx context.Context, p Piece, after uint64) (uint64, error) {
	subject, err := linesOf(p.Partition)
	if err != nil {
		return 0, err
	}
	b := p.encode()
	if len(b) > maxPiece {
		return 0, fmt.Errorf("%w: a piece of %d bytes, at most %d", ErrTooLarge, len(b), maxPiece)
	}
	if err := l.check(); err != nil {
		return 0, err
	}
	ctx, cancel := bounded(ctx)
	defer cancel()
	if err := l.room(ctx, int64(len(b))); err != nil {
		return 0, err
	}
	m := &nats.Msg{Subject: subject, Data: b}
	expect := jetstream.WithExpectLastSequencePerSubject(after)
	var seq uint64
	if l.engine.role.shared() {
		seq, err = l.engine.insist(ctx, m, rand.Text(), expect)
	} else {
		seq, err = l.engine.publish(ctx, m, expect)
	}
	if err != nil {
		return 0, err
	}
	l.mark(seq)
	return seq, nil
}

// room refuses what would make all larger than it may be. The engine has a limit for that, but would set as much aside.
func (l *Lines) room(ctx context.Context, more int64) error {
	if l.written.Add(more) > sizeEvery {
		st, err := l.engine.state(ctx, linesStream)
		if err != nil {
			return err
		}
		l.size.Store(int64(st.Bytes))
		l.written.Store(more)
	}
	if l.most > 0 && l.size.Load()+l.written.Load() > l.most {
		return fmt.Errorf("%w: store.max_lines says how large the raw lines may grow", ErrNoRoom)
	}
	return nil
}

// Last is the newest piece of a partition; false: there is none.
func (l *Lines) Last(ctx context.Context, partition string) (Piece, bool, error) {
	subject, err := linesOf(partition)
	if err != nil {
		return Piece{}, false, err
	}
	return l.load(ctx, map[string]any{"last_by_subj": subject})
}

// Next is the oldest piece of a partition whose sequence is at least from; of any partition where that is "". False:
// there is none.
func (l *Lines) Next(ctx context.Context, partition string, from uint64) (Piece, bool, error) {
	subject := linesSubject + ">"
	if partition != "" {
		var err error
		if subject, err = linesOf(partition); err != nil {
			return Piece{}, false, err
		}
	}
	return l.load(ctx, map[string]any{"seq": max(from, 1), "next_by_subj": subject})
}

// Seek is the oldest piece of a partition that has, or has before it, a line of a time as great as at, in seconds since
// 1970. False: all lines are older.
func (l *Lines) Seek(ctx context.Context, partition string, at int64) (found Piece, ok bool, err error) {
	last, ok, err := l.Last(ctx, partition)
	if err != nil || !ok || last.High < at {
		return Piece{}, false, err
	}
	found = last
	for low, high := uint64(1), last.Sequence; low < high; { // the piece sought is from low on, and not behind found
		middle := low + (high-low)/2
		p, there, err := l.Next(ctx, partition, middle)
		switch {
		case err != nil:
			return Piece{}, false, err
		case !there || p.Sequence >= high:
			high = middle
		case p.High >= at:
			found, high = p, middle
		default:
			low = p.Sequence + 1
		}
	}
	return found, true, nil
}

// End is the sequence of the newest piece of all; 0 if there is none.
func (l *Lines) End(ctx context.Context) (uint64, error) {
	ctx, cancel := bounded(ctx)
	defer cancel()
	st, err := l.engine.state(ctx, linesStream)
	return st.LastSeq, err
}

// Watch calls f whenever a piece may have come, from a goroutine of the engine's; f must hand on and return. A piece may
// come without a call: look now and then.
func (l *Lines) Watch(f func()) (stop func(), err error) {
	sub, err := l.engine.nc.Subscribe(linesSubject+">", func(*nats.Msg) { f() })
	if err != nil {
		return nil, verdict(err)
	}
	return func() { _ = sub.Unsubscribe() }, nil // fails when the connection is gone, and the subscription with it
}

func (l *Lines) load(ctx context.Context, which map[string]any) (Piece, bool, error) {
	ctx, cancel := bounded(ctx)
	defer cancel()
	seq, m, err := l.engine.loadAs(ctx, linesStream, which)
	if err != nil || m == nil {
		return Piece{}, false, err
	}
	name, err := decodeKey(strings.TrimPrefix(m.Subject, linesSubject))
	if err == nil {
		var p Piece
		if p, err = decodePiece(m.Data); err == nil {
			p.Partition, p.Sequence = name, seq
			return p, true, nil
		}
	}
	l.damaged.Add(1)
	l.log.Error("a piece of raw lines can not be read", "sequence", seq, "subject", m.Subject, "err", err)
	return Piece{}, false, fmt.Errorf("%w: piece %d of raw lines: %w", ErrDamaged, seq, err)
}

// linesOf is the subject of a partition.
func linesOf(partition string) (string, error) {
	name, err := encodeKey(partition)
	return linesSubject + name, err
}

func (s *Store) openLines(ctx context.Context) error {
	_, err := s.ensure(ctx, jetstream.StreamConfig{
		Name: linesStream, Subjects: []string{linesSubject + ">"}, Storage: jetstream.FileStorage,
		Discard:    jetstream.DiscardNew,
		Duplicates: dedupeWindow, AllowDirect: true, DenyDelete: true, DenyPurge: true,
	})
	if err != nil {
		return fmt.Errorf("lines: %w", err)
	}
	if _, err := s.compare(ctx, linesSlot, linesStream); err != nil {
		return err
	}
	s.lines = &Lines{engine: s.engine, check: s.space, damaged: &s.damaged, log: s.log,
		mark: func(seq uint64) { s.marks.advance(linesSlot, seq) }, most: s.conf.MaxLines}
	s.lines.written.Store(sizeEvery) // so that the first one asks
	return nil
}

// Lines returns the raw lines of queue_logs.
func (s *Store) Lines() *Lines { return s.lines }
