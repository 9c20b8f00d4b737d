package evaluate

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// story is a case: a history, and what some statistics come to at some instants, as [id, at, value].
type story struct {
	Origin, Note string
	File         json.RawMessage
	Expect       [][3]any
	Finals       [][3]any
}

// TestCases plays the histories of the worked cases.
func TestCases(t *testing.T) {
	paths, _ := filepath.Glob("testdata/cases/*.json")
	if len(paths) < 30 {
		t.Fatalf("there are %d cases", len(paths))
	}
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".json"), func(t *testing.T) {
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			var s story
			if err := json.Unmarshal(text, &s); err != nil {
				t.Fatal(err)
			}
			play(t, s)
		})
	}
}

func play(t *testing.T, s story) {
	t.Helper()
	file, err := Read(s.File)
	if err != nil {
		t.Fatal(err)
	}
	r, err := Evaluate(file)
	if err != nil {
		t.Fatal(err)
	}
	compare(t, "values", r.Values, s.Expect)
	compare(t, "finals", r.Finals, s.Finals)
}

func compare(t *testing.T, what string, values []Value, want [][3]any) {
	t.Helper()
	got := map[string]float64{}
	for _, v := range values {
		got[fmt.Sprint(v.ID, " at ", float64(v.At)/1000)] = v.Value
	}
	for _, w := range want {
		key := fmt.Sprint(w[0], " at ", w[1])
		if v, ok := got[key]; !ok || math.Abs(v-w[2].(float64)) > 1e-6 {
			t.Errorf("%s: %s: %v (%v), want %v", what, key, v, ok, w[2])
		}
	}
}
