package store

import (
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// A bucket that keeps no history writes behind in bundles: the values of many keys in one message. A write costs the
// members that keep the store the same whether it has one value or a hundred, and when a shift begins, or all phones
// have found the network again, there are thousands at once.
//
// A bundle lies under a key of its own, one of some that each member has and takes in turn; no other member writes
// there. It brings along what is still the newest of its key in the bundle that it replaces, under the revision that it
// has, so nothing goes, and what anybody else has written meanwhile stays newer.
//
//	=bundle.MEMBER.0     {anna, bert}          ──turn──►   {anna as of then, dora, emil}    bert has changed since
//	=bundle.MEMBER.1     {bert, carl}
//
// A few values are written each under its own key, as by Put: so a bucket in which little happens has few bundles.
const (
	bundlePrefix = "=bundle." // no encoded key looks like it, see pulsePrefix
	bundlePlaces = 256        // of each member
	bundleKeys   = 256        // new values in one bundle, at most
	bundleLeast  = 4          // fewer are written each by itself
	bundleLarge  = 2 << 10    // bytes of a value, and of its key: a larger one is written by itself
	bundleFresh  = 128 << 10  // bytes of all new ones, so that what is outdated in all places of a member is 32 MiB at most
	bundleMost   = 1 << 20    // bytes; a place of which more has to be brought along is passed by
)

// bundled is one value in a bundle.
type bundled struct {
	key string
	as  uint64    // the revision that it has; 0: that of the bundle
	at  time.Time // when it was written under that
	envelope
}

// bundleV1 is the first byte of a bundle. Of each value follow, with unsigned varints for numbers and lengths:
//
//	len key │ key │ revision, or 0 │ its time in Unix nanoseconds, or 0 │ len envelope │ envelope
const bundleV1 = 1

func encodeBundle(all []bundled) []byte {
	b := []byte{bundleV1}
	for _, v := range all {
		at := uint64(0)
		if v.as != 0 {
			at = uint64(v.at.UnixNano())
		}
		b = appendString(b, v.key)
		b = binary.AppendUvarint(b, v.as)
		b = binary.AppendUvarint(b, at)
		b = appendString(b, string(v.encode()))
	}
	return b
}

// decodeBundle keeps references to b as values.
func decodeBundle(b []byte) (all []bundled, err error) {
	if len(b) == 0 || b[0] != bundleV1 {
		return nil, fmt.Errorf("%w: a bundle written by a newer release", ErrBadEntry)
	}
	for b = b[1:]; len(b) > 0; {
		var v bundled
		if v, b, err = cutBundled(b); err != nil {
			return nil, err
		}
		all = append(all, v)
	}
	return all, nil
}

// cutBundled reads one value and returns what follows it.
func cutBundled(b []byte) (v bundled, rest []byte, err error) {
	key, rest, ok := cutString(b)
	as, n := binary.Uvarint(rest)
	if !ok || n <= 0 || len(key) == 0 || len(key) > maxKey {
		return v, nil, fmt.Errorf("%w: a bundle has a bad key", ErrBadEntry)
	}
	at, m := binary.Uvarint(rest[n:])
	if m <= 0 {
		return v, nil, fmt.Errorf("%w: a bundle is cut off", ErrBadEntry)
	}
	body, rest, ok := cutString(rest[n+m:])
	if !ok {
		return v, nil, fmt.Errorf("%w: a bundle is cut off", ErrBadEntry)
	}
	v.key, v.as, v.at = string(key), as, time.Unix(0, int64(at))
	v.envelope, err = decodeEnvelope(body)
	return v, rest, err
}

// bundleCopy is what a copy knows of a bundle.
type bundleCopy struct {
	revision uint64
	values   map[string]uint64 // by key: the revision that it has
}

// applyBundle takes over a bundle and returns the entries of it that are news.
func (c *copied) applyBundle(key string, revision uint64, at time.Time, all []bundled) (news []Entry) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.advance(revision)
	if c.bundles[key].revision >= revision {
		return nil
	}
	held := bundleCopy{revision, make(map[string]uint64, len(all))}
	for _, v := range all {
		e := Entry{Key: v.key, Value: v.value, Revision: revision, At: at, Author: v.author, Reason: v.reason, Deleted: v.deleted}
		if v.as != 0 {
			e.Revision, e.At = v.as, v.at.UTC()
		}
		held.values[v.key] = e.Revision
		old, was := c.entries[v.key]
		if was && old.Revision >= e.Revision {
			continue
		}
		if _, known := c.own[v.key]; !known {
			c.own[v.key] = old.Revision
		}
		c.entries[v.key] = e
		c.place(v.key, was && !old.Deleted, !e.Deleted)
		news = append(news, e)
	}
	c.bundles[key] = held
	return news
}

// brought is what a bundle that replaces another one has to bring along, in the order of the keys, and the revision of
// that one; 0 if there is none. A deletion is brought along, too: what was deleted may lie in an older bundle yet.
func (c *copied) brought(key string) (all []bundled, revision uint64) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	held := c.bundles[key]
	for k, r := range held.values {
		if e := c.entries[k]; e.Revision == r {
			all = append(all, bundled{k, r, e.At, envelope{e.Value, e.Author, e.Reason, e.Deleted}})
		}
	}
	slices.SortFunc(all, func(a, b bundled) int { return cmp.Compare(a.key, b.key) })
	return all, held.revision
}

