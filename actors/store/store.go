package store

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"tandem/conf"
)

// The buckets there are.
const (
	Settings      = "settings"      // cluster-wide settings, routes
	Accounts      = "accounts"      // who may register and be called
	Registrations = "registrations" // snapshots of where accounts can be reached; no history

	fileRecords = "files" // what Files keeps of each file; no history
)

// The streams behind journal and buckets, and the limits that are no settings.
const (
	journalStream  = "tandem_journal"
	journalSubject = "tandem.journal"
	bucketBytes    = 1 << 30 // of one bucket with its history
	dedupeWindow   = 2 * time.Minute
	minFrame       = 1 << 10
)

// Where the streams have their marks: the journal, then the buckets in their order, which must never
// change, and the contents of files in the last place.
const (
	journalSlot  = 0
	contentsSlot = 15
	markSlots    = 16
)

var buckets = []string{Settings, Accounts, Registrations, fileRecords}

func bucketName(name string) string { return "tandem_" + name }

// Store is the open store of this member.
type Store struct {
	dir     string // "" when the engine is outside
	conf    conf.Store
	log     *slog.Logger
	lock    *os.File
	marks   *marks // nil when the engine is outside
	engine  *engine
	buckets map[string]*Bucket
	journal *Journal
	files   *Files
	damaged atomic.Uint64

	ctx    context.Context // of the watches
	cancel context.CancelFunc

	mu     sync.Mutex
	closed bool
}

// Open starts the engine in data/store, or connects to c.URL, and returns when everything can be read.
// It fails with ErrInUse when another process has the directory, ErrDiskFull below 64 MiB of room,
// ErrDamaged when something that was acknowledged is missing or unreadable (see the package comment),
// and ErrUnavailable when the server outside does not answer before ctx ends.
func Open(ctx context.Context, data string, c conf.Store, log *slog.Logger) (*Store, error) {
	if c.Frame < minFrame || c.Frame > maxValue || c.Pending < 1 || c.History < 1 || c.History > 64 ||
		c.FrameDelay < 0 {
		return nil, fmt.Errorf("store: settings out of range: frame %d (%d to %d), pending %d (at least 1), "+
			"history %d (1 to 64), frame delay %v", c.Frame, minFrame, maxValue, c.Pending, c.History, c.FrameDelay)
	}
	s := &Store{conf: c, log: log.With("component", "store"), buckets: make(map[string]*Bucket)}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	if err := s.start(ctx, data); err != nil {
		s.release(ctx)
		return nil, err
	}
	return s, nil
}

func (s *Store) start(ctx context.Context, data string) (err error) {
	if s.conf.URL != "" {
		s.engine, err = dialEngine(s.conf, s.log)
	} else {
		err = s.startEmbedded(filepath.Join(data, "store"))
	}
	if err != nil {
		return err
	}
	return s.openStreams(ctx)
}

// openStreams opens journal and buckets side by side: on an empty directory each costs some syncs.
func (s *Store) openStreams(ctx context.Context) error {
	opened := make([]*Bucket, len(buckets))
	errs := make([]error, 1+len(buckets))
	var wg sync.WaitGroup
	wg.Go(func() { errs[0] = s.openJournal(ctx) })
	for i, name := range buckets {
		wg.Go(func() { opened[i], errs[i+1] = s.openBucket(ctx, i+1, name) })
	}
	wg.Wait()
	for i, name := range buckets {
		if opened[i] != nil {
			s.buckets[name] = opened[i]
		}
	}
	s.engine.whenBack(s.renewWatches)
	if err := errors.Join(errs...); err != nil {
		return err
	}
	return s.openFiles(ctx)
}

// renewWatches lets every bucket ask again for what it has missed.
func (s *Store) renewWatches() {
	for _, b := range s.buckets {
		select {
		case b.renew <- struct{}{}:
		default:
		}
	}
}

