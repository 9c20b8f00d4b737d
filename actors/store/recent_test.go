package store

import (
	"slices"
	"strings"
	"testing"
)

// heard are the subjects that a journal tells by itself, from a position on.
func heard(j *Journal, from uint64) (list []string, ok bool) {
	ok = j.Recent(from, func(f Fact) bool { list = append(list, f.Subject); return true })
	return list, ok
}

// What was written lately is told again without a question, from any position of it.
func TestRecent(t *testing.T) {
	j := openStore(t, t.TempDir()).Journal()
	if all, ok := heard(j, 0); ok {
		t.Errorf("before anything: %v", all)
	}
	positions := appendAll(t, j, numbered(0, 20)...)
	positions = append(positions, appendAll(t, j, numbered(20, 20)...)...)
	for _, n := range []int{0, 7, 19, 20, 39} {
		all, ok := heard(j, positions[n])
		if want := subjects(t, j, positions[n]); !ok || !slices.Equal(all, want) {
			t.Errorf("from %d: %v %v, and the journal has %v", n, ok, all, want)
		}
	}
	if all, ok := heard(j, positions[39]+1); !ok || len(all) > 0 {
		t.Errorf("behind the last: %v %v", ok, all)
	}
	n := 0
	if ok := j.Recent(positions[0], func(Fact) bool { n++; return n < 5 }); !ok || n != 5 {
		t.Errorf("%d facts, until it was told to stop: %v", n, ok)
	}
}

// Frames are kept without a gap, and so many at most; who needs others is told to read.
func TestRecentFrames(t *testing.T) {
	var r recent
	frame := func(n int) []byte { return []byte(strings.Repeat("x", n)) }
	has := func(when string, seq uint64, want int) {
		t.Helper()
		if _, frames, ok := r.from(seq); len(frames) != max(want, 0) || ok != (want >= 0) {
			t.Errorf("%s: %d frames from %d, %v, want %d", when, len(frames), seq, ok, want)
		}
	}
	has("empty", 1, -1)
	for seq := uint64(5); seq < 10; seq++ {
		r.add(seq, frame(1))
		r.add(seq, frame(2)) // told again
	}
	has("five", 4, -1)
	has("five", 5, 5)
	has("five", 10, 0)
	has("ahead of what was told", 12, 0)
	r.add(12, frame(1))
	has("behind a gap", 9, -1)
	has("behind a gap", 12, 1)
	r.add(3, frame(1))
	has("an old one", 3, -1)
	for seq := uint64(13); seq < 500; seq++ {
		r.add(seq, frame(1))
	}
	has("many", 499-recentFrames, -1)
	has("many", 500-recentFrames, recentFrames)
	for seq := uint64(500); seq < 600; seq++ {
		r.add(seq, frame(recentBytes/10+1))
	}
	has("large", 591, 9)
	has("large", 590, -1)
	if r.bytes > recentBytes {
		t.Errorf("%d bytes are kept", r.bytes)
	}
	r.add(600, frame(2*recentBytes))
	has("one too large", 600, 1)
}

// Who follows the journal has all of it, in order and once, from memory as far as it was told, and what was not told soon.
func TestFollower(t *testing.T) {
	j := openStore(t, t.TempDir()).Journal()
	f, next := j.Follower(), uint64(0)
	var all []string
	read := func(when string, want int) {
		t.Helper()
		err := f.Read(t.Context(), next, func(f Fact) bool {
			all, next = append(all, f.Subject), f.Position+1
			return true
		})
		if err != nil || len(all) != want {
			t.Errorf("%s: %d facts, want %d (%v)", when, len(all), want, err)
		}
	}
	read("of an empty journal", 0)
	appendAll(t, j, numbered(0, 20)...)
	read("after the first", 20)
	looked := f.looked
	appendAll(t, j, numbered(20, 20)...)
	read("told of more", 40)
	if f.looked != looked {
		t.Error("the engine was asked for what was told")
	}
	appendAll(t, j, numbered(40, 1)...)
	j.recent.mu.Lock()
	j.recent.frames = j.recent.frames[:len(j.recent.frames)-1] // as if it had not been told
	j.recent.mu.Unlock()
	read("not told of the last", 40)
	f.looked = f.looked.Add(-lookApart)
	read("a second later", 41)
	read("again", 41)
	if want := subjects(t, j, 0); !slices.Equal(all, want) {
		t.Errorf("%v, and the journal has %v", all, want)
	}
}
