package store

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
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
	s, err := Open(t.Context(), dir, c, nil, testLog(t))
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
	_, err := Open(t.Context(), dir, conf.DefaultStore(), nil, testLog(t))
	if !errors.Is(err, ErrInUse) || !strings.Contains(err.Error(), dir) {
		t.Fatalf("got %v", err)
	}
	closeStore(t, s)
	openStore(t, dir)
}

// What a kill cannot show, but a power cut would: each write is synced. And nobody can connect.
func TestEngineSyncsAndDoesNotListen(t *testing.T) {
	s := openStore(t, t.TempDir())
	if c := s.engine.srv.JetStreamConfig(); !c.SyncAlways {
		t.Error("writes are not synced")
	}
	if a := s.engine.srv.Addr(); a != nil {
		t.Errorf("listens at %v", a)
	}
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
		if _, err := Open(t.Context(), t.TempDir(), c, nil, testLog(t)); err == nil ||
			!strings.Contains(err.Error(), name) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	if _, err := Open(t.Context(), "", conf.DefaultStore(), nil, testLog(t)); err == nil {
		t.Error("no directory accepted")
	}
}

func TestOpenWithoutServerOutside(t *testing.T) {
	c := conf.DefaultStore()
	c.URL = "nats://127.0.0.1:1"
	if _, err := Open(t.Context(), t.TempDir(), c, nil, testLog(t)); !errors.Is(err, ErrUnavailable) {
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
