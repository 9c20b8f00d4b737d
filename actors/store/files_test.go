package store

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"tandem/conf"
)

// noise is so many bytes, different for each seed.
func noise(seed uint64, n int) []byte {
	b := make([]byte, n)
	r := rand.NewChaCha8([32]byte{byte(seed), byte(seed >> 8), byte(seed >> 16)})
	r.Read(b)
	return b
}

func putFile(t testing.TB, f *Files, name string, b []byte, w FileWrite) FileVersion {
	t.Helper()
	i, err := f.Put(t.Context(), name, b, w)
	if err != nil {
		t.Fatalf("Put %s: %v", name, err)
	}
	return i
}

// hasFile checks that a file has these bytes, and is described so.
func hasFile(t testing.TB, f *Files, name string, want []byte) {
	t.Helper()
	b, i, err := f.Get(context.Background(), name, 0, -1)
	if err != nil || !bytes.Equal(b, want) || i.Size != int64(len(want)) || i.Digest != sha256.Sum256(want) {
		t.Errorf("%s: %d bytes, want %d, %+v, %v", name, len(b), len(want), i, err)
	}
	if s, ok := f.Stat(name); !ok || s.Digest != i.Digest || s.Revision != i.Revision || s.Name != name {
		t.Errorf("%s: described as %+v, read as %+v", name, s, i)
	}
}

func noFile(t testing.TB, f *Files, name string) {
	t.Helper()
	if _, _, err := f.Get(context.Background(), name, 0, -1); !errors.Is(err, ErrNoFile) {
		t.Errorf("%s: %v", name, err)
	}
	if i, ok := f.Stat(name); ok {
		t.Errorf("%s: described as %+v", name, i)
	}
}

// swept waits until the sweeper has done all there is, and nothing is on the disk that no file has.
func swept(t testing.TB, f *Files) {
	t.Helper()
	want := map[string]int{}
	for id, chunks := range f.wanted() {
		want[id] = len(chunks)
	}
	same := func() bool {
		have, err := f.contents.counts(context.Background())
		return err == nil && fmt.Sprint(have) == fmt.Sprint(want)
	}
	for end := time.Now().Add(10 * time.Second); !same(); runtime.Gosched() {
		if time.Now().After(end) {
			have, err := f.contents.counts(context.Background())
			t.Fatalf("on the disk are %v, %v, want %v", have, err, want)
		}
	}
}

func TestFileIsReadAsWritten(t *testing.T) {
	dir := t.TempDir()
	s := openStore(t, dir)
	for _, n := range []int{0, 1, chunkSize - 1, chunkSize, chunkSize + 1, 3*chunkSize + 17} {
		putFile(t, s.Files(), fmt.Sprint("size/", n), noise(1, n), FileWrite{Meta: map[string]string{"n": fmt.Sprint(n)}})
	}
	for range 2 {
		f := s.Files()
		for _, i := range f.List("size/") {
			hasFile(t, f, i.Name, noise(1, int(i.Size)))
			if i.Meta["n"] != fmt.Sprint(i.Size) || i.Created != i.Modified || time.Since(i.Created) > time.Minute {
				t.Errorf("%+v", i)
			}
		}
		if n := len(f.List("")); n != 6 {
			t.Errorf("%d files", n)
		}
		closeStore(t, s)
		s = openStore(t, dir)
	}
}

func TestRangesOfFiles(t *testing.T) {
	f := openStore(t, t.TempDir()).Files()
	all := noise(2, 2*chunkSize+100)
	putFile(t, f, "a", all, FileWrite{})
	size := int64(len(all))
	for _, c := range [][2]int64{{0, -1}, {0, 10}, {5, 0}, {chunkSize - 3, 6}, {chunkSize, chunkSize}, {chunkSize - 1, chunkSize + 2},
		{2 * chunkSize, -1}, {size - 1, 100}, {size, 1}, {size + 5, -1}, {-1, 5}, {10, 1 << 62}} {
		b, i, err := f.Get(t.Context(), "a", c[0], c[1])
		want := []byte{}
		if c[0] >= 0 && c[0] < size {
			want = all[c[0]:]
			if c[1] >= 0 && c[1] < int64(len(want)) {
				want = want[:c[1]]
			}
		}
		if err != nil || i.Size != size || !bytes.Equal(b, want) {
			t.Errorf("%v: %d bytes, want %d, %v", c, len(b), len(want), err)
		}
	}
}