// under is the newest revision of a key, deleted or not, and that which is under the key itself.
func (c *copied) under(key string) (e Entry, own uint64, ok bool) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	e, ok = c.entries[key]
	own, inBundle := c.own[key]
	if !inBundle {
		own = e.Revision
	}
	return e, own, ok
}

// hasBundle tells whether a bundle, or one that has replaced it, is known. Each comes twice: see follow.go.
func (c *copied) hasBundle(key string, revision uint64) bool {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.bundles[key].revision >= revision
}

// takeBundle applies a stored bundle and tells the watchers.
func (b *Bucket) takeBundle(s stored) error {
	if b.copied.hasBundle(s.key, s.revision) {
		return nil
	}
	all, err := decodeBundle(s.value)
	if err != nil {
		b.copied.pass(s.revision)
		return fmt.Errorf("bundle %q, revision %d: %w", s.key, s.revision, err)
	}
	for _, e := range b.copied.applyBundle(s.key, s.revision, s.at.UTC(), all) {
		b.tell(e)
	}
	return nil
}

// bundlePlace is where a member writes its next bundle. Only the goroutine that writes behind has it.
type bundlePlace struct {
	member string
	next   int
}

func (p *bundlePlace) key() string { return bundlePrefix + p.member + "." + strconv.Itoa(p.next) }

// newLater begins to write behind: in bundles, where the bucket keeps no history of a key and the member has a name that
// no other one has.
func (b *Bucket) newLater(member string, history int) *later {
	log := b.log.With("bucket", b.name)
	alone := each(func(ctx context.Context, key string, v laterValue) error {
		_, err := b.send(ctx, key, envelope{value: v.value, deleted: v.value == nil}, nil, v.id)
		return err
	})
	if member == "" || history > 1 {
		return newLater(alone, laterBatch, log)
	}
	b.place = &bundlePlace{member: member}
	return newLater(func(ctx context.Context, batch map[string]laterValue) (failed []string, err error) {
		small, others := parted(batch)
		if err = b.sendBundle(ctx, small); err != nil {
			failed = slices.Collect(maps.Keys(small))
		}
		more, err2 := alone(ctx, others)
		return append(failed, more...), cmp.Or(err, err2)
	}, bundleKeys, log)
}

// parted parts values that are written in a bundle from others.
func parted(batch map[string]laterValue) (small, others map[string]laterValue) {
	small, others = map[string]laterValue{}, map[string]laterValue{}
	room := bundleFresh
	for key, v := range batch {
		size := len(key) + len(v.value)
		if len(batch) >= bundleLeast && size <= min(bundleLarge, room) {
			small[key] = v
			room -= size
		} else {
			others[key] = v
		}
	}
	return small, others
}

// sendBundle writes values in one message.
func (b *Bucket) sendBundle(ctx context.Context, values map[string]laterValue) error {
	if len(values) == 0 {
		return nil
	}
	fresh := make([]bundled, 0, len(values))
	for key, v := range values {
		fresh = append(fresh, bundled{key: key, envelope: envelope{value: v.value, deleted: v.value == nil}})
	}
	for range bundlePlaces {
		all, before := b.copied.brought(b.place.key())
		all = slices.DeleteFunc(all, func(v bundled) bool { _, again := values[v.key]; return again })
		if body := encodeBundle(append(all, fresh...)); len(body) <= bundleMost {
			return b.putBundle(ctx, body, before)
		}
		b.place.next = (b.place.next + 1) % bundlePlaces
	}
	return fmt.Errorf("%w: all bundles of the member are full", ErrFull)
}

// putBundle writes a bundle in its place, which must be as it was known. What cannot be written, or may have been, is
// tried again in the same place: of two attempts the engine takes one.
func (b *Bucket) putBundle(ctx context.Context, body []byte, before uint64) error {
	ctx, cancel := bounded(ctx)
	defer cancel()
	m := nats.NewMsg(kvSubject(b.name) + b.place.key())
	m.Data = body
	_, err := b.publish(ctx, m, "", jetstream.WithExpectLastSequencePerSubject(before))
	if errors.Is(err, ErrConflict) {
		return b.seeBundle(ctx)
	}
	if err == nil {
		b.place.next = (b.place.next + 1) % bundlePlaces
	}
	return err
}

// seeBundle waits until the copy shows what the engine has in the place of the next bundle: an attempt of which the
// answer was lost, or what an earlier life of the member wrote last. It returns an error, so that it is tried again.
func (b *Bucket) seeBundle(ctx context.Context) error {
	seq, _, err := b.engine.loadLast(ctx, "KV_"+bucketName(b.name), kvSubject(b.name)+b.place.key())
	if err == nil {
		err = b.sees(ctx, seq)
	}
	return cmp.Or(err, fmt.Errorf("%w: a bundle was there that was not seen here yet", ErrUnavailable))
}
