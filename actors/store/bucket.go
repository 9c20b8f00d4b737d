package store

import (
	"cmp"
	"context"
	"crypto/rand"
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
	place   *bundlePlace     // where the next bundle goes; nil: this bucket has none
	check   func() error     // room on the disk
	mark    func(seq uint64) // notes an acknowledged revision
	damaged *atomic.Uint64
	log     *slog.Logger
	renew   chan struct{}                    // the watch may have missed something; holds one token
	wrote   func(start time.Time, err error) // hears of every attempt to write; nil: nobody does
	told    chan *nats.Msg                   // changes as the engine tells them by itself; nil: it does not
	hearing *nats.Subscription               // of told

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

// Count is how many entries Range would show. It looks at few of them.
func (b *Bucket) Count(prefix string) int { return b.copied.number(prefix) }

// Put writes a key and returns its revision, when it is on the disk and Get sees it. With others it waits, as
// long as ctx lasts but 5 s at most if ctx has no end, until somebody leads the bucket who can write it.
// ErrConflict: the key is not as o expects. ErrUnavailable and errors of ctx: it may or may not have been
// written; if the revision is not 0 it has been, and only this member's copy does not show it yet.
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
	if err := b.sees(ctx, rev); err != nil {
		return rev, fmt.Errorf("store: revision %d written but not yet seen here: %w", rev, err)
	}
	return rev, nil
}

// send writes one entry and returns its revision, when it is on the disk. Where another member may have to take
// over first it is tried again as long as ctx lasts. An id, if there is one, makes sure that an entry
// sent twice within dedupeWindow is written once.
func (b *Bucket) send(ctx context.Context, key string, e envelope, expect *uint64, id string) (uint64, error) {
	m, err := message(b.name, key, e)
	if err != nil {
		return 0, err
	}
	var opts []jetstream.PublishOpt
	if expect != nil {
		own, err := b.expected(key, *expect)
		if err != nil {
			return 0, err
		}
		opts = append(opts, jetstream.WithExpectLastSequencePerSubject(own))
	}
	return b.publish(ctx, m, id, opts...)
}

// publish writes one message, as send.
func (b *Bucket) publish(ctx context.Context, m *nats.Msg, id string, opts ...jetstream.PublishOpt) (rev uint64, err error) {
	if err := b.check(); err != nil {
		return 0, err
	}
	start := time.Now()
	if b.engine.role.shared() {
		ctx, cancel := bounded(ctx)
		defer cancel()
		rev, err = b.engine.insist(ctx, m, cmp.Or(id, rand.Text()), opts...)
	} else {
		if id != "" {
			opts = append(opts, jetstream.WithMsgID(id))
		}
		rev, err = b.engine.publish(ctx, m, opts...)
	}
	if b.wrote != nil {
		b.wrote(start, err)
	}
	if err != nil {
		return 0, err
	}
	b.mark(rev)
	return rev, nil
}

// expected turns the revision that a caller expects into that which the engine has under the key: "must not exist" into
// that of the deletion, if there was one, and that of a bundle into that of what is under the key itself. ErrConflict: a
// bundle has a later one, which the engine would not see.
func (b *Bucket) expected(key string, revision uint64) (uint64, error) {
	switch e, own, ok := b.copied.under(key); {
	case ok && (revision == e.Revision || revision == 0 && e.Deleted):
		return own, nil
	case own != e.Revision && revision < e.Revision:
		return 0, ErrConflict
	}
	return revision, nil
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
	m := nats.NewMsg(kvSubject(bucket) + token)
	m.Data = e.encode()
	if e.deleted {
		m.Header.Set("KV-Operation", "DEL") // so that the engine's own tools show a deletion
	}
	return m, nil
}

// History returns the revisions of a key that are still kept (conf.Store.History), oldest first, with
// deletions; none if the key was never written. It shows at least what Get shows.
func (b *Bucket) History(ctx context.Context, key string) ([]Entry, error) {
	token, err := encodeKey(key)
	if err != nil {
		return nil, err
	}
	ctx, cancel := bounded(ctx)
	defer cancel()
	for {
		entries, err := b.history(ctx, token)
		if err != nil {
			return nil, err
		}
		newest, own, _ := b.copied.under(key)
		if n := len(entries); n > 0 && entries[n-1].Revision >= own || !b.engine.lags() || own == 0 {
			if newest.Revision > own {
				entries = append(entries, newest) // which is in a bundle
			}
			return entries, nil
		}
		select { // the copy in the engine that answered lags behind
		case <-time.After(retryFirst):
		case <-ctx.Done():
			return nil, fmt.Errorf("%w: the history of %q is not complete: %w", ErrUnavailable, key, ctx.Err())
		}
	}
}

func (b *Bucket) history(ctx context.Context, token string) ([]Entry, error) {
	list, err := b.kv.History(ctx, token)
	if errors.Is(err, jetstream.ErrKeyNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, verdict(err)
	}
	entries := make([]Entry, 0, len(list))
	for _, s := range list {
		e, err := entryOf(storedOf(s))
		if err != nil {
			return nil, err
		}
		entries = append(entries, e)
	}
	return entries, nil
}

// newest is the newest revision of a key in the engine; 0 if there is none.
func (b *Bucket) newest(ctx context.Context, key string) (uint64, error) {
	token, err := encodeKey(key)
	if err != nil {
		return 0, err
	}
	seq, _, err := b.engine.loadLast(ctx, "KV_"+bucketName(b.name), kvSubject(b.name)+token)
	return seq, err
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
