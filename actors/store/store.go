package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"tandem/conf"
)

// The buckets there are.
const (
	Settings      = "settings"      // cluster-wide settings, routes
	Accounts      = "accounts"      // who may register and be called
	Registrations = "registrations" // snapshots of where accounts can be reached; no history
	Leases        = "leases"        // who owns a name, and which members live
	Kept          = "kept"          // what an actor of a name leaves to the next one; no history

	fileRecords = "files" // what Files keeps of each file; no history
)

// The streams behind journal and buckets, and the limits that are no settings.
const (
	journalStream  = "tandem_journal"
	journalSubject = "tandem.journal"
	bucketBytes    = 1 << 30 // of one bucket with its history
	dedupeWindow   = 2 * time.Minute
	minFrame       = 1 << 10
	othersEvery    = 250 * time.Millisecond // the connections to other members are looked at
)

// Where the streams have their marks: the journal, then the buckets in their order, which must never
// change, and the raw lines and the contents of files in the last places.
const (
	journalSlot  = 0
	linesSlot    = 14
	contentsSlot = 15
	markSlots    = 16
)

var buckets = []string{Settings, Accounts, Registrations, fileRecords, Leases, Kept}

// leaseHistory is how many revisions of a lease are kept: a member whose watch was behind must not miss that another
// one has renewed meanwhile.
const leaseHistory = 16

func bucketName(name string) string { return "tandem_" + name }

// streamNames are the names of all streams in the engine.
func streamNames() []string {
	names := []string{journalStream, contentsStream, linesStream}
	for _, name := range buckets {
		names = append(names, "KV_"+bucketName(name))
	}
	return names
}

// Store is the open store of this member.
type Store struct {
	role    role
	member  string // its name; "" where nobody says how it differs from that of others
	dir     string // "" when the engine is not in this process
	conf    conf.Store
	log     *slog.Logger
	lock    *os.File
	marks   *marks // nil when this member does not keep the only copy
	engine  *engine
	pulse   *pulse
	buckets map[string]*Bucket
	journal *Journal
	left    *unwritten // by the journal of an earlier life; nil: there is no place for it
	files   *Files
	lines   *Lines
	damaged atomic.Uint64

	hindrance atomic.Pointer[error] // why Open still waits
	keeping   sync.WaitGroup        // of keepCopy

	ctx    context.Context // of the watches
	cancel context.CancelFunc

	mu     sync.Mutex
	closed bool
}

// Open starts the engine in data/store, alone or with those of other members, or connects to the members that
// keep the store or to c.URL, and returns when everything can be read and written. With others it waits for
// them as long as ctx lasts, and says so in the log; sec tells members from strangers and may be nil for a
// member alone and for a server outside.
//
// It fails with ErrInUse when another process has the directory, ErrOtherStore when the directory was made
// in another role, ErrDiskFull below 64 MiB of room, ErrDamaged when something that was acknowledged is
// missing or unreadable (see the package comment), and ErrUnavailable when the server outside does not answer
// before ctx ends.
func Open(ctx context.Context, data string, c conf.Store, sec *Security, log *slog.Logger) (*Store, error) {
	if c.Frame < minFrame || c.Frame > maxValue || c.Pending < 1 || c.History < 1 || c.History > 64 ||
		c.FrameDelay < 0 {
		return nil, fmt.Errorf("store: settings out of range: frame %d (%d to %d), pending %d (at least 1), "+
			"history %d (1 to 64), frame delay %v", c.Frame, minFrame, maxValue, c.Pending, c.History, c.FrameDelay)
	}
	if err := sec.check(roleOf(c)); err != nil {
		return nil, err
	}
	log = log.With("component", "store")
	s := &Store{role: roleOf(c), member: nameOf(roleOf(c), sec), conf: c, log: log, buckets: make(map[string]*Bucket), pulse: newPulse(log)}
	if data != "" {
		s.left = &unwritten{filepath.Join(data, "unwritten"), log}
	}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	if err := s.start(ctx, data, sec); err != nil {
		s.release(ctx)
		return nil, err
	}
	return s, nil
}

func (s *Store) start(ctx context.Context, data string, sec *Security) error {
	if s.role.waits() {
		done := make(chan struct{})
		defer close(done)
		go s.sayWaiting(done)
	}
	if err := s.startEngine(ctx, data, sec); err != nil {
		return err
	}
	if err := s.openStreams(ctx); err != nil {
		return err
	}
	s.engine.whenConnected(func(connected bool) {
		if connected {
			s.renewWatches()
		}
		s.pulse.hurry()
	})
	s.startPulse(cmp.Or(s.member, "member"))
	if s.role == replica {
		go s.watchOthers()
		s.keeping.Go(func() { s.keepCopy(sec) })
	}
	if !s.role.shared() {
		return nil
	}
	return s.persist(ctx, func(ctx context.Context) error { return s.pulse.write(ctx) })
}

