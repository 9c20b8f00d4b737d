package store

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"tandem/conf"
)

// blockFiles lists the block files of a stream.
func blockFiles(t *testing.T, dir, stream string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "store", "jetstream", "$G", "streams", stream, "msgs", "*.blk"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no blocks of %s: %v", stream, err)
	}
	return files
}

// written makes a directory with ten frames of one fact each and four settings, with and without headers, stopped cleanly.
func written(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	s := openStore(t, dir)
	for _, f := range numbered(0, 10) {
		appendAll(t, s.Journal(), f)
	}
	for i := range 3 {
		o := Write{Author: "ann", Expect: ptr(0)}
		put(t, s.Bucket(Settings), fmt.Sprint("key", i), "value-of-setting", o)
	}
	put(t, s.Bucket(Settings), "key0", "value-of-setting", Write{Author: "ann"})
	for i := range 3 {
		putFile(t, s.Files(), fmt.Sprint("file", i), noise(uint64(i), 300), FileWrite{})
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
	const settings = "KV_tandem_settings"
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
		"settings, a bit in a value":       {settings, flip(func(b []byte) int { return bytes.Index(b, []byte("value-of")) })},
		"settings, last record cut off":    {settings, func(b []byte) []byte { return b[:len(b)-70] }},
		"contents, a bit in the middle":    {contentsStream, middle},
		"contents, end cut off":            {contentsStream, func(b []byte) []byte { return b[:len(b)-3] }},
		"contents, everything gone":        {contentsStream, func([]byte) []byte { return nil }},
		"file records, end cut off":        {"KV_tandem_files", func(b []byte) []byte { return b[:len(b)-3] }},
		"settings, zeros for the last 100": {settings, func(b []byte) []byte { clear(b[len(b)-100:]); return b }},
	} {
		t.Run(name, func(t *testing.T) {
			dir := written(t)
			unclean(t, dir)
			file := blockFiles(t, dir, c.stream)[0]
			mutate(t, file, c.change)
			before, _ := os.ReadFile(file)
			_, err := Open(t.Context(), dir, conf.DefaultStore(), nil, testLog(t))
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
	s, err := Open(t.Context(), dir, conf.DefaultStore(), nil, slog.New(slog.NewTextHandler(&out, nil)))
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
	if err := s.Journal().Tail(t.Context(), 10, nil, func(Fact) bool { tail++; return true }); err != nil {
		t.Fatal(err)
	}
	if tail != 9 || s.Snapshot().Damaged != 2 {
		t.Errorf("tail %d, counted %d", tail, s.Snapshot().Damaged)
	}
}

// That old facts go is no damage, not even when all have gone; and positions go on.
func TestOldFactsGo(t *testing.T) {
	for name, c := range map[string]struct {
		left   int
		change func(*conf.Store)
	}{
		"by size": {3, func(c *conf.Store) { c.MaxBytes = 100 << 10 }},
		"by age":  {0, func(c *conf.Store) { c.MaxAge = 200 * time.Millisecond }},
	} {
		t.Run(name, func(t *testing.T) {
			dir, change := t.TempDir(), c.change
			s := openStore(t, dir, change)
			for range 10 {
				appendAll(t, s.Journal(), Fact{Kind: "big", Body: make([]byte, 30000)})
			}
			last := s.Journal().Last()
			for len(subjects(t, s.Journal(), 0)) > c.left {
				runtime.Gosched() // until the engine has dropped them
			}
			if n := s.Snapshot().Damaged; n != 0 {
				t.Errorf("%d damaged", n)
			}
			closeStore(t, s)
			unclean(t, dir)
			s = openStore(t, dir, change)
			if got := sequence(s.Journal().Last()); got != sequence(last) {
				t.Errorf("last frame %d, was %d", got, sequence(last))
			}
			if pos := appendAll(t, s.Journal(), Fact{Kind: "next"}); pos[0] <= last {
				t.Errorf("position %d behind %d", pos[0], last)
			}
			if n := s.Snapshot().Damaged; n != 0 {
				t.Errorf("%d damaged", n)
			}
		})
	}
}

// Every single flipped bit in a block that the engine has written is noticed.
func TestEveryFlippedBitIsSeen(t *testing.T) {
	dir := written(t)
	for _, st := range []stream{journalRecords, bucketRecords(Settings), contentsRecords} {
		b, err := os.ReadFile(blockFiles(t, dir, st.name)[0])
		if err != nil {
			t.Fatal(err)
		}
		s := newScanner(st, 1)
		if r := s.scan(b); r.bad >= 0 || r.last == 0 {
			t.Fatalf("%s: a good block: %+v", st.name, r)
		}
		for bit := range 8 * len(b) {
			b[bit/8] ^= 1 << (bit % 8)
			if r := s.scan(b); r.bad < 0 || r.bad > bit/8 {
				t.Errorf("%s: bit %d of byte %d: %+v", st.name, bit%8, bit/8, r)
			}
			b[bit/8] ^= 1 << (bit % 8)
		}
	}
}

func FuzzBlock(f *testing.F) {
	f.Add([]byte{30, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0})
	f.Add(bytes.Repeat([]byte{0xff}, 64))
	f.Add(append([]byte{40, 0, 0, 0x80, 1}, make([]byte, 60)...))
	f.Fuzz(func(t *testing.T, b []byte) {
		if r := newScanner(journalRecords, 1).scan(b); len(b) > 0 && (r.bad != 0 || r.more) {
			t.Errorf("found a good record in noise: %+v", r)
		}
	})
}
