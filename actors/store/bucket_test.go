package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"tandem/conf"
)

func ptr(n uint64) *uint64 { return &n }

func TestReadYourWrites(t *testing.T) {
	b := openStore(t, t.TempDir()).Bucket(Accounts)
	start := time.Now()
	for i := range 50 {
		rev := put(t, b, "alice@example.org", fmt.Sprint(i), Write{Author: "ann", Reason: "why not"})
		e, ok := b.Get("alice@example.org")
		if !ok || string(e.Value) != fmt.Sprint(i) || e.Revision != rev || e.Author != "ann" ||
			e.Reason != "why not" || e.Deleted {
			t.Fatalf("%d: %+v %v", i, e, ok)
		}
		if e.At.Before(start.Add(-time.Second)) || e.At.After(time.Now().Add(time.Second)) {
			t.Fatalf("time %v", e.At)
		}
	}
	if _, ok := b.Get("bob@example.org"); ok {
		t.Error("found what was never written")
	}
}

func TestCompareAndSet(t *testing.T) {
	b := openStore(t, t.TempDir()).Bucket(Settings)
	ctx := t.Context()
	first := put(t, b, "k", "1", Write{Expect: ptr(0)})
	if _, err := b.Put(ctx, "k", nil, Write{Expect: ptr(0)}); !errors.Is(err, ErrConflict) {
		t.Errorf("create twice: %v", err)
	}
	second := put(t, b, "k", "2", Write{Expect: &first})
	if _, err := b.Put(ctx, "k", nil, Write{Expect: &first}); !errors.Is(err, ErrConflict) {
		t.Errorf("old revision: %v", err)
	}
	if err := b.Delete(ctx, "k", Write{Expect: &first}); !errors.Is(err, ErrConflict) {
		t.Errorf("delete old revision: %v", err)
	}
	if err := b.Delete(ctx, "k", Write{Expect: &second}); err != nil {
		t.Fatal(err)
	}
	if err := b.Delete(ctx, "k", Write{}); err != nil {
		t.Errorf("delete twice: %v", err)
	}
	put(t, b, "k", "3", Write{Expect: ptr(0)})
	if _, err := b.Put(ctx, "k", nil, Write{Expect: ptr(0)}); !errors.Is(err, ErrConflict) {
		t.Errorf("create again twice: %v", err)
	}
}

