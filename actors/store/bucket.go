package store

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// Bucket is a set of values by key. Keys are any 1 to 250 bytes, values at most 1 MiB. All methods
// may be called from any goroutine.
type Bucket struct {
	name    string // as in Store.Bucket
	engine  *engine
	kv      jetstream.KeyValue
	copied  *copied
	later   *later
	check   func() error     // room on the disk
	mark    func(seq uint64) // notes an acknowledged revision
	damaged *atomic.Uint64
	log     *slog.Logger
	renew   chan struct{} // the watch may have missed something; holds one token

	mu       sync.Mutex
	watchers []*watching // replaced, never changed, so that it can be read while it is called
}

// watching is one function given to Watch.
type watching struct {
	f       func(Entry)
	since   uint64 // newest revision when it began
	stopped atomic.Bool
}

// Write says how and by whom a key is written.
type Write struct {
	// Expect makes the write a compare-and-set: the key must have this revision, 0: must not exist.
	Expect         *uint64
	Author, Reason string // kept with the revision; at most 250 and 1000 bytes
}

// Get returns the newest value of a key from the member's own copy; false if there is none. It never
// waits for anything outside of memory.
func (b *Bucket) Get(key string) (Entry, bool) {
	e, ok := b.copied.get(key)
	if !ok || e.Deleted {
		return Entry{}, false
	}
	return e, true
}

// Range calls f with every entry whose key begins with prefix, in the order of the keys, until f
// returns false. It sees the copy as it was at one moment; f may read and write the bucket.
func (b *Bucket) Range(prefix string, f func(Entry) bool) {
	for _, e := range b.copied.living(prefix) {
		if !f(e) {
			return
		}
	}
}

// Put writes a key and returns its revision, when it is on the disk and Get sees it. ErrConflict: the
// key is not as o expects. ErrUnavailable and errors of ctx: it may or may not have been written; if
// the revision is not 0 it has been, and only this member's copy does not show it yet.
func (b *Bucket) Put(ctx context.Context, key string, value []byte, o Write) (uint64, error) {
	return b.write(ctx, key, envelope{value: value, author: o.Author, reason: o.Reason}, o.Expect)
}

// Delete removes a key; its history stays. To remove what does not exist is no error. Other errors
// are as with Put.
func (b *Bucket) Delete(ctx context.Context, key string, o Write) error {
	if _, ok := b.Get(key); !ok && (o.Expect == nil || *o.Expect == 0) {
		return nil
	}
	_, err := b.write(ctx, key, envelope{deleted: true, author: o.Author, reason: o.Reason}, o.Expect)
	return err
}

func (b *Bucket) write(ctx context.Context, key string, e envelope, expect *uint64) (uint64, error) {
	ctx, cancel := bounded(ctx)
	defer cancel()
	rev, err := b.send(ctx, key, e, expect, "")
	if err != nil {
		return 0, err
	}
	if err := b.copied.wait(ctx, rev); err != nil {
		return rev, fmt.Errorf("store: revision %d written but not yet seen here: %w", rev, err)
	}
	return rev, nil
}

// send writes one entry and returns its revision, when it is on the disk. An id, if there is one, makes sure
// that an entry sent twice within dedupeWindow is written once.
func (b *Bucket) send(ctx context.Context, key string, e envelope, expect *uint64, id string) (uint64, error) {
	m, err := message(b.name, key, e)
	if err != nil {
		return 0, err
	}
	if err := b.check(); err != nil {
		return 0, err
	}
	var opts []jetstream.PublishOpt
	if expect != nil {
		opts = append(opts, jetstream.WithExpectLastSequencePerSubject(b.expected(key, *expect)))
	}
	if id != "" {
		opts = append(opts, jetstream.WithMsgID(id))
	}
	rev, err := b.engine.publish(ctx, m, opts...)
	if err != nil {
		return 0, err
	}
	b.mark(rev)
	return rev, nil
}

// expected turns "must not exist" into the revision of the deletion, if there was one: for the engine
// a deleted key still has a revision.
func (b *Bucket) expected(key string, revision uint64) uint64 {
	if e, ok := b.copied.get(key); revision == 0 && ok && e.Deleted {
		return e.Revision
	}
	return revision
}

// message is an entry on its way into the bucket.
func message(bucket, key string, e envelope) (*nats.Msg, error) {
	token, err := encodeKey(key)
	if err != nil {
		return nil, err
	}
	if err := e.check(); err != nil {
		return nil, err
	}
	m := nats.NewMsg("$KV." + bucketName(bucket) + "." + token)
	m.Data = e.encode()
	if e.deleted {
		m.Header.Set("KV-Operation", "DEL") // so that the engine's own tools show a deletion
	}
	return m, nil
}