func TestReplacedAndDeletedFilesLeaveTheDisk(t *testing.T) {
	dir := t.TempDir()
	s := openStore(t, dir)
	f := s.Files()
	first := putFile(t, f, "a", noise(1, 2*chunkSize), FileWrite{Meta: map[string]string{"k": "v"}})
	second := putFile(t, f, "a", noise(2, 100), FileWrite{})
	if second.Created != first.Created || !second.Modified.After(first.Modified) || second.Meta["k"] != "v" {
		t.Errorf("%+v after %+v", second, first)
	}
	if i := putFile(t, f, "a", noise(2, 100), FileWrite{Meta: map[string]string{}}); len(i.Meta) != 0 {
		t.Errorf("properties stay: %v", i.Meta)
	}
	putFile(t, f, "b", noise(3, chunkSize+1), FileWrite{})
	if err := f.Delete(t.Context(), "b", FileWrite{}); err != nil {
		t.Fatal(err)
	}
	if err := f.Delete(t.Context(), "b", FileWrite{}); err != nil {
		t.Errorf("deleted twice: %v", err)
	}
	noFile(t, f, "b")
	if f.Used() != 100 || s.Snapshot().FileBytes != 100 {
		t.Errorf("%d bytes in use", f.Used())
	}
	swept(t, f)
	for len(f.bucket.copied.deleted()) > 0 {
		runtime.Gosched() // until the deletion is forgotten
	}
	putFile(t, f, "b", noise(4, 5), FileWrite{Expect: ptr(0)})
	closeStore(t, s)
	unclean(t, dir)
	s = openStore(t, dir)
	hasFile(t, s.Files(), "a", noise(2, 100))
	hasFile(t, s.Files(), "b", noise(4, 5))
	if s.Files().Used() != 105 || s.Snapshot().Damaged != 0 {
		t.Errorf("%d bytes in use, %d damaged", s.Files().Used(), s.Snapshot().Damaged)
	}
}

// A store whose files have all gone opens after a crash.
func TestEmptiedStoreOpens(t *testing.T) {
	dir := t.TempDir()
	for round := range 3 {
		s := openStore(t, dir)
		f := s.Files()
		for i := range 20 {
			putFile(t, f, fmt.Sprint(i), noise(uint64(i), chunkSize+1), FileWrite{})
		}
		for i := range 20 {
			if err := f.Delete(t.Context(), fmt.Sprint(i), FileWrite{}); err != nil {
				t.Fatal(err)
			}
		}
		swept(t, f)
		if n := s.Snapshot(); n.FileBytes != 0 || n.Damaged != 0 {
			t.Errorf("round %d: %+v", round, n)
		}
		closeStore(t, s)
		unclean(t, dir)
	}
}

func TestAppendToFiles(t *testing.T) {
	dir := t.TempDir()
	s := openStore(t, dir)
	f := s.Files()
	var want []byte
	for i, n := range []int{0, 10, 20, chunkSize / 2, 100, chunkSize, 7, 2 * chunkSize, 1, 1} {
		b := noise(uint64(i), n)
		want = append(want, b...)
		if _, err := f.Append(t.Context(), "log", b, FileWrite{}); err != nil {
			t.Fatal(err)
		}
		hasFile(t, f, "log", want)
	}
	swept(t, f)
	r, _, _ := f.record("log")
	if len(r.chunks) > 2*len(want)/chunkSize+1 {
		t.Errorf("%d chunks for %d bytes", len(r.chunks), len(want))
	}
	closeStore(t, s)
	f = openStore(t, dir).Files()
	if _, err := f.Append(t.Context(), "log", []byte("x"), FileWrite{}); err != nil {
		t.Fatal(err)
	}
	hasFile(t, f, "log", append(want, 'x'))
	stale := uint64(1)
	if _, err := f.Append(t.Context(), "log", []byte("x"), FileWrite{Expect: &stale}); !errors.Is(err, ErrConflict) {
		t.Errorf("an old revision: %v", err)
	}
}

