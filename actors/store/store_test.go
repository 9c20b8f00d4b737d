package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"tandem/conf"
)

// testLog sends the store's log to the test's output.
func testLog(t testing.TB) *slog.Logger {
	return slog.New(slog.NewTextHandler(t.Output(), nil))
}

func openStore(t testing.TB, dir string, change ...func(*conf.Store)) *Store {
	t.Helper()
	c := conf.DefaultStore()
	for _, f := range change {
		f(&c)
	}
	s, err := Open(t.Context(), dir, c, testLog(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closeStore(t, s) })
	return s
}

func closeStore(t testing.TB, s *Store) {
	t.Helper()
	if err := s.Close(context.Background()); err != nil {
		t.Errorf("Close: %v", err)
	}
}

func put(t testing.TB, b *Bucket, key, value string, o Write) uint64 {
	t.Helper()
	rev, err := b.Put(t.Context(), key, []byte(value), o)
	if err != nil {
		t.Fatalf("Put %s: %v", key, err)
	}
	return rev
}

// appendAll appends facts and waits until all are acknowledged; it returns their positions.
func appendAll(t testing.TB, j *Journal, facts ...Fact) []uint64 {
	t.Helper()
	var wg sync.WaitGroup
	positions := make([]uint64, len(facts))
	for i, f := range facts {
		wg.Add(1)
		err := j.Append(f, func(pos uint64, err error) {
			if err != nil {
				t.Errorf("fact %d: %v", i, err)
			}
			positions[i] = pos
			wg.Done()
		})
		if err != nil {
			t.Fatalf("Append %d: %v", i, err)
		}
	}
	wg.Wait()
	return positions
}

func numbered(from, n int) []Fact {
	facts := make([]Fact, n)
	for i := range facts {
		facts[i] = Fact{Kind: "test", Subject: fmt.Sprint(from + i)}
	}
	return facts
}

