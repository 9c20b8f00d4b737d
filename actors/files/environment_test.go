package files

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"strings"
	"sync"
	"testing"

	"tandem/actors/acttest"
	"tandem/actors/pbx/environment"
	"tandem/actors/pbx/stock"
	"tandem/actors/pbx/task"
	"tandem/actors/store"
	"tandem/conf"
	"tandem/ximss/object"
)

const (
	helloProgram = "entry main is SysLog(\"hello\"); end entry;\n"
	otherProgram = "entry main is SysLog(\"other\"); end entry;\n"
)

// quiet is for what nobody reads.
var quiet = slog.New(slog.DiscardHandler)

// opened is the store in a directory; close may be called before the test ends.
func opened(t *testing.T, dir string) (s *store.Store, close func()) {
	t.Helper()
	s, err := store.Open(t.Context(), dir, conf.Default().Store, nil, quiet)
	if err != nil {
		t.Fatal(err)
	}
	close = sync.OnceFunc(func() { _ = s.Close(context.Background()) })
	t.Cleanup(close)
	return s, close
}

// environmentOf is the application environment in a store.
func environmentOf(t *testing.T, s *store.Store, log *slog.Logger) *Environment {
	t.Helper()
	e, err := OpenEnvironment(t.Context(), s.Files(), "one", log)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close(context.Background()) })
	return e
}