// A record whose hash another release of Go has written is gone on with all the same.
func TestAppendWithoutTheHash(t *testing.T) {
	f := openStore(t, t.TempDir()).Files()
	putFile(t, f, "log", noise(1, chunkSize+5), FileWrite{})
	r, e, _ := f.record("log")
	r.hash = []byte("another form")
	if _, err := f.commit(t.Context(), "log", r, FileWrite{Expect: &e.Revision}); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Append(t.Context(), "log", []byte("x"), FileWrite{}); err != nil {
		t.Fatal(err)
	}
	hasFile(t, f, "log", append(noise(1, chunkSize+5), 'x'))
}

func TestCompareAndSetOfFiles(t *testing.T) {
	f := openStore(t, t.TempDir()).Files()
	first := putFile(t, f, "a", []byte("1"), FileWrite{Expect: ptr(0)})
	if _, err := f.Put(t.Context(), "a", []byte("2"), FileWrite{Expect: ptr(0)}); !errors.Is(err, ErrConflict) {
		t.Errorf("made twice: %v", err)
	}
	putFile(t, f, "a", []byte("3"), FileWrite{Expect: &first.Revision})
	if _, err := f.Put(t.Context(), "a", []byte("4"), FileWrite{Expect: &first.Revision}); !errors.Is(err, ErrConflict) {
		t.Errorf("an old revision: %v", err)
	}
	if err := f.Delete(t.Context(), "a", FileWrite{Expect: &first.Revision}); !errors.Is(err, ErrConflict) {
		t.Errorf("an old revision deleted: %v", err)
	}
	if _, err := f.Rename(t.Context(), "a", "b", FileWrite{Expect: &first.Revision}); !errors.Is(err, ErrConflict) {
		t.Errorf("an old revision renamed: %v", err)
	}
	hasFile(t, f, "a", []byte("3"))
	swept(t, f)
}

func TestRename(t *testing.T) {
	f := openStore(t, t.TempDir()).Files()
	made := putFile(t, f, "new/1", noise(1, chunkSize+1), FileWrite{Meta: map[string]string{"from": "bob"}})
	putFile(t, f, "old/2", []byte("other"), FileWrite{})
	if _, err := f.Rename(t.Context(), "new/1", "old/2", FileWrite{}); !errors.Is(err, ErrConflict) {
		t.Errorf("over another: %v", err)
	}
	if _, err := f.Rename(t.Context(), "none", "x", FileWrite{}); !errors.Is(err, ErrNoFile) {
		t.Errorf("none: %v", err)
	}
	if _, err := f.Rename(t.Context(), "new/1", "new/1", FileWrite{}); err != nil {
		t.Errorf("to itself: %v", err)
	}
	i, err := f.Rename(t.Context(), "new/1", "old/1", FileWrite{})
	if err != nil || i.Name != "old/1" || i.Created != made.Created || i.Modified != made.Modified || i.Meta["from"] != "bob" {
		t.Errorf("%+v %v", i, err)
	}
	noFile(t, f, "new/1")
	hasFile(t, f, "old/1", noise(1, chunkSize+1))
	if _, err := f.Rename(t.Context(), "old/1", "new/1", FileWrite{Meta: map[string]string{}}); err != nil {
		t.Errorf("and back: %v", err)
	}
	swept(t, f)
	hasFile(t, f, "new/1", noise(1, chunkSize+1))
	if err := f.Delete(t.Context(), "new/1", FileWrite{}); err != nil {
		t.Fatal(err)
	}
	swept(t, f)
	if f.Used() != 5 {
		t.Errorf("%d bytes in use", f.Used())
	}
}