// History returns the revisions of a key that are still kept (conf.Store.History), oldest first, with
// deletions; none if the key was never written.
func (b *Bucket) History(ctx context.Context, key string) ([]Entry, error) {
	token, err := encodeKey(key)
	if err != nil {
		return nil, err
	}
	ctx, cancel := bounded(ctx)
	defer cancel()
	stored, err := b.kv.History(ctx, token)
	if errors.Is(err, jetstream.ErrKeyNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, verdict(err)
	}
	entries := make([]Entry, 0, len(stored))
	for _, s := range stored {
		e, err := entryOf(s)
		if err != nil {
			return nil, err
		}
		entries = append(entries, e)
	}
	return entries, nil
}

// entryOf decodes a stored revision.
func entryOf(s jetstream.KeyValueEntry) (Entry, error) {
	key, err := decodeKey(s.Key())
	if err != nil {
		return Entry{}, err
	}
	e, err := decodeEnvelope(s.Value())
	if err != nil {
		return Entry{}, fmt.Errorf("key %q, revision %d: %w", key, s.Revision(), err)
	}
	return Entry{Key: key, Value: e.value, Revision: s.Revision(), At: s.Created().UTC(),
		Author: e.author, Reason: e.reason, Deleted: e.deleted}, nil
}

// Watch calls f for every later change of the bucket, by whatever member, in the order of the
// revisions; Get shows the change already. What Get showed before Watch was called is not told, and
// nothing falls between. f runs on the bucket's own goroutine: it must hand on and return, and must
// not write to the bucket. After stop no new call begins.
func (b *Bucket) Watch(f func(Entry)) (stop func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	w := &watching{f: f, since: b.copied.newest()}
	b.watchers = append(slices.Clip(b.watchers), w)
	return func() {
		w.stopped.Store(true)
		b.mu.Lock()
		defer b.mu.Unlock()
		b.watchers = slices.DeleteFunc(slices.Clone(b.watchers), func(o *watching) bool { return o == w })
	}
}

// load fills the copy and returns when it is complete; then the bucket is followed as long as life
// lasts.
func (b *Bucket) load(ctx, life context.Context) error {
	w, err := b.kv.WatchAll(life)
	if err != nil {
		return verdict(err)
	}
	for {
		select {
		case s, ok := <-w.Updates():
			if !ok {
				return fmt.Errorf("%w while loading %s", ErrUnavailable, b.name)
			}
			if s == nil {
				go b.follow(life, w)
				return nil
			}
			if err := b.take(s); err != nil {
				return fmt.Errorf("%w: bucket %s: %w", ErrDamaged, b.name, err)
			}
		case <-ctx.Done():
			return fmt.Errorf("%w while loading %s: %w", ErrUnavailable, b.name, ctx.Err())
		}
	}
}

// follow applies changes, and asks for them again whenever their stream breaks off.
func (b *Bucket) follow(life context.Context, w jetstream.KeyWatcher) {
	for w != nil {
		b.takeAll(w)
		w = b.watchAgain(life)
	}
}

// takeAll applies changes until the subscription ends, or is said to have missed some.
func (b *Bucket) takeAll(w jetstream.KeyWatcher) {
	renew := b.renew
	for {
		select {
		case s, ok := <-w.Updates():
			if !ok {
				return
			}
			if s == nil {
				continue
			}
			if err := b.take(s); err != nil {
				b.damaged.Add(1)
				b.log.Error("an entry cannot be read and is skipped", "bucket", b.name, "err", err)
			}
		case <-renew:
			if err := w.Stop(); err != nil {
				return
			}
			renew = nil // what has arrived is still taken, up to the end
		}
	}
}

// watchAgain asks for all changes behind the newest one that is known. It returns nil at the end of
// life.
func (b *Bucket) watchAgain(life context.Context) jetstream.KeyWatcher {
	for wait := retryFirst; life.Err() == nil; wait = min(2*wait, retryLast) {
		w, err := b.kv.WatchAll(life, jetstream.IncludeHistory(),
			jetstream.ResumeFromRevision(b.copied.newest()+1))
		if err == nil {
			return w
		}
		select {
		case <-time.After(wait):
		case <-life.Done():
		}
	}
	return nil
}

// take applies one stored revision and tells the watchers.
func (b *Bucket) take(s jetstream.KeyValueEntry) error {
	e, err := entryOf(s)
	if err != nil {
		b.copied.pass(s.Revision())
		return err
	}
	if !b.copied.apply(e) {
		return nil
	}
	b.mu.Lock()
	watchers := b.watchers
	b.mu.Unlock()
	for _, w := range watchers {
		if e.Revision > w.since && !w.stopped.Load() {
			w.f(e)
		}
	}
	return nil
}
