package script

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// mostLines of a script are played, so that no input takes long.
const mostLines = 50

// FuzzScript plays whatever lines: nothing panics, no mode is left illegally, and what a line brings about is
// bounded.
func FuzzScript(f *testing.F) {
	files, err := filepath.Glob("testdata/*/*.txt")
	if err != nil || len(files) == 0 {
		f.Fatalf("no stories: %v", err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		events, _, _ := strings.Cut(string(text), "\n----")
		f.Add(events)
	}
	for _, line := range []string{"wait -1s", "wait 99999999h", "@0 kill", "@99999999999999999999 kill", "call from=", "call =",
		"start param={", "fails hold x", "next x", "rings -1", "refuses", "info", "refer", "call\ndigit 1\x002", "call\ngone \nkill\nkill",
		"call\nevent PlayFileInLoop (a,#-1)\nwait 100000h"} {
		f.Add(line)
	}
	program := console(f)
	f.Fuzz(func(t *testing.T, text string) {
		var errors bytes.Buffer
		p := New(Stage{Program: program, Name: "console", Account: "pbx@tandem.local",
			Now: time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC),
			Log: slog.New(slog.NewTextHandler(&errors, &slog.HandlerOptions{Level: slog.LevelError}))})
		for i, line := range strings.Split(text, "\n") {
			if i == mostLines {
				break
			}
			p.Do(line)
			if p.steps > mostSteps+mostTasks || len(p.tasks) > mostTasks {
				t.Fatalf("%q: %d steps, %d tasks", line, p.steps, len(p.tasks))
			}
		}
		if errors.Len() > 0 {
			t.Fatal(errors.String())
		}
	})
}