// A name that was deleted can be used again at once, however near the sweeper is.
func TestNamesAreUsedAgain(t *testing.T) {
	f := openStore(t, t.TempDir()).Files()
	putFile(t, f, "a", []byte("x"), FileWrite{})
	for i := range 100 {
		for _, names := range [][2]string{{"a", "b"}, {"b", "a"}} {
			if _, err := f.Rename(t.Context(), names[0], names[1], FileWrite{}); err != nil {
				t.Fatalf("%d: %v", i, err)
			}
		}
	}
	hasFile(t, f, "a", []byte("x"))
}

// A crash between the two names of a rename leaves one name, and a newer version of the old name alone.
func TestRenameThatWasCutOff(t *testing.T) {
	dir := t.TempDir()
	s := openStore(t, dir)
	f := s.Files()
	for _, name := range []string{"a", "b"} {
		putFile(t, f, name, []byte(name), FileWrite{})
		r, e, _ := f.record(name)
		r.from, r.fromRevision = name, e.Revision
		if _, err := f.commit(t.Context(), name+"2", r, FileWrite{}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := f.Append(t.Context(), "b", []byte("more"), FileWrite{}); err != nil { // shares its contents with b2
		t.Fatal(err)
	}
	closeStore(t, s)
	s = openStore(t, dir)
	f = s.Files()
	noFile(t, f, "a")
	hasFile(t, f, "a2", []byte("a"))
	hasFile(t, f, "b", []byte("bmore"))
	hasFile(t, f, "b2", []byte("b"))
	if n := s.Snapshot().Damaged; n != 0 {
		t.Errorf("%d damaged", n)
	}
}

// A file that was deleted does not come back when the member is killed afterwards: neither its last version
// nor one before it. The engine reads its files anew then, as they lie on the disk.
func TestKillAfterDelete(t *testing.T) {
	dir := t.TempDir()
	f := openStore(t, dir).Files()
	for i := range 5 {
		putFile(t, f, "a", noise(uint64(i), 100), FileWrite{})
		putFile(t, f, "b", noise(uint64(i), 200), FileWrite{})
	}
	if err := f.Delete(t.Context(), "a", FileWrite{}); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Rename(t.Context(), "b", "c", FileWrite{}); err != nil {
		t.Fatal(err)
	}
	swept(t, f)
	for len(f.bucket.copied.deleted()) > 0 {
		runtime.Gosched()
	}
	killed := filepath.Join(t.TempDir(), "killed")
	if err := os.CopyFS(killed, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	s := openStore(t, killed)
	f = s.Files()
	noFile(t, f, "a")
	noFile(t, f, "b")
	hasFile(t, f, "c", noise(4, 200))
	if n := s.Snapshot().Damaged; n != 0 {
		t.Errorf("%d damaged", n)
	}
}

func TestLimitsOfFiles(t *testing.T) {
	f := openStore(t, t.TempDir(), func(c *conf.Store) { c.MaxFile, c.MaxFiles = 1000, 1500 }).Files()
	long := strings.Repeat("n", maxKey)
	putFile(t, f, long, make([]byte, 1000), FileWrite{})
	many := map[string]string{}
	for i := range maxMetas + 1 {
		many[fmt.Sprint(i)] = ""
	}
	for what, c := range map[string]struct {
		name string
		size int
		w    FileWrite
		want error
	}{
		"no name":    {"", 1, FileWrite{}, ErrBadKey},
		"name":       {long + "n", 1, FileWrite{}, ErrBadKey},
		"size":       {"a", 1001, FileWrite{}, ErrTooLarge},
		"room":       {"a", 501, FileWrite{}, ErrNoRoom},
		"properties": {"a", 1, FileWrite{Meta: many}, ErrTooLarge},
		"property":   {"a", 1, FileWrite{Meta: map[string]string{"k": strings.Repeat("v", maxMeta)}}, ErrTooLarge},
		"author":     {"a", 1, FileWrite{Author: strings.Repeat("a", maxAuthor+1)}, ErrTooLarge},
	} {
		if _, err := f.Put(t.Context(), c.name, make([]byte, c.size), c.w); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if _, err := f.Append(t.Context(), long, []byte("x"), FileWrite{}); !errors.Is(err, ErrTooLarge) {
		t.Errorf("appended: %v", err)
	}
	if _, err := f.Rename(t.Context(), long, long+"n", FileWrite{}); !errors.Is(err, ErrBadKey) {
		t.Errorf("renamed: %v", err)
	}
	putFile(t, f, "a", make([]byte, 500), FileWrite{})
	swept(t, f)
}

func TestFailedPutLeavesNothing(t *testing.T) {
	s := openStore(t, t.TempDir())
	f := s.Files()
	putFile(t, f, "a", []byte("old"), FileWrite{})
	n := 0
	f.contents.check = func() error {
		if n++; n > 2 {
			return ErrDiskFull
		}
		return nil
	}
	if _, err := f.Put(t.Context(), "a", noise(1, 4*chunkSize), FileWrite{}); !errors.Is(err, ErrDiskFull) {
		t.Errorf("Put: %v", err)
	}
	hasFile(t, f, "a", []byte("old"))
	swept(t, f)
	f.contents.check = s.space
	f.bucket.check = func() error { return ErrDiskFull }
	if _, err := f.Put(t.Context(), "a", noise(1, 10), FileWrite{}); !errors.Is(err, ErrDiskFull) {
		t.Errorf("Put: %v", err)
	}
	if _, err := f.Append(t.Context(), "a", noise(1, 10), FileWrite{}); !errors.Is(err, ErrDiskFull) {
		t.Errorf("Append: %v", err)
	}
	hasFile(t, f, "a", []byte("old"))
	swept(t, f)
	f.bucket.check = s.space
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := f.Put(gone, "a", noise(1, 10), FileWrite{}); err == nil {
		t.Error("Put without time")
	}
	closeStore(t, s)
	if _, err := f.Put(t.Context(), "a", []byte("x"), FileWrite{}); !errors.Is(err, ErrClosed) {
		t.Errorf("Put after Close: %v", err)
	}
}

func TestWatchOfFiles(t *testing.T) {
	f := openStore(t, t.TempDir()).Files()
	putFile(t, f, "pbx/before", nil, FileWrite{})
	seen := make(chan string, 100)
	stop := f.Watch("pbx/", func(i FileVersion, deleted bool) {
		if now, ok := f.Stat(i.Name); ok == deleted || ok && now.Revision != i.Revision {
			t.Errorf("told %+v, there is %+v", i, now)
		}
		seen <- fmt.Sprint(i.Name, " ", i.Size, " ", deleted)
	})
	putFile(t, f, "pbx/a", []byte("1"), FileWrite{})
	if got := <-seen; got != "pbx/a 1 false" {
		t.Error(got)
	}
	putFile(t, f, "mail/a", []byte("1"), FileWrite{})
	if err := f.Delete(t.Context(), "pbx/a", FileWrite{}); err != nil {
		t.Fatal(err)
	}
	if got := <-seen; got != "pbx/a 0 true" {
		t.Error(got)
	}
	stop()
	putFile(t, f, "pbx/after", nil, FileWrite{})
	if len(seen) > 0 {
		t.Errorf("after stop: %s", <-seen)
	}
}

// Writers of one file never lose each other's appends; a reader sees whole versions only.
func TestManyWritersOfOneFile(t *testing.T) {
	f := openStore(t, t.TempDir()).Files()
	var wg sync.WaitGroup
	for w := range 4 {
		wg.Go(func() {
			for i := range 10 {
				if _, err := f.Append(t.Context(), "log", fmt.Appendf(nil, "%d.%d\n", w, i), FileWrite{}); err != nil {
					t.Error(err)
				}
				putFile(t, f, "whole", bytes.Repeat([]byte{byte('a' + w)}, chunkSize+10), FileWrite{})
			}
		})
	}
	wg.Go(func() {
		for range 30 {
			b, _, err := f.Get(t.Context(), "whole", 0, -1)
			if err == nil && len(bytes.Trim(b, string(b[:1]))) > 0 {
				t.Error("a mixture of versions")
			}
			if err != nil && !errors.Is(err, ErrNoFile) {
				t.Error(err)
			}
		}
	})
	wg.Wait()
	b, _, err := f.Get(t.Context(), "log", 0, -1)
	if err != nil || bytes.Count(b, []byte("\n")) != 40 {
		t.Errorf("%q %v", b, err)
	}
	swept(t, f)
}

// Contents that went bad while the store was closed cleanly are seen at Open and when they are read.
func TestMissingContentsAreCounted(t *testing.T) {
	dir := t.TempDir()
	s := openStore(t, dir)
	putFile(t, s.Files(), "a", noise(1, 2*chunkSize), FileWrite{})
	putFile(t, s.Files(), "b", noise(2, 10), FileWrite{})
	r, _, _ := s.Files().record("a")
	if err := s.Files().contents.remove(t.Context(), r.chunks[:1]); err != nil {
		t.Fatal(err)
	}
	if err := s.Files().contents.remove(t.Context(), r.chunks[:1]); err != nil {
		t.Errorf("removed twice: %v", err)
	}
	closeStore(t, s)
	var out bytes.Buffer
	s, err := Open(t.Context(), dir, conf.DefaultStore(), nil, slog.New(slog.NewTextHandler(&out, nil)))
	if err != nil {
		t.Fatal(err)
	}
	defer closeStore(t, s)
	if _, _, err := s.Files().Get(t.Context(), "a", 0, -1); !errors.Is(err, ErrDamaged) {
		t.Errorf("read: %v", err)
	}
	if n := s.Snapshot().Damaged; n != 2 || !strings.Contains(out.String(), "contents of a file are missing") {
		t.Errorf("%d damaged, log: %s", n, &out)
	}
	hasFile(t, s.Files(), "b", noise(2, 10))
}

func TestRecordRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := &fileRecord{created: time.Unix(0, rapid.Int64().Draw(t, "created")).UTC(), modified: time.Unix(1, 2).UTC(),
			hash: rapid.SliceOfN(rapid.Byte(), 0, maxHash).Draw(t, "hash"), from: rapid.String().Draw(t, "from"),
			fromRevision: rapid.Uint64().Draw(t, "revision"),
			meta:         rapid.MapOfN(rapid.String(), rapid.String(), 1, 5).Draw(t, "meta")}
		for range rapid.IntRange(0, 4).Draw(t, "chunks") {
			c := chunk{rapid.Uint64().Draw(t, "seq"), rapid.Int64Range(1, chunkSize).Draw(t, "size")}
			r.id, r.chunks, r.size = newID(time.Now()), append(r.chunks, c), r.size+c.size
		}
		b := r.encode()
		got, err := decodeRecord(b)
		if err != nil || fmt.Sprint(got) != fmt.Sprint(r) {
			t.Fatalf("%v became %v, %v", r, got, err)
		}
		for n := range b {
			if got, err := decodeRecord(b[:n]); !errors.Is(err, ErrBadEntry) {
				t.Fatalf("cut off at %d: %v %v", n, got, err)
			}
		}
	})
}

func FuzzRecord(f *testing.F) {
	f.Add((&fileRecord{}).encode())
	f.Add((&fileRecord{id: newID(time.Now()), size: 3, chunks: []chunk{{1, 3}}, meta: map[string]string{"a": "b"}}).encode())
	f.Add([]byte{recordV1})
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := decodeRecord(b)
		if err != nil {
			return
		}
		if again, err := decodeRecord(r.encode()); err != nil || fmt.Sprint(again) != fmt.Sprint(r) {
			t.Errorf("%v became %v %v", r, again, err)
		}
	})
}