func TestOneOfManyCreatorsWins(t *testing.T) {
	b := openStore(t, t.TempDir()).Bucket(Settings)
	var wg sync.WaitGroup
	won := make(chan uint64, 20)
	for range cap(won) {
		wg.Go(func() {
			rev, err := b.Put(t.Context(), "one", nil, Write{Expect: ptr(0)})
			if err == nil {
				won <- rev
			} else if !errors.Is(err, ErrConflict) {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if len(won) != 1 {
		t.Errorf("%d won", len(won))
	}
}

func TestHistory(t *testing.T) {
	dir := t.TempDir()
	s := openStore(t, dir, func(c *conf.Store) { c.History = 3 })
	b := s.Bucket(Settings)
	put(t, b, "other", "x", Write{})
	for i := range 3 {
		put(t, b, "k", fmt.Sprint(i), Write{Author: fmt.Sprint("a", i)})
	}
	if err := b.Delete(t.Context(), "k", Write{Author: "bob", Reason: "gone"}); err != nil {
		t.Fatal(err)
	}
	closeStore(t, s)
	b = openStore(t, dir, func(c *conf.Store) { c.History = 3 }).Bucket(Settings)
	h, err := b.History(t.Context(), "k")
	if err != nil || len(h) != 3 {
		t.Fatalf("%+v %v", h, err)
	}
	last := h[2]
	if string(h[0].Value) != "1" || h[0].Author != "a1" || string(h[1].Value) != "2" ||
		!last.Deleted || last.Author != "bob" || last.Reason != "gone" || last.Revision != 5 {
		t.Errorf("%+v", h)
	}
	if _, ok := b.Get("k"); ok {
		t.Error("deleted key found")
	}
	if h, err := b.History(t.Context(), "never"); len(h) != 0 || err != nil {
		t.Errorf("never written: %v %v", h, err)
	}
	if h, err := b.History(t.Context(), ""); !errors.Is(err, ErrBadKey) {
		t.Errorf("no key: %v %v", h, err)
	}
}

func TestRange(t *testing.T) {
	b := openStore(t, t.TempDir()).Bucket(Settings)
	keys := func(prefix string) string {
		var list []string
		b.Range(prefix, func(e Entry) bool { list = append(list, e.Key); return true })
		return strings.Join(list, " ")
	}
	for _, k := range []string{"b/2", "a", "b/1", "c", "b/3"} {
		put(t, b, k, "", Write{})
	}
	if got := keys("b/"); got != "b/1 b/2 b/3" {
		t.Error(got)
	}
	put(t, b, "b/0", "", Write{})
	put(t, b, "b/1", "again", Write{})
	if err := b.Delete(t.Context(), "b/2", Write{}); err != nil {
		t.Fatal(err)
	}
	if got := keys("b/"); got != "b/0 b/1 b/3" {
		t.Error(got)
	}
	if got := keys(""); got != "a b/0 b/1 b/3 c" {
		t.Error(got)
	}
	b.Range("", func(e Entry) bool {
		put(t, b, e.Key, "from inside", Write{}) // must not lock itself out
		return false
	})
}

func TestWatchTellsEveryChangeInOrder(t *testing.T) {
	b := openStore(t, t.TempDir()).Bucket(Settings)
	put(t, b, "before", "", Write{})
	seen := make(chan Entry, 100)
	stop := b.Watch(func(e Entry) { seen <- e })
	for i := range 20 {
		put(t, b, fmt.Sprint("k", i%3), fmt.Sprint(i), Write{})
	}
	if err := b.Delete(t.Context(), "k0", Write{Author: "ann"}); err != nil {
		t.Fatal(err)
	}
	var last uint64
	for i := range 20 {
		e := <-seen
		if string(e.Value) != fmt.Sprint(i) || e.Revision <= last {
			t.Fatalf("%d: %+v", i, e)
		}
		last = e.Revision
	}
	if e := <-seen; !e.Deleted || e.Key != "k0" || e.Author != "ann" {
		t.Errorf("%+v", e)
	}
	stop()
	put(t, b, "after", "", Write{})
	if len(seen) != 0 {
		t.Errorf("after stop: %+v", <-seen)
	}
}

func TestLimitsOfEntries(t *testing.T) {
	b := openStore(t, t.TempDir()).Bucket(Settings)
	long := strings.Repeat("@", maxKey)
	put(t, b, long, strings.Repeat("v", maxValue), Write{Author: strings.Repeat("a", maxAuthor)})
	if e, ok := b.Get(long); !ok || len(e.Value) != maxValue {
		t.Error("the longest entry is not there")
	}
	for name, c := range map[string]struct {
		key, value string
		o          Write
		want       error
	}{
		"no key": {"", "", Write{}, ErrBadKey},
		"key":    {long + "x", "", Write{}, ErrBadKey},
		"value":  {"k", strings.Repeat("v", maxValue+1), Write{}, ErrTooLarge},
		"author": {"k", "", Write{Author: strings.Repeat("a", maxAuthor+1)}, ErrTooLarge},
		"reason": {"k", "", Write{Reason: strings.Repeat("a", maxReason+1)}, ErrTooLarge},
	} {
		if _, err := b.Put(t.Context(), c.key, []byte(c.value), c.o); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := b.PutLater("", nil); !errors.Is(err, ErrBadKey) {
		t.Errorf("PutLater: %v", err)
	}
}

// A value that could not be written does not come back over a newer one.
func TestLaterKeepsTheNewestAndRetries(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		answers := make(chan error)
		var written []string
		l := newLater(each(func(_ context.Context, key string, v laterValue) error {
			err := <-answers
			if err == nil {
				written = append(written, key+"="+string(v.value))
			}
			return err
		}), laterBatch, testLog(t))
		put := func(key, value string) {
			if err := l.put(key, []byte(value)); err != nil {
				t.Fatal(err)
			}
		}
		put("k", "1")
		synctest.Wait() // "1" is on its way
		put("k", "2")
		put("k", "3")
		if n := l.waiting(); n != 2 {
			t.Errorf("waiting %d", n)
		}
		answers <- errors.New("not now")
		answers <- nil
		synctest.Wait()
		put("k", "4")
		answers <- errors.New("not now")
		answers <- nil
		if err := l.close(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(written, " "); got != "k=3 k=4" || l.waiting() != 0 {
			t.Errorf("%s, waiting %d", got, l.waiting())
		}
	})
}

// A value that is tried again is tried under the same id, so that the engine knows it; another value has another.
func TestLaterIsWrittenOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var ids []string
		l := newLater(each(func(_ context.Context, _ string, v laterValue) error {
			if ids = append(ids, v.id); len(ids) < 3 {
				return ErrUnavailable
			}
			return nil
		}), laterBatch, testLog(t))
		for _, value := range []string{"1", "2"} {
			if err := l.put("k", []byte(value)); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Second)
			synctest.Wait()
		}
		if err := l.close(t.Context()); err != nil {
			t.Fatal(err)
		}
		if len(ids) != 4 || ids[0] != ids[1] || ids[1] != ids[2] || ids[2] == ids[3] {
			t.Error(ids)
		}
	})
	b := openStore(t, t.TempDir()).Bucket(Settings)
	first, err1 := b.send(t.Context(), "k", envelope{value: []byte("v")}, nil, "id")
	again, err2 := b.send(t.Context(), "k", envelope{value: []byte("v")}, nil, "id")
	other, err3 := b.send(t.Context(), "k", envelope{value: []byte("v")}, nil, "id2")
	if err := errors.Join(err1, err2, err3); err != nil || first != again || other != first+1 {
		t.Errorf("%d, %d, %d, %v", first, again, other, err)
	}
}