// subjects reads the whole journal.
func subjects(t testing.TB, j *Journal, from uint64) (list []string) {
	t.Helper()
	err := j.Read(t.Context(), from, func(f Fact) bool {
		list = append(list, f.Subject)
		return true
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func TestSecondOpenIsRefused(t *testing.T) {
	dir := t.TempDir()
	s := openStore(t, dir)
	_, err := Open(t.Context(), dir, conf.DefaultStore(), testLog(t))
	if !errors.Is(err, ErrInUse) || !strings.Contains(err.Error(), dir) {
		t.Fatalf("got %v", err)
	}
	closeStore(t, s)
	openStore(t, dir)
}

func TestOpenRefusesBadSettings(t *testing.T) {
	for name, change := range map[string]func(*conf.Store){
		"frame":   func(c *conf.Store) { c.Frame = 10 },
		"pending": func(c *conf.Store) { c.Pending = 0 },
		"history": func(c *conf.Store) { c.History = 65 },
		"delay":   func(c *conf.Store) { c.FrameDelay = -1 },
	} {
		c := conf.DefaultStore()
		change(&c)
		if _, err := Open(t.Context(), t.TempDir(), c, testLog(t)); err == nil ||
			!strings.Contains(err.Error(), name) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	if _, err := Open(t.Context(), "", conf.DefaultStore(), testLog(t)); err == nil {
		t.Error("no directory accepted")
	}
}

func TestOpenWithoutServerOutside(t *testing.T) {
	c := conf.DefaultStore()
	c.URL = "nats://127.0.0.1:1"
	if _, err := Open(t.Context(), t.TempDir(), c, testLog(t)); !errors.Is(err, ErrUnavailable) {
		t.Fatalf("got %v", err)
	}
}

func TestReadyAndClosed(t *testing.T) {
	s := openStore(t, t.TempDir())
	if err := s.Ready(); err != nil {
		t.Fatalf("Ready: %v", err)
	}
	closeStore(t, s)
	if err := s.Ready(); !errors.Is(err, ErrClosed) {
		t.Errorf("Ready after Close: %v", err)
	}
	if err := s.Journal().Append(Fact{Kind: "late"}, nil); !errors.Is(err, ErrClosed) {
		t.Errorf("Append after Close: %v", err)
	}
	if _, err := s.Bucket(Settings).Put(t.Context(), "k", nil, Write{}); !errors.Is(err, ErrClosed) {
		t.Errorf("Put after Close: %v", err)
	}
	if err := s.Bucket(Settings).PutLater("k", nil); !errors.Is(err, ErrClosed) {
		t.Errorf("PutLater after Close: %v", err)
	}
}

func TestCloseFlushes(t *testing.T) {
	dir := t.TempDir()
	s := openStore(t, dir, func(c *conf.Store) { c.FrameDelay = 1 << 40 })
	for i := range 100 {
		if err := s.Journal().Append(Fact{Kind: "test", Subject: fmt.Sprint(i)}, nil); err != nil {
			t.Fatal(err)
		}
		if err := s.Bucket(Registrations).PutLater(fmt.Sprintf("a%d", i%10), fmt.Append(nil, i)); err != nil {
			t.Fatal(err)
		}
	}
	closeStore(t, s)
	s = openStore(t, dir)
	if got := subjects(t, s.Journal(), 0); len(got) != 100 || got[99] != "99" {
		t.Errorf("journal: %v", got)
	}
	if e, ok := s.Bucket(Registrations).Get("a3"); !ok || string(e.Value) != "93" {
		t.Errorf("write-behind: %q %v", e.Value, ok)
	}
	n := s.Snapshot()
	if n.Keys[Registrations] != 10 || n.Pending != 0 || n.Later != 0 {
		t.Errorf("snapshot: %+v", n)
	}
}

func TestDiskFullIsSeenBeforeTheEngine(t *testing.T) {
	s := openStore(t, t.TempDir())
	s.buckets[Settings].check = func() error { return ErrDiskFull }
	if _, err := s.Bucket(Settings).Put(t.Context(), "k", nil, Write{}); !errors.Is(err, ErrDiskFull) {
		t.Fatalf("got %v", err)
	}
	if err := checkSpace(t.TempDir()); err != nil {
		t.Errorf("room there is: %v", err)
	}
}

// blockFiles lists the block files of a stream.
func blockFiles(t *testing.T, dir, stream string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "store", "jetstream", "$G", "streams", stream, "msgs", "*.blk"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no blocks of %s: %v", stream, err)
	}
	return files
}

// written makes a directory with ten frames of one fact each and three settings, stopped cleanly.
func written(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	s := openStore(t, dir)
	for _, f := range numbered(0, 10) {
		appendAll(t, s.Journal(), f)
	}
	for i := range 3 {
		put(t, s.Bucket(Settings), fmt.Sprint("key", i), "value-of-setting", Write{Author: "ann"})
	}
	closeStore(t, s)
	return dir
}

// unclean makes a cleanly stopped directory look like one whose process was killed.
func unclean(t *testing.T, dir string) {
	t.Helper()
	if err := forgetClean(filepath.Join(dir, "store")); err != nil {
		t.Fatal(err)
	}
}

func mutate(t *testing.T, file string, f func([]byte) []byte) {
	t.Helper()
	b, err := os.ReadFile(file)
	if err == nil {
		err = os.WriteFile(file, f(b), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func TestDamageIsRefusedAndNothingChanged(t *testing.T) {
	flip := func(at func(b []byte) int) func([]byte) []byte {
		return func(b []byte) []byte { b[at(b)] ^= 4; return b }
	}
	middle := flip(func(b []byte) int { return len(b) / 2 })
	for name, c := range map[string]struct {
		stream string
		change func([]byte) []byte
	}{
		"journal, a bit in the middle":     {journalStream, middle},
		"journal, a bit in the last":       {journalStream, flip(func(b []byte) int { return len(b) - 12 })},
		"journal, a bit in a length":       {journalStream, flip(func([]byte) int { return 2 })},
		"journal, end cut off":             {journalStream, func(b []byte) []byte { return b[:len(b)-3] }},
		"journal, everything gone":         {journalStream, func([]byte) []byte { return nil }},
		"settings, a bit in a value":       {"KV_tandem_settings", flip(func(b []byte) int { return bytes.Index(b, []byte("value-of")) })},
		"settings, last record cut off":    {"KV_tandem_settings", func(b []byte) []byte { return b[:len(b)-70] }},
		"settings, zeros for the last 100": {"KV_tandem_settings", func(b []byte) []byte { clear(b[len(b)-100:]); return b }},
	} {
		t.Run(name, func(t *testing.T) {
			dir := written(t)
			unclean(t, dir)
			file := blockFiles(t, dir, c.stream)[0]
			mutate(t, file, c.change)
			before, _ := os.ReadFile(file)
			_, err := Open(t.Context(), dir, conf.DefaultStore(), testLog(t))
			if !errors.Is(err, ErrDamaged) {
				t.Fatalf("got %v", err)
			}
			if after, _ := os.ReadFile(file); !bytes.Equal(before, after) {
				t.Error("the damaged file was changed")
			}
		})
	}
}

func TestTornEndIsDroppedWithAWarning(t *testing.T) {
	dir := written(t)
	unclean(t, dir)
	mutate(t, blockFiles(t, dir, journalStream)[0], func(b []byte) []byte {
		return append(b, b[:len(b)/10-5]...) // most of a record, as a power cut may leave it
	})
	var out bytes.Buffer
	s, err := Open(t.Context(), dir, conf.DefaultStore(), slog.New(slog.NewTextHandler(&out, nil)))
	if err != nil {
		t.Fatal(err)
	}
	if got := subjects(t, s.Journal(), 0); len(got) != 10 {
		t.Errorf("facts: %v", got)
	}
	appendAll(t, s.Journal(), numbered(10, 1)...)
	if got := subjects(t, s.Journal(), 0); len(got) != 11 || got[10] != "10" {
		t.Errorf("facts: %v", got)
	}
	closeStore(t, s)
	if !strings.Contains(out.String(), "torn record") || !strings.Contains(out.String(), "component=store") {
		t.Errorf("log: %s", &out)
	}
}

// After a clean stop the journal's files are not read again; a bad frame shows when it is read.
func TestBadFrameIsSkippedAndCounted(t *testing.T) {
	dir := written(t)
	mutate(t, blockFiles(t, dir, journalStream)[0], func(b []byte) []byte {
		b[len(b)/2-20] ^= 1
		return b
	})
	s := openStore(t, dir)
	read := subjects(t, s.Journal(), 0)
	if len(read) != 9 {
		t.Errorf("read %v", read)
	}
	if n := s.Snapshot().Damaged; n != 1 {
		t.Errorf("counted %d", n)
	}
	var tail int
	if err := s.Journal().Tail(t.Context(), 10, func(Fact) bool { tail++; return true }); err != nil {
		t.Fatal(err)
	}
	if tail != 9 || s.Snapshot().Damaged != 2 {
		t.Errorf("tail %d, counted %d", tail, s.Snapshot().Damaged)
	}
}