func TestIDs(t *testing.T) {
	now := time.UnixMilli(1764000000123)
	if at, ok := idTime(newID(now)); !ok || !at.Equal(now) {
		t.Errorf("%v %v", at, ok)
	}
	for _, id := range []string{"", "-", "abc", "abc-", "abc-ABC", newID(now) + "A", "!-" + strings.Repeat("A", idRandom),
		"-1-" + strings.Repeat("A", idRandom), "abc-" + strings.Repeat("a", idRandom)} {
		if _, ok := idTime(id); ok {
			t.Errorf("%q is an id", id)
		}
	}
}

// Any story of writes, with starts between them, leaves what a map would have.
func TestFilesAreLikeAMap(t *testing.T) {
	dir := t.TempDir()
	s := openStore(t, dir)
	rapid.Check(t, func(r *rapid.T) {
		for _, i := range s.Files().List("") { // of the story before
			if err := s.Files().Delete(t.Context(), i.Name, FileWrite{}); err != nil {
				r.Fatal(err)
			}
		}
		model := map[string][]byte{}
		names := rapid.SampledFrom([]string{"a", "b", "b/c"})
		sizes := rapid.SampledFrom([]int{0, 1, 100, chunkSize / 2, chunkSize/2 + 1, chunkSize, chunkSize + 1})
		for i := range rapid.IntRange(1, 12).Draw(r, "steps") {
			name, b := names.Draw(r, "name"), noise(uint64(i), sizes.Draw(r, "size"))
			var err error
			switch rapid.IntRange(0, 20).Draw(r, "step") % 7 {
			case 0:
				_, err = s.Files().Put(t.Context(), name, b, FileWrite{})
				model[name] = b
			case 1:
				_, err = s.Files().Append(t.Context(), name, b, FileWrite{})
				model[name] = append(slices.Clip(model[name]), b...)
			case 2:
				err = s.Files().Delete(t.Context(), name, FileWrite{})
				delete(model, name)
			case 3:
				to := names.Draw(r, "to")
				_, err = s.Files().Rename(t.Context(), name, to, FileWrite{})
				_, is := model[name]
				_, taken := model[to]
				switch {
				case !is && errors.Is(err, ErrNoFile), is && taken && to != name && errors.Is(err, ErrConflict):
					err = nil
				case is && to != name:
					model[to] = model[name]
					delete(model, name)
				}
			case 4, 5:
				_, err = s.Files().Append(t.Context(), name, b[:min(len(b), 7)], FileWrite{})
				model[name] = append(slices.Clip(model[name]), b[:min(len(b), 7)]...)
			case 6:
				closeStore(t, s)
				unclean(t, dir)
				s = openStore(t, dir)
			}
			if err != nil {
				r.Fatal(err)
			}
		}
		total := 0
		for name, b := range model {
			hasFile(t, s.Files(), name, b)
			total += len(b)
		}
		if n := len(s.Files().List("")); n != len(model) || s.Files().Used() != int64(total) || s.Snapshot().Damaged != 0 {
			r.Errorf("%d files, want %d; %d bytes, want %d; %d damaged", n, len(model), s.Files().Used(), total, s.Snapshot().Damaged)
		}
		swept(t, s.Files())
	})
}

