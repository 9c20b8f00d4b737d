package acttest

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the transcripts' outcomes anew")

// Player acts out one story. Do takes one event line and returns what came of it, a line each.
type Player interface {
	Do(event string) (outcome []string)
}

// Play acts out every transcript of a folder, each with a player of its own.
func Play(t *testing.T, folder string, start func(t *testing.T) Player) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*.txt"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no transcripts in %s: %v", folder, err)
	}
	for _, f := range files {
		t.Run(strings.TrimSuffix(filepath.Base(f), ".txt"), func(t *testing.T) { play(t, f, start(t)) })
	}
}

func play(t *testing.T, file string, p Player) {
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	scenes := strings.Split(strings.TrimRight(string(text), "\n"), "\n\n")
	for i, scene := range scenes {
		scene = strings.Trim(scene, "\n")
		events, want, _ := strings.Cut(scene, "\n----")
		if strings.TrimSpace(events) == "" || onlyProse(events) {
			continue
		}
		var got []string
		for line := range strings.SplitSeq(events, "\n") {
			if line != "" && !strings.HasPrefix(line, "#") {
				got = append(got, p.Do(line)...)
			}
		}
		outcome := strings.Join(got, "\n")
		if !*update && outcome != strings.TrimPrefix(want, "\n") {
			t.Fatalf("%s, after\n%s\n--- got\n%s\n--- want%s", file, events, outcome, want)
		}
		scenes[i] = strings.TrimRight(events+"\n----\n"+outcome, "\n")
	}
	if *update {
		if err := os.WriteFile(file, []byte(strings.Join(scenes, "\n\n")+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func onlyProse(s string) bool {
	for line := range strings.SplitSeq(s, "\n") {
		if line != "" && !strings.HasPrefix(line, "#") {
			return false
		}
	}
	return true
}
