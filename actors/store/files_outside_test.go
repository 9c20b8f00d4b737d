package store

import (
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// Two members on one server see each other's files, lose no append to each other, and leave nothing.
func TestFilesOfTwoMembers(t *testing.T) {
	o := outside(t)
	one, two := openStore(t, "", o.share), openStore(t, "", o.share)
	seen := make(chan FileVersion, 1)
	stop := two.Files().Watch("", func(i FileVersion, _ bool) { seen <- i })
	made := putFile(t, one.Files(), "a", noise(1, chunkSize+1), FileWrite{})
	if i := <-seen; i.Revision != made.Revision || i.Digest != made.Digest {
		t.Errorf("%+v, made as %+v", i, made)
	}
	stop()
	hasFile(t, two.Files(), "a", noise(1, chunkSize+1))
	if _, err := two.Files().Put(t.Context(), "a", nil, FileWrite{Expect: ptr(0)}); !errors.Is(err, ErrConflict) {
		t.Errorf("made twice: %v", err)
	}
	var wg sync.WaitGroup
	var errs [2]int
	for n, s := range []*Store{one, two} {
		wg.Go(func() {
			for i := range 10 {
				_, err := s.Files().Append(t.Context(), "log", fmt.Appendf(nil, "%d.%d\n", n, i), FileWrite{})
				if errors.Is(err, ErrConflict) {
					errs[n]++ // overtaken again and again: refused, and not lost
				} else if err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	for same := false; !same; runtime.Gosched() { // until each has seen the other's last
		a, _ := one.Files().Stat("log")
		b, _ := two.Files().Stat("log")
		same = a.Revision == b.Revision
	}
	b, _, err := one.Files().Get(t.Context(), "log", 0, -1)
	if want := 4 * (20 - errs[0] - errs[1]); err != nil || len(b) != want {
		t.Errorf("%d bytes, want %d, %v", len(b), want, err)
	}
	if err := two.Files().Delete(t.Context(), "a", FileWrite{}); err != nil {
		t.Fatal(err)
	}
	for range 3 { // the name may be used again, by either
		putFile(t, two.Files(), "a", noise(2, 5), FileWrite{})
		if err := two.Files().Delete(t.Context(), "a", FileWrite{}); err != nil {
			t.Fatal(err)
		}
	}
	swept(t, two.Files())
}

// What another member is writing is not swept for an orphan; what it left long ago is.
func TestOrphansOfOtherMembers(t *testing.T) {
	o := outside(t)
	one := openStore(t, "", o.share)
	now := time.Now()
	for _, begun := range []time.Time{now, now.Add(-orphanAge - time.Minute)} {
		if _, err := one.Files().contents.write(t.Context(), newID(begun), noise(1, 10)); err != nil {
			t.Fatal(err)
		}
	}
	two := openStore(t, "", o.share)
	counts := func() int {
		c, err := two.Files().contents.counts(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return len(c)
	}
	if n := counts(); n != 1 {
		t.Errorf("%d contents are left", n)
	}
	if err := two.Files().sweep(t.Context(), now.Add(orphanAge+time.Minute)); err != nil || counts() != 0 {
		t.Errorf("later: %d, %v", counts(), err)
	}
}

// One of several members sweeps. The others leave it to that one, and whoever gets the turn finds what is there.
func TestOneMemberSweeps(t *testing.T) {
	o := outside(t)
	one, two := openStore(t, "", o.share), openStore(t, "", o.share)
	counts := func() int {
		c, err := one.Files().contents.counts(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return len(c)
	}
	var turn atomic.Bool
	asked := make(chan struct{}, 100)
	one.Files().SweepIf(func() bool { return false })
	two.Files().SweepIf(func() bool {
		asked <- struct{}{}
		return turn.Load()
	})
	<-asked
	old := time.Now().Add(-orphanAge - time.Minute)
	if _, err := one.Files().contents.write(t.Context(), newID(old), noise(1, 10)); err != nil {
		t.Fatal(err)
	}
	for n := range 3 {
		putFile(t, one.Files(), "a", noise(uint64(n), 10), FileWrite{})
	}
	if _, err := two.Files().Put(t.Context(), "a", noise(9, 10), FileWrite{Expect: ptr(1)}); !errors.Is(err, ErrConflict) {
		t.Fatal(err) // its contents are its own to remove
	}
	for end := time.Now().Add(10 * time.Second); counts() != 4; runtime.Gosched() {
		if time.Now().After(end) {
			t.Fatalf("%d contents: all but those that a member has not finished are to stay", counts())
		}
	}
	turn.Store(true)
	two.Files().SweepIf(turn.Load)
	for end := time.Now().Add(10 * time.Second); counts() != 3; runtime.Gosched() {
		if time.Now().After(end) {
			t.Fatalf("%d contents: the old one is to go, the others are too young", counts())
		}
	}
	putFile(t, one.Files(), "a", nil, FileWrite{})
	for end := time.Now().Add(10 * time.Second); counts() != 2; runtime.Gosched() {
		if time.Now().After(end) {
			t.Fatalf("%d contents: what was replaced is to go", counts())
		}
	}
	if d := one.Snapshot().Damaged + two.Snapshot().Damaged; d != 0 {
		t.Errorf("%d damaged", d)
	}
}