func BenchmarkPutFile(b *testing.B) {
	for _, size := range []int{1000, 100000, 8 << 20} {
		b.Run(fmt.Sprint("bytes=", size), func(b *testing.B) {
			f := openStore(b, b.TempDir()).Files()
			data := noise(1, size)
			var took []time.Duration
			b.SetBytes(int64(size))
			for n := 0; b.Loop(); n++ {
				start := time.Now()
				putFile(b, f, fmt.Sprint(n%20), data, FileWrite{})
				took = append(took, time.Since(start))
			}
			percentiles(b, took)
		})
	}
}

func BenchmarkGetFile(b *testing.B) {
	for _, size := range []int{100000, 8 << 20} {
		b.Run(fmt.Sprint("bytes=", size), func(b *testing.B) {
			f := openStore(b, b.TempDir()).Files()
			putFile(b, f, "a", noise(1, size), FileWrite{})
			b.SetBytes(int64(size))
			for b.Loop() {
				if _, _, err := f.Get(b.Context(), "a", 0, -1); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkListFiles(b *testing.B) {
	f := openStore(b, b.TempDir()).Files()
	for n := range 1000 {
		putFile(b, f, fmt.Sprint("voicemail/new/", n), nil, FileWrite{Meta: map[string]string{"from": "bob", "duration": "12"}})
	}
	for b.Loop() {
		if n := len(f.List("voicemail/new/")); n != 1000 {
			b.Fatal(n)
		}
	}
}
