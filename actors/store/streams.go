package store

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// How Open asks for the streams while other members may not be there yet.
const (
	openTime  = 30 * time.Second // for one thing, a copy of a bucket for example, before it is begun anew
	openTry   = time.Second      // for one answer; while nobody leads there is none
	openPause = 100 * time.Millisecond
	sayEvery  = 3 * time.Second // a line in the log about the waiting
)

// openStreams opens journal, raw lines and buckets side by side: on an empty directory each costs some syncs.
func (s *Store) openStreams(ctx context.Context) error {
	opened := make([]*Bucket, len(buckets))
	errs := make([]error, 2+len(buckets))
	var wg sync.WaitGroup
	wg.Go(func() { errs[0] = s.persist(ctx, s.openJournal) })
	wg.Go(func() { errs[len(errs)-1] = s.persist(ctx, s.openLines) })
	for i, name := range buckets {
		wg.Go(func() {
			errs[i+1] = s.persist(ctx, func(ctx context.Context) (err error) {
				opened[i], err = s.openBucket(ctx, i+1, name)
				return err
			})
		})
	}
	wg.Wait()
	for i, name := range buckets {
		if opened[i] != nil {
			s.buckets[name] = opened[i]
		}
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	return s.persist(ctx, s.openFiles)
}

// persist tries to open something until it is open, when other members may not be there yet; else once.
func (s *Store) persist(ctx context.Context, open func(context.Context) error) error {
	if !s.role.waits() {
		ctx, cancel := bounded(ctx)
		defer cancel()
		return open(ctx)
	}
	for {
		try, cancel := context.WithTimeout(ctx, openTime)
		err := open(try)
		cancel()
		if err == nil || ctx.Err() == nil && !errors.Is(err, ErrUnavailable) {
			return err
		}
		s.hindrance.Store(&err)
		select {
		case <-time.After(openPause):
		case <-ctx.Done():
			return fmt.Errorf("%w: waited in vain for the members that keep the store: %w: %w",
				ErrUnavailable, ctx.Err(), err)
		}
	}
}

// brief bounds one question of Open, so that it is asked again soon when others may not be there yet.
func (s *Store) brief(ctx context.Context) (context.Context, context.CancelFunc) {
	if s.role.waits() {
		return context.WithTimeout(ctx, openTry)
	}
	return bounded(ctx)
}

// sayWaiting tells in the log, every few seconds until done, that Open still waits, and for what.
func (s *Store) sayWaiting(done <-chan struct{}) {
	begun := time.Now()
	for t := time.NewTicker(sayEvery); ; {
		select {
		case <-t.C:
		case <-done:
			t.Stop()
			return
		}
		var err error
		if last := s.hindrance.Load(); last != nil {
			err = *last
		}
		s.log.Warn("waits for the members that keep the store; more than half of them must be there, "+
			"and at the first start all", "since", time.Since(begun).Round(time.Second), "err", err)
	}
}

// ensure makes a stream as wanted, whatever member comes first. There may be more copies than wanted, but not
// fewer. Only a member that keeps the store makes and changes streams.
func (s *Store) ensure(ctx context.Context, want jetstream.StreamConfig) (jetstream.Stream, error) {
	ctx, cancel := s.brief(ctx)
	defer cancel()
	js := s.engine.js
	want.Replicas = replicas(s.conf)
	st, err := js.Stream(ctx, want.Name)
	if errors.Is(err, jetstream.ErrStreamNotFound) && s.role != client {
		if st, err = js.CreateStream(ctx, want); errors.Is(err, jetstream.ErrStreamNameAlreadyInUse) {
			st, err = js.Stream(ctx, want.Name) // by another member, a moment ago
		}
	}
	if err != nil {
		return nil, verdict(err)
	}
	have := st.CachedInfo().Config
	want.Replicas = max(want.Replicas, have.Replicas)
	if s.role == client || asWanted(have, want) {
		return st, nil
	}
	st, err = js.UpdateStream(ctx, want)
	return st, verdict(err)
}

// asWanted compares what we set of a stream.
func asWanted(have, want jetstream.StreamConfig) bool {
	if have.RePublish != nil && want.RePublish != nil {
		if have.RePublish.HeadersOnly != want.RePublish.HeadersOnly {
			return false // else there is but one that we make
		}
		have.RePublish, want.RePublish = nil, nil
	}
	return slices.Equal(have.Subjects, want.Subjects) && have.MaxAge == want.MaxAge &&
		(have.MaxBytes == want.MaxBytes || have.MaxBytes < 0 && want.MaxBytes <= 0) && have.Discard == want.Discard &&
		(have.MaxMsgsPerSubject == want.MaxMsgsPerSubject || have.MaxMsgsPerSubject < 0 && want.MaxMsgsPerSubject <= 0) &&
		(have.Duplicates == want.Duplicates || want.Duplicates == 0) && have.AllowDirect == want.AllowDirect &&
		have.DenyDelete == want.DenyDelete && have.DenyPurge == want.DenyPurge &&
		have.Replicas == want.Replicas && (have.RePublish == nil) == (want.RePublish == nil)
}

// ensureBucket is ensure for the stream of a bucket.
func (s *Store) ensureBucket(ctx context.Context, name string, history int) (jetstream.KeyValue, error) {
	want := jetstream.KeyValueConfig{Bucket: bucketName(name), History: uint8(history), MaxBytes: bucketBytes,
		Storage: jetstream.FileStorage, Replicas: replicas(s.conf)}
	if s.tells() {
		want.RePublish = &jetstream.RePublish{Source: kvSubject(name) + ">", Destination: toldSubject(name) + ">"}
	}
	ctx, cancel := s.brief(ctx)
	defer cancel()
	js := s.engine.js
	kv, err := js.KeyValue(ctx, want.Bucket)
	if errors.Is(err, jetstream.ErrBucketNotFound) && s.role != client {
		if kv, err = js.CreateKeyValue(ctx, want); errors.Is(err, jetstream.ErrBucketExists) {
			kv, err = js.KeyValue(ctx, want.Bucket)
		}
	}
	if err != nil {
		return nil, verdict(err)
	}
	if s.role == client {
		return kv, nil
	}
	status, err := kv.Status(ctx)
	if err != nil {
		return nil, verdict(err)
	}
	have := status.Config()
	want.Replicas = max(want.Replicas, have.Replicas)
	if have.History == want.History && have.MaxBytes == want.MaxBytes && have.Replicas == want.Replicas &&
		(have.RePublish == nil) == (want.RePublish == nil) {
		return kv, nil
	}
	kv, err = js.UpdateKeyValue(ctx, want)
	return kv, verdict(err)
}

// tells says whether the engine tells the members of each change of a bucket by itself.
func (s *Store) tells() bool { return s.role.shared() && s.role != elsewhere }

func (s *Store) openBucket(ctx context.Context, slot int, name string) (*Bucket, error) {
	history := s.conf.History
	switch {
	case name == fileRecords && s.role == alone:
		history = sweptHistory
	case name == Leases:
		history = leaseHistory
	case name != Settings && name != Accounts:
		history = 1
	}
	kv, err := s.ensureBucket(ctx, name, history)
	if err != nil {
		return nil, fmt.Errorf("bucket %s: %w", name, err)
	}
	last, err := s.compare(ctx, slot, "KV_"+bucketName(name))
	if err == nil && s.role.waits() && last > 0 {
		last, err = s.readable(ctx, "KV_"+bucketName(name), last)
	}
	if err != nil {
		return nil, err
	}
	b := &Bucket{name: name, engine: s.engine, kv: kv, copied: newCopied(), check: s.space,
		mark: func(seq uint64) { s.marks.advance(slot, seq) }, damaged: &s.damaged, log: s.log,
		renew: make(chan struct{}, 1)}
	if name == Leases {
		b.wrote = s.pulse.wrote
	}
	if s.tells() {
		if err := b.listen(); err != nil {
			return nil, err
		}
	}
	if err := b.load(ctx, s.ctx, last); err != nil {
		b.deaf()
		return nil, err
	}
	b.later = b.newLater(s.member, history)
	return b, nil
}

// readable is a last sequence, or 0 when its record was taken off the end, so that no copy will ever show it.
func (s *Store) readable(ctx context.Context, stream string, last uint64) (uint64, error) {
	ctx, cancel := s.brief(ctx)
	defer cancel()
	m, err := s.engine.load(ctx, stream, last)
	if m == nil {
		return 0, err
	}
	return last, err
}

func (s *Store) openJournal(ctx context.Context) error {
	dedupe := dedupeWindow
	if s.conf.MaxAge > 0 {
		dedupe = min(dedupe, s.conf.MaxAge) // the engine insists
	}
	want := jetstream.StreamConfig{
		Name: journalStream, Subjects: []string{journalSubject}, Storage: jetstream.FileStorage,
		MaxAge: s.conf.MaxAge, MaxBytes: s.conf.MaxBytes, Discard: jetstream.DiscardOld,
		Duplicates: dedupe, AllowDirect: true, DenyDelete: true, DenyPurge: true,
	}
	if s.tells() {
		want.RePublish = &jetstream.RePublish{Source: journalSubject, Destination: journalTold}
	}
	if _, err := s.ensure(ctx, want); err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	if _, err := s.compare(ctx, journalSlot, journalStream); err != nil {
		return err
	}
	reader := &frameReader{engine: s.engine, damaged: &s.damaged, log: s.log}
	asking, cancel := s.brief(ctx)
	defer cancel()
	last, err := reader.lastPosition(asking)
	if err != nil {
		return err
	}
	frames := &journalFrames{frameReader: reader, check: s.space,
		mark: func(seq uint64) { s.marks.advance(journalSlot, seq) }}
	patience := callTime
	if s.role.shared() {
		patience = journalTry
	}
	s.journal = newJournal(s.conf, frames, rand.Text(), last, patience, s.left, s.log)
	s.journal.reader = reader
	if !s.tells() {
		return nil
	}
	s.journal.hearing, err = s.engine.nc.Subscribe(journalTold, s.journal.hear)
	return verdict(err)
}

// openFiles opens the contents of files, whose records are in a bucket that is open already.
func (s *Store) openFiles(ctx context.Context) error {
	st, err := s.ensure(ctx, jetstream.StreamConfig{
		Name: contentsStream, Subjects: []string{contentsSubject + "*"}, Storage: jetstream.FileStorage,
		Discard: jetstream.DiscardNew, AllowDirect: true,
	})
	if err != nil {
		return fmt.Errorf("files: %w", err)
	}
	if _, err := s.compare(ctx, contentsSlot, contentsStream); err != nil {
		return err
	}
	log := s.log.With("bucket", fileRecords)
	f := &Files{bucket: s.buckets[fileRecords], limits: s.conf, alone: s.role == alone, log: log,
		contents: &contents{engine: s.engine, stream: st, check: s.space, damaged: &s.damaged, log: log,
			mark: func(seq uint64) { s.marks.advance(contentsSlot, seq) }},
		owned: map[string]owned{}, refs: map[string]int{},
		wake: make(chan struct{}, 1), ended: make(chan struct{})}
	if s.tells() {
		f.SweepIf(func() bool { return false })
	}
	if err := f.open(ctx, s.ctx); err != nil {
		return err
	}
	s.files = f
	return nil
}

// compare holds what the engine has found against what was acknowledged, and returns the last sequence. With
// several copies an acknowledgement was given by more than half of them, and it is their matter to agree.
func (s *Store) compare(ctx context.Context, slot int, stream string) (uint64, error) {
	ctx, cancel := s.brief(ctx)
	defer cancel()
	st, err := s.engine.state(ctx, stream)
	if err != nil {
		return 0, err
	}
	if acked := s.marks.acknowledged(slot); st.LastSeq < acked {
		return 0, fmt.Errorf("%w: the engine finds %s only up to %d, but %d was acknowledged",
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
	return st.LastSeq, nil
}
