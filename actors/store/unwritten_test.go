package store

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"tandem/conf"
)

// stopped is a journal that is closed while nobody takes its frames; the store that failed, and the file with the rest.
func stopped(t *testing.T) (*fakeFrames, *unwritten) {
	t.Helper()
	f := &fakeFrames{}
	left := &unwritten{filepath.Join(t.TempDir(), "unwritten"), testLog(t)}
	j := newJournal(conf.DefaultStore(), f, "first", 0, callTime, left, testLog(t))
	appendAll(t, j, numbered(0, 2)...)
	f.gate = make(chan struct{})
	kept := 0
	for _, fact := range numbered(2, 3) {
		if err := j.Append(fact, func(_ uint64, err error) {
			if errors.Is(err, ErrKept) && errors.Is(err, ErrClosed) {
				kept++
			}
		}); err != nil {
			t.Fatal(err)
		}
	}
	if err := j.close(ended(t)); err != nil {
		t.Errorf("nothing is lost, but it says %v", err)
	}
	if kept != 3 {
		t.Errorf("%d facts were said to be kept", kept)
	}
	f.gate = nil
	return f, left
}

// ended is a context that is over: a journal that closes by it waits for nothing.
func ended(t *testing.T) context.Context {
	t.Helper()
	ctx, end := context.WithCancel(t.Context())
	end()
	return ctx
}

func TestNextStartWritesWhatWaited(t *testing.T) {
	f, left := stopped(t)
	j := newJournal(conf.DefaultStore(), f, "second", position(uint64(len(f.ids)), 0), callTime, left, testLog(t))
	appendAll(t, j, numbered(5, 2)...)
	if err := j.close(t.Context()); err != nil {
		t.Error(err)
	}
	if got := strings.Join(f.subjects(t), " "); got != "0 1 2 3 4 5 6" {
		t.Errorf("the journal has %s", got)
	}
	if _, err := os.Stat(left.path); !os.IsNotExist(err) {
		t.Errorf("the file is still there: %v", err)
	}
}

// A frame whose last attempt had reached the journal is not written again, and a torn line harms nobody.
func TestWhatArrivedAfterAllIsNotWrittenTwice(t *testing.T) {
	f, left := stopped(t)
	kept, err := left.all()
	if err != nil || len(kept) != 1 {
		t.Fatalf("kept are %v, %v", kept, err)
	}
	f.ids, f.frames = append(f.ids, kept[0].ID), append(f.frames, slices.Clone(kept[0].Frame))
	file, err := os.OpenFile(left.path, os.O_APPEND|os.O_WRONLY, 0)
	if err == nil {
		_, err = file.WriteString(`{"ID":"torn`)
	}
	if err != nil || file.Close() != nil {
		t.Fatal(err)
	}
	j := newJournal(conf.DefaultStore(), f, "second", 0, callTime, left, testLog(t))
	appendAll(t, j, numbered(5, 1)...)
	if err := j.close(t.Context()); err != nil {
		t.Error(err)
	}
	if got := strings.Join(f.subjects(t), " "); got != "0 1 2 3 4 5" {
		t.Errorf("the journal has %s", got)
	}
}

// A start that finds nobody either leaves all where it was, and adds its own.
func TestTwoStartsInVain(t *testing.T) {
	f, left := stopped(t)
	f.gate = make(chan struct{})
	j := newJournal(conf.DefaultStore(), f, "second", 0, callTime, left, testLog(t))
	if err := j.Append(numbered(5, 1)[0], nil); err != nil {
		t.Fatal(err)
	}
	if err := j.close(ended(t)); err != nil {
		t.Error(err)
	}
	f.gate = nil
	j = newJournal(conf.DefaultStore(), f, "third", 0, callTime, left, testLog(t))
	appendAll(t, j, numbered(6, 1)...)
	if err := j.close(t.Context()); err != nil {
		t.Error(err)
	}
	if got := strings.Join(f.subjects(t), " "); got != "0 1 2 3 4 5 6" {
		t.Errorf("the journal has %s", got)
	}
}

func TestWhatCanNotBeKeptIsAnError(t *testing.T) {
	f := &fakeFrames{gate: make(chan struct{})}
	left := &unwritten{filepath.Join(t.TempDir(), "no such directory", "unwritten"), testLog(t)}
	j := newJournal(conf.DefaultStore(), f, "first", 0, callTime, left, testLog(t))
	if err := j.Append(numbered(0, 1)[0], nil); err != nil {
		t.Fatal(err)
	}
	if err := j.close(ended(t)); err == nil || !strings.Contains(err.Error(), "1 facts") {
		t.Errorf("it says %v", err)
	}
}
