package store

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// An engine that could not be brought back says that it is out of service, and comes back when what hindered it is gone.
func TestFailedRevivalLeavesTheEngineOut(t *testing.T) {
	s := openStore(t, t.TempDir())
	appendAll(t, s.Journal(), numbered(0, 3)...)
	if err := s.engine.srv.ShutdownJetStream(); err != nil {
		t.Fatal(err)
	}
	files := filepath.Join(s.dir, "jetstream")
	if err := os.Rename(files, files+"-away"); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(files, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := s.engine.revive(); err == nil {
			t.Fatal("it comes back without a directory")
		}
		if s.engine.srv.JetStreamEnabled() || s.engine.ready() == nil {
			t.Fatal("it says that it is in service")
		}
	}
	if err := os.Remove(files); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(files+"-away", files); err != nil {
		t.Fatal(err)
	}
	if err := s.engine.revive(); err != nil {
		t.Fatal(err)
	}
	if got := subjects(t, s.Journal(), 0); len(got) != 3 {
		t.Errorf("facts: %v", got)
	}
	appendAll(t, s.Journal(), numbered(3, 1)...)
	closeStore(t, s)
}

// A copy that does not come back is tried less and less often, and at once again after the next outage.
func TestRevivalIsTriedLessAndLessOften(t *testing.T) {
	var o outage
	begin := time.Unix(0, 0)
	var tries []time.Duration
	for now := begin; now.Before(begin.Add(2 * time.Hour)); now = now.Add(reviveEvery) {
		if o.due(now) {
			tries = append(tries, now.Sub(begin))
			o.tried(now)
		}
	}
	if tries[0] != reviveRest || tries[1] != 3*reviveRest || tries[2] != 7*reviveRest {
		t.Errorf("tried first at %v", tries[:3])
	}
	if n := len(tries); n > 20 || tries[n-1]-tries[n-2] != maxReviveRest {
		t.Errorf("%d times, at last %v", n, tries[n-2:])
	}
}

// A damaged copy is kept beside the new one only where both fit; else nothing is changed.
func TestNoRoomForAnotherCopy(t *testing.T) {
	dir := filepath.Join(written(t), "store")
	file := filepath.Join(dir, "jetstream", "large")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(file, 1<<40); err != nil { // takes no room
		t.Fatal(err)
	}
	if err := roomForAnother(dir, 1<<40+2*reviveRoom); err != nil {
		t.Error(err)
	}
	if err := roomForAnother(dir, 1<<40); !errors.Is(err, ErrDiskFull) {
		t.Errorf("got %v", err)
	}
	free, err := freeSpace(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(file, int64(free)); err != nil {
		t.Fatal(err)
	}
	s := &Store{dir: dir}
	if aside, err := s.makeWay(); !errors.Is(err, ErrDiskFull) {
		t.Errorf("moved to %q: %v", aside, err)
	}
	if _, err := os.Stat(file); err != nil {
		t.Error(err)
	}
}
