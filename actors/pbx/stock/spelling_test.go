package stock

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tandem/actors/acttest"
	"tandem/actors/pbx/cgpl"
	"tandem/actors/pbx/task"
)

// Programs in the manner of those that were written for the ancestor run in the stock environment as they
// are, in both spellings of the language: one story of each program has to come out the same in either.
func TestSpellings(t *testing.T) {
	const folder = "../testdata/programs"
	library, set := task.Library(), stockEnvironment(t)
	programs, err := filepath.Glob(filepath.Join(folder, "basic", "*.sppr"))
	if err != nil || len(programs) == 0 {
		t.Fatalf("no programs in %s: %v", folder, err)
	}
	for _, p := range programs {
		file := filepath.Base(p)
		name := strings.TrimSuffix(file, ".sppr")
		for _, spelling := range []string{"basic", "alternative"} {
			source, err := os.ReadFile(filepath.Join(folder, spelling, file))
			if err != nil {
				t.Fatal(err)
			}
			program, list := cgpl.Compile(file, string(source), library)
			for _, d := range list {
				t.Error(spelling, d)
			}
			if program == nil {
				continue
			}
			t.Run(name+"/"+spelling, func(t *testing.T) {
				acttest.Play(t, filepath.Join(folder, "stories", name), func(*testing.T) acttest.Player {
					return newMemory(set, program, name)
				})
			})
		}
	}
}