// nameOf is the name of a member in what it writes.
func nameOf(r role, sec *Security) string {
	switch {
	case sec != nil && plainName(sec.Member):
		return sec.Member
	case r == alone:
		return "member"
	}
	return ""
}

func (s *Store) startEngine(ctx context.Context, data string, sec *Security) (err error) {
	switch s.role {
	case elsewhere:
		s.engine, err = dialEngine(s.conf, sec, s.log)
		return err
	case client:
		return s.persist(ctx, func(context.Context) (err error) {
			s.engine, err = dialEngine(s.conf, sec, s.log)
			return err
		})
	}
	return s.startEmbedded(ctx, filepath.Join(data, "store"), sec)
}

// renewWatches lets every bucket ask again for what it has missed.
func (s *Store) renewWatches() {
	for _, b := range s.buckets {
		b.askAgain()
	}
}

// watchOthers tells in the log how many of the other members that keep the store are there, and lets every bucket
// ask again when one is lost: the engine may have put the watch there.
func (s *Store) watchOthers() {
	t := time.NewTicker(othersEvery)
	defer t.Stop()
	for had := s.engine.srv.NumRemotes(); ; {
		select {
		case <-t.C:
		case <-s.ctx.Done():
			return
		}
		switch n := s.engine.srv.NumRemotes(); {
		case n < had:
			s.renewWatches()
			s.log.Warn("a member that keeps a copy of the store is gone", "others", n)
			had = n
		case n > had:
			s.log.Info("a member that keeps a copy of the store is there", "others", n)
			had = n
		}
	}
}

// startEmbedded takes the directory, checks it, and starts the engine on it.
func (s *Store) startEmbedded(ctx context.Context, dir string, sec *Security) (err error) {
	if dir == "store" {
		return errors.New("store: no data directory given")
	}
	if s.lock, err = lockDir(dir); err != nil {
		return err
	}
	cluster := ""
	if sec != nil {
		cluster = sec.Cluster
	}
	if err = claimDir(dir, s.role, cluster); err != nil {
		return err
	}
	if err = checkSpace(dir); err != nil {
		return err
	}
	s.dir = dir
	if s.role == replica {
		err = s.verifyCopy(ctx, sec)
	} else if s.marks, err = openMarks(dir, markSlots); err == nil {
		err = s.verify()
	}
	if err != nil {
		return err
	}
	if err = forgetClean(dir); err != nil {
		return err
	}
	s.engine, err = startEngine(dir, s.conf, sec, s.log)
	return err
}

// Bucket returns one of Settings, Accounts, Registrations, Leases and Kept; nil for any other name.
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
	var quorum error
	if s.role.shared() {
		_, quorum = s.pulse.state()
	}
	return errors.Join(s.engine.ready(), s.space(), quorum, s.journal.ready())
}

// Snapshot returns the counters.
func (s *Store) Snapshot() Snapshot {
	n := s.journal.snapshot()
	n.Damaged = s.damaged.Load()
	n.FileBytes = s.files.Used()
	n.Quorum = s.Quorum()
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

// closeLater writes what was left behind. What members together can not keep now is lost with a warning: values that are
// written behind follow from the journal, where it says what is missing. They all stop at once, or one that led has gone just
// now and no other does yet. A refusal is an error, and so is whatever a member alone can not write.
func (s *Store) closeLater(ctx context.Context) (err error) {
	for _, b := range s.buckets {
		lost := b.later.close(ctx)
		if s.role.shared() && unkept(lost) {
			s.log.Warn("the store could not be written any more when this member stopped", "bucket", b.name, "err", lost)
			lost = nil
		}
		err = errors.Join(err, lost)
	}
	return err
}

// release gives back what start took, as far as it came. The next start reads all files again unless
// the engine was in order to the end.
func (s *Store) release(ctx context.Context) (err error) {
	if s.journal != nil {
		err = s.journal.close(ctx)
	}
	err = errors.Join(err, s.closeLater(ctx))
	s.cancel()
	s.keeping.Wait()
	if s.files != nil {
		<-s.files.ended
	}
	if s.pulse.write != nil {
		<-s.pulse.ended
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
