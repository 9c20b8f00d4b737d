package environment

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"tandem/actors/pbx/cgpl"
)

// shelf is a Source in memory that counts.
type shelf struct {
	mu     sync.Mutex
	files  map[string][]byte
	asked  atomic.Int64
	closed chan struct{} // if not nil, nothing is given before it is closed
}

func (s *shelf) Contents(ctx context.Context, key string) ([]byte, error) {
	s.asked.Add(1)
	if s.closed != nil {
		<-s.closed
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if b, ok := s.files[key]; ok {
		return b, ctx.Err()
	}
	return nil, fmt.Errorf("%w: %s", ErrNotFound, key)
}

// lab is a Set with its shelf and its log.
type lab struct {
	*testing.T
	*Set
	shelf *shelf
	out   bytes.Buffer
}

func newLab(t *testing.T, stock fstest.MapFS, limits Limits) *lab {
	t.Helper()
	l := &lab{T: t, shelf: &shelf{files: map[string][]byte{}}}
	var err error
	l.Set, err = New("one", stock, cgpl.Library{}, l.shelf, limits, slog.New(slog.NewTextHandler(&l.out, nil)))
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// put stores a file as the one who follows the store does it.
func (l *lab) put(p Place, path, text string) {
	l.Helper()
	l.shelf.mu.Lock()
	l.shelf.files[Key(p, path)] = []byte(text)
	l.shelf.mu.Unlock()
	if err := l.Set.Put(fileOf(p, path, text), source(path, text)); err != nil {
		l.Fatal(err)
	}
}

func fileOf(p Place, path, text string) File {
	return File{Place: p, Path: path, Size: int64(len(text)), Digest: sha256.Sum256([]byte(text)), Modified: time.Unix(1, 0)}
}

func source(path, text string) []byte {
	if IsProgram(path) {
		return []byte(text)
	}
	return nil
}

func (l *lab) read(domain, language, name string) string {
	l.Helper()
	b, err := l.ReadEnvirFile(l.Context(), domain, language, name)
	if err != nil {
		return err.Error()
	}
	return string(b)
}

var (
	ours    = Place{Domain, "tandem.local"}
	one     = Place{Server, "one"}
	two     = Place{Server, "two"}
	cluster = Place{Scope: Cluster}
)

// Each step takes away the file that was found, and the next in the order appears.
func TestOrderOfLookUp(t *testing.T) {
	l := newLab(t, fstest.MapFS{"fr/a.wav": {Data: []byte("stock fr")}, "A.wav": {Data: []byte("stock")}}, DefaultLimits())
	for _, p := range []Place{ours, one, two, cluster, {Domain, "other.local"}} {
		l.put(p, "a.wav", p.String())
		l.put(p, "Fr/A.wav", p.String()+" fr")
	}
	for _, step := range []struct {
		want  string
		place Place
		path  string
	}{
		{"domain/tandem.local fr", ours, "fr/a.wav"}, {"domain/tandem.local", ours, "A.WAV"},
		{"server/one fr", one, "FR/a.wav"}, {"server/one", one, "a.wav"},
		{"cluster fr", cluster, "fr/a.wav"}, {"cluster", cluster, "a.wav"},
		{"stock fr", StockPlace, "fr/a.wav"}, {"stock", StockPlace, "a.wav"},
		{"file is not found: A.wav", ours, "a.wav"},
	} {
		if got := l.read("Tandem.Local", "FR", "A.wav"); got != step.want {
			t.Errorf("found %q, want %q", got, step.want)
		}
		l.Remove(step.place, step.path)
	}
	if got := l.read("other.local", "", "a.wav"); got != "domain/other.local" {
		t.Errorf("the other domain: %q", got)
	}
}

func TestLookUpInOneDirectory(t *testing.T) {
	l := newLab(t, fstest.MapFS{"a.wav": {Data: []byte("default")}}, DefaultLimits())
	l.put(ours, "fr/a.wav", "french")
	for name, want := range map[string]string{
		"fr/a.wav": "french", "de/a.wav": "file is not found: de/a.wav", "a.wav": "default",
		"../a.wav": ErrBadName.Error(), "a\x00.wav": ErrBadName.Error(),
	} {
		if got := l.read("tandem.local", "", name); !strings.HasPrefix(got, want) {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
	if got := l.read("tandem.local", "..", "a.wav"); !strings.HasPrefix(got, ErrBadName.Error()) {
		t.Errorf("a bad language: %q", got)
	}
	if got := l.read("", "", "a.wav"); got != "default" {
		t.Errorf("no domain: %q", got)
	}
}

func TestProgramIsCompiledOnceAndChanges(t *testing.T) {
	l := newLab(t, fstest.MapFS{"menu.sppr": {Data: []byte("entry main is null; end entry;")}}, DefaultLimits())
	program := func(name string) *cgpl.Module {
		t.Helper()
		m, _, err := l.Program("tandem.local", "", name)
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	first := program("Menu")
	if program("menu.SPPR") != first {
		t.Error("compiled twice")
	}
	l.put(ours, "menu.sppr", "entry main is stop; end entry;")
	second := program("menu")
	if second == first {
		t.Error("the domain's program is not found")
	}
	again := fileOf(ours, "menu.sppr", "entry main is stop; end entry;")
	again.Modified = time.Unix(2, 0)
	if err := l.Set.Put(again, []byte("entry main is stop; end entry;")); err != nil || program("menu") != second {
		t.Errorf("the same text was compiled again: %v", err)
	}
	l.put(ours, "menu.sppr", "entry main is null; null; end entry;")
	if program("menu") == second {
		t.Error("a change is not seen")
	}
	l.Remove(ours, "menu.sppr")
	if program("menu") != first {
		t.Error("the stock program is not back")
	}
	if _, _, err := l.Program("tandem.local", "", "none"); !errors.Is(err, ErrNotFound) {
		t.Errorf("no such program: %v", err)
	}
}

func TestModulesByLanguageAndWithoutCase(t *testing.T) {
	l := newLab(t, fstest.MapFS{"findfreeagents.sppi": {Data: []byte("function f() is return 1; end function;")}}, DefaultLimits())
	l.put(ours, "fr/FindFreeAgents.sppi", "function f() is return 2; end function;")
	english, err1 := l.Loader("tandem.local", "en")("findFreeAgents")
	french, err2 := l.Loader("tandem.local", "fr")("findFreeAgents")
	if err1 != nil || err2 != nil || english == nil || french == nil || english == french {
		t.Errorf("%v %v, %v %v", english, french, err1, err2)
	}
	if _, err := l.Loader("tandem.local", "")("none"); !errors.Is(err, ErrNotFound) {
		t.Errorf("no such module: %v", err)
	}
}

func TestFaultyProgramIsLoggedOnce(t *testing.T) {
	l := newLab(t, fstest.MapFS{}, DefaultLimits())
	l.put(cluster, "broken.sppr", "entry main is !!! end")
	l.Compile(cluster, "broken.sppr")
	for range 3 {
		m, _, err := l.Program("tandem.local", "", "broken")
		if m != nil || !errors.Is(err, ErrFaulty) || !strings.Contains(err.Error(), "broken.sppr:1:") {
			t.Errorf("%v %v", m, err)
		}
	}
	if n := strings.Count(l.out.String(), "level=WARN"); n != 1 {
		t.Errorf("logged %d times: %s", n, &l.out)
	}
	l.Compile(cluster, "gone.sppr")
}

// A fault of the compiler costs one program, and not the member each time that it starts.
func TestCompilerThatFails(t *testing.T) {
	l := newLab(t, fstest.MapFS{"menu.sppr": {Data: []byte("text")}}, DefaultLimits())
	l.compiler = func(string, string, cgpl.Library) (*cgpl.Module, cgpl.Diagnostics) { panic("fault") }
	m, _, err := l.Program("tandem.local", "", "menu")
	if m != nil || !errors.Is(err, ErrFaulty) || !strings.Contains(err.Error(), "menu.sppr: the compiler failed: fault") {
		t.Errorf("%v %v", m, err)
	}
}

func TestManyAskForOneProgram(t *testing.T) {
	l := newLab(t, fstest.MapFS{"menu.sppr": {Data: []byte("entry main is null; end entry;")}}, DefaultLimits())
	var wg sync.WaitGroup
	found := make(chan *cgpl.Module, 50)
	for range cap(found) {
		wg.Go(func() {
			m, _, err := l.Program("tandem.local", "", "menu")
			if err != nil {
				t.Error(err)
			}
			found <- m
		})
	}
	wg.Wait()
	for first := <-found; len(found) > 0; {
		if <-found != first {
			t.Fatal("compiled twice")
		}
	}
}

func TestLimitsOfPrograms(t *testing.T) {
	l := newLab(t, fstest.MapFS{}, Limits{Source: 10, Sources: 25, Contents: 1})
	put := func(path, text string) error { return l.Set.Put(fileOf(ours, path, text), []byte(text)) }
	if err := put("a.sppr", "12345678901"); !errors.Is(err, ErrTooLarge) {
		t.Errorf("a long text: %v", err)
	}
	for range 3 {
		for _, path := range []string{"a.sppr", "b.sppr"} {
			if err := put(path, "1234567890"); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := put("c.sppr", "123456"); !errors.Is(err, ErrFull) {
		t.Errorf("too much: %v", err)
	}
	l.Remove(ours, "b.sppr")
	if err := put("c.sppr", "123456"); err != nil {
		t.Errorf("there is room again: %v", err)
	}
	if err := put("a.sppr", "12345678901"); !errors.Is(err, ErrTooLarge) {
		t.Error(err)
	}
	if _, err := l.Find("tandem.local", "", "a.sppr"); !errors.Is(err, ErrNotFound) {
		t.Errorf("the version before: %v", err)
	}
}

func TestPutRefusesBadNames(t *testing.T) {
	l := newLab(t, fstest.MapFS{}, DefaultLimits())
	for _, f := range []File{{Place: ours, Path: "../a"}, {Place: ours, Path: "a/b/"}, {Place: Place{}, Path: "a"}} {
		if err := l.Set.Put(f, nil); !errors.Is(err, ErrBadName) {
			t.Errorf("%+v: %v", f, err)
		}
	}
	if _, err := New("one", fstest.MapFS{"a/b/c.wav": {}}, nil, nil, DefaultLimits(), slog.Default()); !errors.Is(err, ErrBadName) {
		t.Errorf("stock that is too deep: %v", err)
	}
}

func TestList(t *testing.T) {
	l := newLab(t, fstest.MapFS{"b.wav": {}, "en/a.wav": {}}, DefaultLimits())
	l.put(ours, "Menu.sppr", "x")
	l.put(ours, "a.wav", "y")
	l.put(ours, "fr/a.wav", "y")
	if err := l.Set.Put(File{Place: ours, Path: "De/"}, nil); err != nil {
		t.Fatal(err)
	}
	if err := l.Set.Put(File{Place: Place{Domain, "empty"}}, nil); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		place    Place
		language string
		want     string
	}{
		{ours, "", "a.wav De/ fr/ Menu.sppr"}, {ours, "FR", "fr/a.wav"}, {ours, "de", ""},
		{ours, "it", "file is not found"}, {ours, "..", ErrBadName.Error()}, {Place{}, "", ErrBadName.Error()},
		{StockPlace, "", "b.wav en/"}, {StockPlace, "en", "en/a.wav"}, {cluster, "", ""}, {one, "", ""},
		{Place{Domain, "empty"}, "", ""}, {Place{Domain, "none"}, "", "file is not found"},
	} {
		files, err := l.List(c.place, c.language)
		var names []string
		for _, f := range files {
			names = append(names, f.Path)
		}
		got := strings.Join(names, " ")
		if err != nil {
			got = err.Error()
		}
		if got != c.want && (err == nil || !strings.HasPrefix(got, c.want)) {
			t.Errorf("%v %q: %q, want %q", c.place, c.language, got, c.want)
		}
	}
	if f, b, err := l.Read(t.Context(), ours, "menu.sppr"); err != nil || f.Path != "Menu.sppr" || string(b) != "x" {
		t.Errorf("%+v %q %v", f, b, err)
	}
	if _, _, err := l.Read(t.Context(), ours, "fr/"); !errors.Is(err, ErrBadName) {
		t.Errorf("a directory is read: %v", err)
	}
	if _, _, err := l.Read(t.Context(), ours, "none"); !errors.Is(err, ErrNotFound) {
		t.Errorf("%v", err)
	}
}

// Admit says before what Put would say.
func TestAdmit(t *testing.T) {
	l := newLab(t, fstest.MapFS{}, Limits{Source: 10, Sources: 15, Contents: 1})
	l.put(ours, "a.sppr", "1234567890")
	for _, c := range []struct {
		place Place
		path  string
		size  int64
		want  error
	}{
		{ours, "a.sppr", 10, nil}, {ours, "a.sppr", 11, ErrTooLarge}, {ours, "b.sppr", 5, nil}, {ours, "b.sppr", 6, ErrFull},
		{ours, "b.wav", 1000, nil}, {ours, "../b.wav", 1, ErrBadName}, {Place{}, "b.wav", 1, ErrBadName},
		{StockPlace, "b.wav", 1, ErrStock},
	} {
		if err := l.Admit(c.place, c.path, c.size); !errors.Is(err, c.want) {
			t.Errorf("%+v: %v", c, err)
		}
	}
	l.put(ours, "fr/a.wav", "")
	if got := fmt.Sprint(l.All(ours, ""), l.All(ours, "FR"), l.All(cluster, "")); got != "[a.sppr fr/a.wav] [fr/a.wav] []" {
		t.Error(got)
	}
}
