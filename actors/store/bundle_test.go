package store

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// shelfOfEngine is what an engine keeps of a bucket: the newest message under each of its keys.
type shelfOfEngine struct {
	last     uint64
	messages map[string]stored
}

func (s *shelfOfEngine) write(key string, value []byte) stored {
	s.last++
	m := stored{key: key, value: value, revision: s.last, at: time.Unix(int64(s.last), 0)}
	s.messages[key] = m
	return m
}

// load is a copy of a member that has just started.
func (s *shelfOfEngine) load(t *rapid.T) *Bucket {
	b := &Bucket{copied: newCopied()}
	for _, m := range slices.SortedFunc(maps.Values(s.messages), func(a, b stored) int { return int(a.revision) - int(b.revision) }) {
		if err := b.take(m); err != nil {
			t.Fatal(err)
		}
	}
	return b
}

// Whatever is written by whom, alone or in a bundle, and whenever its writer has heard of what others have written: the
// word that was written last counts for everybody, also for who starts later.
func TestNewestWordCounts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		engine := &shelfOfEngine{messages: map[string]stored{}}
		want := map[string]string{}
		writers := []*Bucket{{copied: newCopied()}, {copied: newCopied()}}
		unheard := [2][]stored{}
		hear := func(w int) {
			for _, m := range unheard[w] {
				if err := writers[w].take(m); err != nil {
					t.Fatal(err)
				}
			}
			unheard[w] = nil
		}
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			w := rapid.IntRange(0, 1).Draw(t, "writer")
			if rapid.Bool().Draw(t, "hears") {
				hear(w)
			}
			keys := rapid.SliceOfNDistinct(rapid.SampledFrom(strings.Split("abcdefgh", "")), 1, 4, rapid.ID).Draw(t, "keys")
			value := envelope{value: strconv.AppendUint(nil, engine.last+1, 10), deleted: rapid.IntRange(0, 4).Draw(t, "deletes") == 0}
			if value.deleted {
				value.value = nil
			}
			var m stored
			if len(keys) == 1 {
				m = engine.write(keys[0], value.encode())
			} else {
				place := fmt.Sprint(bundlePrefix, "m", w, ".", rapid.IntRange(0, 2).Draw(t, "place"))
				all, before := writers[w].copied.brought(place)
				if engine.messages[place].revision != before {
					continue // the engine refuses it: its writer has not heard of its own last one
				}
				all = slices.DeleteFunc(all, func(v bundled) bool { return slices.Contains(keys, v.key) })
				for _, key := range keys {
					all = append(all, bundled{key: key, envelope: value})
				}
				m = engine.write(place, encodeBundle(all))
			}
			unheard[0], unheard[1] = append(unheard[0], m), append(unheard[1], m)
			for _, key := range keys {
				if want[key] = string(value.value); value.deleted {
					delete(want, key)
				}
			}
		}
		hear(0)
		hear(1)
		for i, b := range append(writers, engine.load(t)) {
			got := map[string]string{}
			b.Range("", func(e Entry) bool { got[e.Key] = string(e.Value); return true })
			if !maps.Equal(got, want) {
				t.Fatalf("copy %d has %v, not %v", i, got, want)
			}
		}
	})
}

// Many values are few messages, and all are there for the next life.
func TestManyValuesAreFewMessages(t *testing.T) {
	dir := t.TempDir()
	s := openStore(t, dir)
	b := s.Bucket(Kept)
	const agents = 1000
	for round := range 3 {
		for i := range agents / (round + 1) {
			if err := b.PutLater(fmt.Sprint("agent/", i), fmt.Append(nil, round)); err != nil {
				t.Fatal(err)
			}
		}
	}
	large := strings.Repeat("x", bundleLarge+1)
	for key, value := range map[string][]byte{"large": []byte(large), "agent/999": nil} {
		if err := b.PutLater(key, value); err != nil {
			t.Fatal(err)
		}
	}
	for range time.Tick(pace) { // nothing tells when a bucket has written all, and has heard of it
		if _, told := b.Get("large"); told && s.Snapshot().Later == 0 {
			break
		}
	}
	if last := b.copied.newest(); last > 60 {
		t.Errorf("%d messages", last)
	}
	check := func(b *Bucket) {
		t.Helper()
		for i, want := range map[int]string{0: "2", agents/3 - 1: "2", agents/2 - 1: "1", agents - 2: "0"} {
			if e, ok := b.Get(fmt.Sprint("agent/", i)); !ok || string(e.Value) != want {
				t.Errorf("agent %d has %q, not %s", i, e.Value, want)
			}
		}
		if e, ok := b.Get("large"); !ok || string(e.Value) != large {
			t.Error("the large value is not there")
		}
		if _, ok := b.Get("agent/999"); ok || b.Count("") != agents || b.Count("agent/99") != 10 {
			t.Errorf("%d values; %d; the deleted one: %v", b.Count(""), b.Count("agent/99"), ok)
		}
	}
	check(b)
	old, _ := b.Get("agent/7")
	for _, expect := range []uint64{0, old.Revision + 1} {
		if _, err := b.Put(t.Context(), "agent/7", nil, Write{Expect: &expect}); !errors.Is(err, ErrConflict) {
			t.Errorf("written over %d: %v", expect, err)
		}
	}
	if _, err := b.Put(t.Context(), "agent/7", old.Value, Write{Expect: &old.Revision}); err != nil {
		t.Error(err)
	}
	closeStore(t, s)
	check(openStore(t, dir).Bucket(Kept))
}

// A bundle has no more than is to be read again with each of those that replace it.
func TestBundlesAreBounded(t *testing.T) {
	for size, want := range map[int]int{10: bundleKeys, bundleLarge / 2: 2 * bundleFresh / bundleLarge, bundleLarge + 1: 0} {
		batch := map[string]laterValue{}
		for i := range bundleKeys {
			key := fmt.Sprintf("%03d", i)
			batch[key] = laterValue{value: make([]byte, size-len(key))}
		}
		small, others := parted(batch)
		if len(small) != want || len(small)+len(others) != bundleKeys {
			t.Errorf("of values of %d bytes %d are in a bundle, not %d; others %d", size, len(small), want, len(others))
		}
	}
}

func FuzzBundle(f *testing.F) {
	f.Add(encodeBundle([]bundled{{key: "a", envelope: envelope{value: []byte("v")}}, {key: "b", as: 7, at: time.Unix(1, 2),
		envelope: envelope{deleted: true, author: "ann"}}}))
	f.Add([]byte{bundleV1, 1, 'k', 0xff})
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, b []byte) {
		all, err := decodeBundle(b)
		if err != nil {
			if !errors.Is(err, ErrBadEntry) {
				t.Error(err)
			}
			return
		}
		again, err := decodeBundle(encodeBundle(all))
		if err != nil || len(again) != len(all) {
			t.Fatalf("%d values became %d, %v", len(all), len(again), err)
		}
		for i, v := range again {
			if v.key != all[i].key || v.as != all[i].as || string(v.value) != string(all[i].value) || v.deleted != all[i].deleted {
				t.Errorf("%+v became %+v", all[i], v)
			}
		}
	})
}
