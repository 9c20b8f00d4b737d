package store

import (
	"cmp"
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// How a copy is kept up. There are two sources: the watch, which delivers everything and in order but stands
// still for seconds when the member dies that the engine has put it on; and what the engine tells by itself
// of each change, at once, but once. A change that was told is taken when it is the next one; for one further
// on the watch has to deliver those between, and is made anew if it does not.
const (
	toldRoom   = 1024                   // changes told and not yet looked at; the watch has them too
	seenWithin = 500 * time.Millisecond // of a change that is known to be there, before the watch is made anew
)

// kvSubject begins the subjects of a bucket's keys in the engine, toldSubject those under which the engine
// tells of their changes.
func kvSubject(bucket string) string   { return "$KV." + bucketName(bucket) + "." }
func toldSubject(bucket string) string { return "tandem.told." + bucket + "." }

// stored is a revision as the engine has it.
type stored struct {
	key      string // encoded
	value    []byte
	revision uint64
	at       time.Time
}

func storedOf(s jetstream.KeyValueEntry) stored {
	return stored{s.Key(), s.Value(), s.Revision(), s.Created()}
}

// entryOf decodes a stored revision.
func entryOf(s stored) (Entry, error) {
	key, err := decodeKey(s.key)
	if err != nil {
		return Entry{}, err
	}
	e, err := decodeEnvelope(s.value)
	if err != nil {
		return Entry{}, fmt.Errorf("key %q, revision %d: %w", key, s.revision, err)
	}
	return Entry{Key: key, Value: e.value, Revision: s.revision, At: s.at.UTC(),
		Author: e.author, Reason: e.reason, Deleted: e.deleted}, nil
}

// toldOf reads a change as the engine tells it.
func toldOf(bucket string, m *nats.Msg) (stored, error) {
	key, ok := strings.CutPrefix(m.Header.Get(jetstream.SubjectHeader), kvSubject(bucket))
	revision, err := strconv.ParseUint(m.Header.Get(jetstream.SequenceHeader), 10, 64)
	if !ok || err != nil || revision == 0 {
		return stored{}, fmt.Errorf("%w: told without key or revision", ErrBadEntry)
	}
	at, err := time.Parse(time.RFC3339Nano, m.Header.Get(jetstream.TimeStampHeaer))
	if err != nil {
		return stored{}, fmt.Errorf("%w: told without a time", ErrBadEntry)
	}
	return stored{key, m.Data, revision, at}, nil
}

// listen begins to hear what the engine tells. It must begin before load, so that nothing falls between.
func (b *Bucket) listen() (err error) {
	b.told = make(chan *nats.Msg, toldRoom)
	b.hearing, err = b.engine.nc.ChanSubscribe(toldSubject(b.name)+">", b.told)
	return verdict(err)
}

// deaf ends what listen began.
func (b *Bucket) deaf() {
	if b.hearing != nil {
		_ = b.hearing.Unsubscribe() // fails only when the connection is gone, and the subscription with it
	}
}

// load fills the copy up to a revision at least and returns when it is complete; then the bucket is followed
// as long as life lasts.
func (b *Bucket) load(ctx, life context.Context, last uint64) error {
	w, err := b.watch(life)
	if err != nil {
		return err
	}
	for complete := false; ; {
		select {
		case s, ok := <-w.Updates():
			if !ok {
				return fmt.Errorf("%w while loading %s", ErrUnavailable, b.name)
			}
			if s == nil {
				complete = true
			} else if err := b.take(storedOf(s)); err != nil {
				go drain(w)
				return fmt.Errorf("%w: bucket %s: %w", ErrDamaged, b.name, err)
			}
			// A copy in the engine that lags behind the others is complete too early.
			if complete && (b.copied.newest() >= last || !b.engine.role.waits()) {
				go b.follow(life, w)
				return nil
			}
		case <-ctx.Done():
			go drain(w)
			return fmt.Errorf("%w while loading %s: %w", ErrUnavailable, b.name, ctx.Err())
		}
	}
}

// keyWatch is a watch of a bucket with what else ends with it.
type keyWatch struct {
	jetstream.KeyWatcher
	cancel func()
}

// Stop ends the watch. It asks the engine, which may not answer.
func (w *keyWatch) Stop() error {
	defer w.cancel()
	return w.KeyWatcher.Stop()
}

// watch asks for changes as long as life lasts.
func (b *Bucket) watch(life context.Context, opts ...jetstream.WatchOpt) (*keyWatch, error) {
	within := callTime
	if b.engine.role.waits() {
		within = openTry
	}
	ctx, cancel := context.WithCancel(life)
	late := time.AfterFunc(within, cancel)
	w, err := b.kv.WatchAll(ctx, opts...)
	if err == nil && late.Stop() {
		return &keyWatch{w, cancel}, nil
	}
	cancel()
	if err == nil {
		go drain(&keyWatch{w, cancel})
	}
	return nil, fmt.Errorf("%w: no watch of bucket %s: %w", ErrUnavailable, b.name, cmp.Or(err, context.DeadlineExceeded))
}

// drain ends a watch that nobody reads any more.
func drain(w *keyWatch) {
	go w.Stop()
	for range w.Updates() {
	}
}

// askAgain has the watch made anew.
func (b *Bucket) askAgain() {
	select {
	case b.renew <- struct{}{}:
	default:
	}
}

// sees returns when the copy shows a revision that is known to be there.
func (b *Bucket) sees(ctx context.Context, revision uint64) error {
	soon, cancel := context.WithTimeout(ctx, seenWithin)
	defer cancel()
	if b.copied.wait(soon, revision) == nil {
		return nil
	}
	b.askAgain()
	return b.copied.wait(ctx, revision)
}

// follow applies changes, from both sources, and asks for the watch again whenever it breaks off or is said
// to have missed some.
func (b *Bucket) follow(life context.Context, w *keyWatch) {
	var (
		updates = w.Updates() // nil while there is no watch
		renew   = b.renew     // nil while it is made anew
		fresh   = make(chan *keyWatch, 1)
		heard   uint64           // newest revision told
		missing <-chan time.Time // when it must have been seen
	)
	defer b.deaf()
	for {
		select {
		case s, ok := <-updates:
			switch {
			case !ok:
				updates, renew = nil, nil
				go func() { fresh <- b.watchAgain(life) }()
			case s != nil:
				b.takeOr(storedOf(s))
			}
		case m := <-b.told:
			if heard = max(heard, b.hear(m)); heard > b.copied.newest() && missing == nil {
				missing = time.After(seenWithin)
			}
		case <-missing:
			if missing = nil; heard > b.copied.newest() {
				b.askAgain()
			}
		case <-renew:
			renew = nil
			go w.Stop() // what has arrived is still taken, up to the end
		case w = <-fresh:
			if w == nil {
				return
			}
			updates, renew = w.Updates(), b.renew
		case <-life.Done():
			if updates != nil {
				drain(w)
			}
			return
		}
	}
}

// takeOr applies a stored revision, or counts it as damaged.
func (b *Bucket) takeOr(s stored) {
	if err := b.take(s); err != nil {
		b.damaged.Add(1)
		b.log.Error("an entry cannot be read and is skipped", "bucket", b.name, "err", err)
	}
}

// hear applies a change that the engine tells, if it is the next one, and returns its revision.
func (b *Bucket) hear(m *nats.Msg) uint64 {
	s, err := toldOf(b.name, m)
	if err == nil && s.revision == b.copied.newest()+1 {
		b.takeOr(s)
	}
	return s.revision
}

// watchAgain asks for all changes behind the newest one that is known. It returns nil at the end of
// life.
func (b *Bucket) watchAgain(life context.Context) *keyWatch {
	for wait := retryFirst; life.Err() == nil; wait = min(2*wait, retryLast) {
		w, err := b.watch(life, jetstream.IncludeHistory(), jetstream.ResumeFromRevision(b.copied.newest()+1))
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
func (b *Bucket) take(s stored) error {
	switch {
	case strings.HasPrefix(s.key, pulsePrefix):
		b.copied.pass(s.revision)
		return nil
	case strings.HasPrefix(s.key, bundlePrefix):
		return b.takeBundle(s)
	}
	e, err := entryOf(s)
	if err != nil {
		b.copied.pass(s.revision)
		return err
	}
	if b.copied.apply(e) {
		b.tell(e)
	}
	return nil
}

// tell tells the watchers of an entry.
func (b *Bucket) tell(e Entry) {
	b.mu.Lock()
	watchers := b.watchers
	b.mu.Unlock()
	for _, w := range watchers {
		if e.Revision > w.since && !w.stopped.Load() {
			w.f(e)
		}
	}
}
