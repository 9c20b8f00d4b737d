package script

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tandem/actors/acttest"
	"tandem/actors/pbx/cgpl"
	"tandem/actors/pbx/task"
)

// Every program of testdata has a folder of its name with stories.
func TestStories(t *testing.T) {
	library := task.Library()
	files, err := filepath.Glob("testdata/*.sppr")
	if err != nil || len(files) == 0 {
		t.Fatalf("no programs: %v", err)
	}
	for _, f := range files {
		name := strings.TrimSuffix(filepath.Base(f), ".sppr")
		source, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		program, list := cgpl.Compile(filepath.Base(f), string(source), library)
		if err := list.Err(); err != nil {
			t.Fatal(err)
		}
		t.Run(name, func(t *testing.T) {
			acttest.Play(t, filepath.Join("testdata", name), func(*testing.T) acttest.Player {
				return New(Stage{Program: program, Name: name, Account: "pbx@tandem.local",
					Now: time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)})
			})
		})
	}
}