func TestLaterIsBounded(t *testing.T) {
	l := newLater(each(func(ctx context.Context, _ string, _ laterValue) error {
		<-ctx.Done()
		return ctx.Err()
	}), laterBatch, testLog(t))
	var err error
	for i := 0; err == nil && i < 2*maxLater; i++ {
		err = l.put(fmt.Sprint(i), nil)
	}
	if !errors.Is(err, ErrFull) {
		t.Errorf("got %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := l.close(ctx); !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "not written") {
		t.Errorf("close: %v", err)
	}
}

func TestPutLaterDeletes(t *testing.T) {
	b := openStore(t, t.TempDir()).Bucket(Registrations)
	put(t, b, "a", "x", Write{})
	gone := make(chan Entry, 1)
	b.Watch(func(e Entry) { gone <- e })
	if err := b.PutLater("a", nil); err != nil {
		t.Fatal(err)
	}
	if e := <-gone; !e.Deleted || e.Key != "a" {
		t.Errorf("%+v", e)
	}
}

func TestKeyRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		key := string(rapid.SliceOfN(rapid.Byte(), 1, maxKey).Draw(t, "key"))
		token, err := encodeKey(key)
		if err != nil {
			t.Fatal(err)
		}
		if strings.ContainsAny(token, ".*> \t\r\n") {
			t.Fatalf("not a token: %q", token)
		}
		if got, err := decodeKey(token); err != nil || got != key {
			t.Fatalf("%q: %q %v", token, got, err)
		}
	})
	if got, _ := encodeKey("alice@example.org"); got != "alice=40example=2Eorg" {
		t.Error(got)
	}
}

func TestBadKeysAndEnvelopesAreRefused(t *testing.T) {
	long := strings.Repeat("a", maxKey+1)
	for _, s := range []string{"", "=", "=4", "a=4", "=4g", "=40=", "=41", "=2e", "a.b", "ä", long} {
		if key, err := decodeKey(s); !errors.Is(err, ErrBadEntry) {
			t.Errorf("%q: %q %v", s, key, err)
		}
	}
	for _, s := range []string{"", "\x01", "\x02\x00\x00\x00", "\x01\x02\x00\x00", "\x01\x00\x05a", "\x01\x00\x00\x01"} {
		if e, err := decodeEnvelope([]byte(s)); !errors.Is(err, ErrBadEntry) {
			t.Errorf("%q: %+v %v", s, e, err)
		}
	}
}

func FuzzEnvelope(f *testing.F) {
	f.Add(envelope{value: []byte("v"), author: "ann", reason: "because"}.encode())
	f.Add(envelope{deleted: true}.encode())
	f.Add([]byte{envelopeV1, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1})
	f.Fuzz(func(t *testing.T, b []byte) {
		e, err := decodeEnvelope(b)
		if err != nil {
			return
		}
		again, err := decodeEnvelope(e.encode())
		if err != nil || string(again.value) != string(e.value) || again.author != e.author ||
			again.reason != e.reason || again.deleted != e.deleted {
			t.Errorf("%+v became %+v %v", e, again, err)
		}
	})
}
