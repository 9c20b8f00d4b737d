package stock

import (
	"io/fs"
	"path"
	"slices"
	"strings"
	"testing"

	"tandem/actors/pbx/cgpl"
	"tandem/actors/pbx/task"
)

// all are the names of the files with one of these extensions.
func all(t *testing.T, exts ...string) (names []string) {
	t.Helper()
	err := fs.WalkDir(Files(), ".", func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && slices.Contains(exts, path.Ext(name)) {
			names = append(names, name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func TestEveryProgramCompilesWithoutAWord(t *testing.T) {
	programs := all(t, ".sppr", ".sppi")
	if len(programs) == 0 {
		t.Skip("there are no programs yet")
	}
	library := task.Library()
	for _, name := range programs {
		text, err := fs.ReadFile(Files(), name)
		if err != nil {
			t.Fatal(err)
		}
		m, diagnostics := cgpl.Compile(name, string(text), library)
		if m == nil || len(diagnostics) > 0 {
			t.Errorf("%s: %v", name, diagnostics)
		}
	}
}

// What is neither program nor sound is no part of an environment, and no two files have one name for a
// Task, to which case means nothing.
func TestEveryFileIsForPrograms(t *testing.T) {
	known := all(t, ".sppr", ".sppi", ".wav", ".au", ".gsm", ".mp3")
	seen := map[string]string{}
	err := fs.WalkDir(Files(), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		if !slices.Contains(known, name) || strings.Count(name, "/") > 1 {
			t.Errorf("%s is no file of an environment", name)
		}
		if other := seen[strings.ToLower(name)]; other != "" {
			t.Errorf("%s and %s have one name", name, other)
		}
		seen[strings.ToLower(name)] = name
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