// A stored program acts when StorePBXFile returns, in place of the cluster's, and goes again; and it is
// there after a start.
func TestStoredProgramActsAtOnce(t *testing.T) {
	dir := t.TempDir()
	s, stop := opened(t, dir)
	p, ctx := environmentOf(t, s, quiet), t.Context()
	for scope, text := range map[environment.Scope]string{environment.Cluster: helloProgram, environment.Domain: otherProgram} {
		if err := p.StorePBXFile(ctx, "admin", scope, "tandem.local", "Greet.sppr", []byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	find := func(e *Environment, domain string) any {
		m, err := e.Program(domain, "", "greet")
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	ours, theirs := find(p, "tandem.local"), find(p, "other.local")
	if ours == theirs {
		t.Error("the domain's program is not found")
	}
	if err := p.DeletePBXFile(ctx, "admin", environment.Domain, "tandem.local", "greet.sppr"); err != nil {
		t.Fatal(err)
	}
	if find(p, "tandem.local") != theirs {
		t.Error("the domain's program is still there")
	}
	_ = p.Close(ctx)
	stop()
	s, _ = opened(t, dir)
	p = environmentOf(t, s, quiet)
	find(p, "tandem.local")
	files, err := p.ListPBXFiles(environment.Cluster, "", "")
	if err != nil || len(files) != 1 || files[0].Path != "Greet.sppr" || files[0].Size != int64(len(helloProgram)) || files[0].Modified.IsZero() {
		t.Errorf("%+v %v", files, err)
	}
}

// What another member stores is followed.
func TestFilesOfOtherMembersAreFollowed(t *testing.T) {
	s, _ := opened(t, t.TempDir())
	e := environmentOf(t, s, quiet)
	key := environment.Key(environment.Place{Scope: environment.Cluster}, "fr/welcome.wav")
	if _, err := s.Files().Put(t.Context(), key, []byte("sound"), store.FileWrite{}); err != nil {
		t.Fatal(err)
	}
	at := func() string {
		path, _ := e.Sound("tandem.local", "fr", "Welcome")
		return path
	}
	acttest.Until(t, "the sound is found", func() bool { return strings.HasSuffix(at(), "cluster/fr/welcome.wav") })
	if b, err := e.Contents("tandem.local", at()); err != nil || string(b) != "sound" {
		t.Errorf("%q %v", b, err)
	}
	if err := s.Files().Delete(t.Context(), key, store.FileWrite{}); err != nil {
		t.Fatal(err)
	}
	acttest.Until(t, "the sound is gone", func() bool { return !strings.HasSuffix(at(), "cluster/fr/welcome.wav") })
	if _, err := s.Files().Put(t.Context(), "pbx/what is this", []byte("x"), store.FileWrite{}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Files().Put(t.Context(), key, []byte("again"), store.FileWrite{}); err != nil {
		t.Fatal(err)
	}
	acttest.Until(t, "a key that is none does no harm", func() bool { return strings.HasSuffix(at(), "cluster/fr/welcome.wav") })
}

// recorder is a log that can be read while it is written.
type recorder struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (r *recorder) Write(b []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.b.Write(b)
}

func (r *recorder) String() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.b.String()
}

// A program that does not compile is stored, and the log tells of it once with its place.
func TestFaultyProgramIsStoredAndLogged(t *testing.T) {
	out := &recorder{}
	s, _ := opened(t, t.TempDir())
	p := environmentOf(t, s, slog.New(slog.NewTextHandler(out, nil)))
	text := []byte("entry main is\n  if then\nend entry;\n")
	if err := p.StorePBXFile(t.Context(), "admin", environment.Domain, "tandem.local", "fr/bad.sppr", text); err != nil {
		t.Fatal(err)
	}
	if b, err := p.ReadPBXFile(t.Context(), environment.Domain, "tandem.local", "FR/BAD.sppr"); err != nil || !bytes.Equal(b, text) {
		t.Errorf("%q %v", b, err)
	}
	for range 2 {
		if _, err := p.Program("tandem.local", "fr", "bad"); !errors.Is(err, environment.ErrFaulty) {
			t.Error(err)
		}
	}
	if log := out.String(); strings.Count(log, "a program does not compile") != 1 || !strings.Contains(log, "fr/bad.sppr:2:") {
		t.Errorf("the log is %s", log)
	}
}

func TestLanguagesAndEnvironments(t *testing.T) {
	s, _ := opened(t, t.TempDir())
	p, ctx := environmentOf(t, s, quiet), t.Context()
	list := func(scope environment.Scope, domain, language string) string {
		files, err := p.ListPBXFiles(scope, domain, language)
		if err != nil {
			return err.Error()
		}
		var names []string
		for _, f := range files {
			names = append(names, f.Path)
		}
		return strings.Join(names, " ")
	}
	if got := list(environment.Domain, "tandem.local", ""); !strings.HasPrefix(got, environment.ErrNotFound.Error()) {
		t.Errorf("there is an environment: %s", got)
	}
	for range 2 {
		for _, language := range []string{"", "French"} {
			if err := p.CreateLanguage(ctx, "admin", environment.Domain, "tandem.local", language); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, name := range []string{"a.wav", "french/B.wav", "french/c.wav"} {
		if err := p.StorePBXFile(ctx, "admin", environment.Domain, "tandem.local", name, nil); err != nil {
			t.Fatal(err)
		}
	}
	for _, step := range [][3]string{
		{"", "a.wav French/", ""}, {"french", "french/B.wav french/c.wav", "FRENCH"},
		{"french", environment.ErrNotFound.Error(), ""}, {"", environment.ErrNotFound.Error(), ""},
	} {
		if got := list(environment.Domain, "Tandem.Local", step[0]); !strings.HasPrefix(got, step[1]) {
			t.Errorf("%q lists %q, want %q", step[0], got, step[1])
		}
		if step[1] != "a.wav French/" {
			_ = p.DeleteLanguage(ctx, "admin", environment.Domain, "tandem.local", step[2])
		}
	}
	if n := len(s.Files().List("pbx/")); n != 0 {
		t.Errorf("%d files are left", n)
	}
	if got := list(environment.Stock, "", ""); !strings.Contains(got, "Welcome.wav") {
		t.Errorf("the stock is %s", got)
	}
}

func TestRefusedChangesOfEnvironments(t *testing.T) {
	s, _ := opened(t, t.TempDir())
	p, ctx := environmentOf(t, s, quiet), t.Context()
	large := bytes.Repeat([]byte("x"), environment.DefaultLimits().Source+1)
	for what, c := range map[string]struct {
		err  error
		want error
	}{
		"stock":           {p.StorePBXFile(ctx, "", environment.Stock, "", "a.wav", nil), environment.ErrStock},
		"stock language":  {p.CreateLanguage(ctx, "", environment.Stock, "", "fr"), environment.ErrStock},
		"no domain":       {p.StorePBXFile(ctx, "", environment.Domain, "", "a.wav", nil), environment.ErrBadName},
		"name":            {p.StorePBXFile(ctx, "", environment.Cluster, "", "../a.wav", nil), environment.ErrBadName},
		"language":        {p.CreateLanguage(ctx, "", environment.Cluster, "", ".."), environment.ErrBadName},
		"large program":   {p.StorePBXFile(ctx, "", environment.Cluster, "", "a.sppr", large), environment.ErrTooLarge},
		"none to delete":  {p.DeletePBXFile(ctx, "", environment.Cluster, "", "a.wav"), environment.ErrNotFound},
		"bad to delete":   {p.DeletePBXFile(ctx, "", environment.Cluster, "", "fr/"), environment.ErrBadName},
		"no language":     {p.DeleteLanguage(ctx, "", environment.Cluster, "", "fr"), environment.ErrNotFound},
		"delete stock":    {p.DeleteLanguage(ctx, "", environment.Stock, "", "fr"), environment.ErrStock},
		"longer than key": {p.StorePBXFile(ctx, "", environment.Domain, strings.Repeat("d", 240), strings.Repeat("n", 60), nil), environment.ErrBadName},
	} {
		if !errors.Is(c.err, c.want) {
			t.Errorf("%s: %v, want %v", what, c.err, c.want)
		}
	}
}

// Programs read the files of their environment, stock ones too.
func TestReadEnvirFile(t *testing.T) {
	s, _ := opened(t, t.TempDir())
	want, err := fs.ReadFile(stock.Files(), "Welcome.wav")
	if err != nil {
		t.Fatal(err)
	}
	read := environmentOf(t, s, quiet).ReadEnvirFile()
	c := task.Caller{Owner: "1000@tandem.local"}
	if b, ok := read.Run(t.Context(), c, []object.Value{object.String("welcome.wav")}).Bytes(); !ok || !bytes.Equal(b, want) {
		t.Errorf("%d bytes", len(b))
	}
	if v := read.Run(t.Context(), c, []object.Value{object.String("none")}); !v.IsNull() {
		t.Errorf("%v", v)
	}
}
