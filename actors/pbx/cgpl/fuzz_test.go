package cgpl

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"tandem/ximss/object"
)

// seeds are the programs of the transcripts, which do not end by time alone.
func seeds(f *testing.F) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		f.Fatal("no transcripts", err)
	}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		for scene := range strings.SplitSeq(string(text), "\n\n") {
			source, _, _ := strings.Cut(scene, "\n----")
			source, _, _ = strings.Cut(source, "\nfile ")
			for _, verb := range []string{"\nrun", "\nsame", "\ncompile"} {
				source = strings.TrimSuffix(source, verb)
			}
			if _, rest, ok := strings.Cut(source, "\n"); ok && strings.HasPrefix(source, "#") {
				source = rest
			}
			f.Add(source)
		}
	}
}

// FuzzCompile compiles anything.
func FuzzCompile(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, source string) {
		m, list := Compile("main.sppr", source, kit)
		if (m == nil) != (list.Err() != nil) {
			t.Fatalf("module %v, errors %v", m, list.Err())
		}
		for _, d := range list {
			if d.Line < 1 || d.Column < 1 || d.Text == "" {
				t.Errorf("%v is nowhere", d)
			}
		}
	})
}

// FuzzRun runs whatever compiles, within small limits.
func FuzzRun(f *testing.F) {
	seeds(f)
	limits := Limits{Depth: 50, Memory: 1 << 20, Steps: 100_000, Slice: 1000}
	f.Fuzz(func(t *testing.T, source string) {
		m, _ := Compile("main.sppr", source, kit)
		if m == nil || len(m.Entries()) == 0 {
			return
		}
		load := func(string) (*Module, error) { return m, nil }
		task := New(m, load, &stage{}, limits)
		if err := task.Start(m.Entries()[0], nil); err != nil {
			t.Fatal(err)
		}
		var used runtime.MemStats
		defer func() {
			if runtime.ReadMemStats(&used); used.HeapAlloc > 256<<20 {
				t.Errorf("%d MiB in use", used.HeapAlloc>>20)
			}
			task.Footprint()
		}()
		waits := 0
		for o := task.Run(); ; o = task.Run() {
			switch o.State {
			case Failed, Done, Stopped:
				if (o.State == Failed) != (o.Err != nil) {
					t.Fatal(o)
				}
				return
			case Blocked:
				if waits++; waits > 20 {
					return
				}
				task.Resume(object.Number(int64(waits)))
			}
		}
	})
}