// startEmbedded takes the directory, checks it, and starts the engine on it.
func (s *Store) startEmbedded(dir string) (err error) {
	if dir == "store" {
		return errors.New("store: no data directory given")
	}
	if s.lock, err = lockDir(dir); err != nil {
		return err
	}
	if err = checkSpace(dir); err != nil {
		return err
	}
	s.dir = dir
	if s.marks, err = openMarks(dir, markSlots); err != nil {
		return err
	}
	if err = s.verify(); err != nil {
		return err
	}
	if err = forgetClean(dir); err != nil {
		return err
	}
	s.engine, err = startEngine(dir, s.log)
	return err
}

// verify checks the files before the engine may touch them: the buckets always, journal and contents,
// which may be large, after an unclean stop.
func (s *Store) verify() error {
	if !wasClean(s.dir) {
		for slot, st := range map[int]stream{journalSlot: journalRecords, contentsSlot: contentsRecords} {
			if err := verifyStream(s.dir, st, s.marks.acknowledged(slot), s.log); err != nil {
				return err
			}
		}
	}
	for slot, name := range buckets {
		err := verifyStream(s.dir, bucketRecords(name), s.marks.acknowledged(slot+1), s.log)
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) openBucket(ctx context.Context, slot int, name string) (*Bucket, error) {
	history := s.conf.History
	switch {
	case name == fileRecords && s.dir != "":
		history = sweptHistory
	case name == Registrations || name == fileRecords:
		history = 1
	}
	asking, cancel := bounded(ctx)
	defer cancel()
	kv, err := s.engine.js.CreateOrUpdateKeyValue(asking, jetstream.KeyValueConfig{
		Bucket: bucketName(name), History: uint8(history), MaxBytes: bucketBytes,
		Storage: jetstream.FileStorage,
	})
	if err != nil {
		return nil, fmt.Errorf("bucket %s: %w", name, verdict(err))
	}
	if err := s.compare(asking, slot, "KV_"+bucketName(name)); err != nil {
		return nil, err
	}
	b := &Bucket{name: name, engine: s.engine, kv: kv, copied: newCopied(), check: s.space,
		mark: func(seq uint64) { s.marks.advance(slot, seq) }, damaged: &s.damaged, log: s.log,
		renew: make(chan struct{}, 1)}
	if err := b.load(ctx, s.ctx); err != nil {
		return nil, err
	}
	b.later = newLater(func(ctx context.Context, key string, v laterValue) error {
		_, err := b.send(ctx, key, envelope{value: v.value, deleted: v.value == nil}, nil, v.id)
		return err
	}, s.log.With("bucket", name))
	return b, nil
}

func (s *Store) openJournal(ctx context.Context) error {
	ctx, cancel := bounded(ctx)
	defer cancel()
	dedupe := dedupeWindow
	if s.conf.MaxAge > 0 {
		dedupe = min(dedupe, s.conf.MaxAge) // the engine insists
	}
	_, err := s.engine.js.CreateOrUpdateStream(ctx, jetstream.StreamConfig{
		Name: journalStream, Subjects: []string{journalSubject}, Storage: jetstream.FileStorage,
		MaxAge: s.conf.MaxAge, MaxBytes: s.conf.MaxBytes, Discard: jetstream.DiscardOld,
		Duplicates: dedupe, AllowDirect: true, DenyDelete: true, DenyPurge: true,
	})
	if err != nil {
		return fmt.Errorf("journal: %w", verdict(err))
	}
	if err := s.compare(ctx, journalSlot, journalStream); err != nil {
		return err
	}
	reader := &frameReader{engine: s.engine, damaged: &s.damaged, log: s.log}
	last, err := reader.lastPosition(ctx)
	if err != nil {
		return err
	}
	frames := &journalFrames{frameReader: reader, check: s.space,
		mark: func(seq uint64) { s.marks.advance(journalSlot, seq) }}
	s.journal = newJournal(s.conf, frames, rand.Text(), last, callTime, s.log)
	s.journal.reader = reader
	return nil
}

// openFiles opens the contents of files, whose records are in a bucket that is open already.
func (s *Store) openFiles(ctx context.Context) error {
	asking, cancel := bounded(ctx)
	defer cancel()
	st, err := s.engine.js.CreateOrUpdateStream(asking, jetstream.StreamConfig{
		Name: contentsStream, Subjects: []string{contentsSubject + "*"}, Storage: jetstream.FileStorage,
		Discard: jetstream.DiscardNew, AllowDirect: true,
	})
	if err != nil {
		return fmt.Errorf("files: %w", verdict(err))
	}
	if err := s.compare(asking, contentsSlot, contentsStream); err != nil {
		return err
	}
	log := s.log.With("bucket", fileRecords)
	f := &Files{bucket: s.buckets[fileRecords], limits: s.conf, alone: s.dir != "", log: log,
		contents: &contents{engine: s.engine, stream: st, check: s.space, damaged: &s.damaged, log: log,
			mark: func(seq uint64) { s.marks.advance(contentsSlot, seq) }},
		owned: map[string]owned{}, refs: map[string]int{},
		wake: make(chan struct{}, 1), ended: make(chan struct{})}
	if err := f.open(asking, s.ctx); err != nil {
		return err
	}
	s.files = f
	return nil
}

// compare holds what the engine has found against what was acknowledged.
func (s *Store) compare(ctx context.Context, slot int, stream string) error {
	st, err := s.engine.state(ctx, stream)
	if err != nil {
		return err
	}
	if acked := s.marks.acknowledged(slot); st.LastSeq < acked {
		return fmt.Errorf("%w: the engine finds %s only up to %d, but %d was acknowledged",
			ErrDamaged, stream, st.LastSeq, acked)
	}
	missing := st.NumDeleted
	if slot != journalSlot {
		missing = 0 // old revisions and contents go, and leave gaps
	}
	if st.Lost != nil {
		missing = max(missing, len(st.Lost.Msgs))
	}
	if missing > 0 {
		s.damaged.Add(uint64(missing))
		s.log.Error("records are missing", "stream", stream, "records", missing)
	}
	return nil
}

// Bucket returns one of Settings, Accounts and Registrations; nil for any other name.
func (s *Store) Bucket(name string) *Bucket {
	if name == fileRecords {
		return nil // they are written by Files alone
	}
	return s.buckets[name]
}

// Files returns the files.
func (s *Store) Files() *Files { return s.files }

// Journal returns the journal.
func (s *Store) Journal() *Journal { return s.journal }

// space refuses writes before the disk is full. An engine outside looks after itself.
func (s *Store) space() error {
	if s.dir == "" {
		return nil
	}
	return checkSpace(s.dir)
}

// Ready tells why the store cannot be written at the moment; nil if it can.
func (s *Store) Ready() error {
	s.mu.Lock()
	closed := s.closed
	s.mu.Unlock()
	if closed {
		return ErrClosed
	}
	return errors.Join(s.engine.ready(), s.space(), s.journal.ready())
}

// Snapshot returns the counters.
func (s *Store) Snapshot() Snapshot {
	n := s.journal.snapshot()
	n.Damaged = s.damaged.Load()
	n.FileBytes = s.files.Used()
	n.Keys = make(map[string]int, len(s.buckets))
	for name, b := range s.buckets {
		n.Keys[name] = b.copied.count()
		n.Later += b.later.waiting()
	}
	return n
}

// Close refuses new facts and values, writes what waits, and stops the engine. When ctx ends before
// everything is written it gives up, and the error says how much was lost. A second call does nothing.
func (s *Store) Close(ctx context.Context) error {
	s.mu.Lock()
	again := s.closed
	s.closed = true
	s.mu.Unlock()
	if again {
		return nil
	}
	return s.release(ctx)
}

// release gives back what start took, as far as it came. The next start reads all files again unless
// the engine was in order to the end.
func (s *Store) release(ctx context.Context) (err error) {
	if s.journal != nil {
		err = s.journal.close(ctx)
	}
	for _, b := range s.buckets {
		err = errors.Join(err, b.later.close(ctx))
	}
	s.cancel()
	if s.files != nil {
		<-s.files.ended
	}
	clean := s.journal != nil && s.dir != "" && s.engine.ready() == nil
	if s.engine != nil {
		s.engine.close()
	}
	err = errors.Join(err, s.marks.close())
	if clean {
		err = errors.Join(err, noteClean(s.dir))
	}
	if s.lock != nil {
		err = errors.Join(err, s.lock.Close())
	}
	return err
}
