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

// TestState: a category that shows what an object is doing has it beside its number; formulas make values.
func TestState(t *testing.T) {
	file, err := Read([]byte(`{"facts": [{"at": 5, "until": 65, "object": "RegDN:1002", "name": "CallInbound", "conn": "c1",
			"with": {"pairs": {"price": "2.5"}}}],
		"statistics": [{"id": "s", "object": "RegDN:1002", "category": "CurrentState", "subject": "DNAction", "main_mask": "*", "instants": [10]},
			{"id": "v", "object": "RegDN:1002", "category": "TotalCustomValue", "main_mask": "CallInbound",
				"formula": "Value(\"price\") * Duration", "instants": [70]}]}`))
	if err != nil {
		t.Fatal(err)
	}
	r, err := Evaluate(file)
	if err != nil {
		t.Fatal(err)
	}
	text, _ := json.Marshal(r.Values)
	const doing = `"state":{"object":"RegDN:1002","status":"CallInbound","since":5,"actions":[{"name":"CallInbound","conn":"c1","since":5}]}`
	if !strings.Contains(string(text), doing) || r.Values[1].Value != 150 {
		t.Errorf("%s", text)
	}
}

// TestRefused: what can not be meant is refused, and a key that is none is.
func TestRefused(t *testing.T) {
	for want, text := range map[string]string{
		`unknown field "facets"`:    `{"facets": []}`,
		`unknown field "mask"`:      `{"statistics": [{"id": "s", "object": "Queue:q", "category": "TotalNumber", "mask": "CallWait"}]}`,
		`"sales" is none`:           `{"statistics": [{"id": "s", "object": "sales", "category": "TotalNumber", "main_mask": "CallWait"}]}`,
		`"CallWeight" is no action`: `{"statistics": [{"id": "s", "object": "Queue:q", "category": "TotalNumber", "main_mask": "CallWeight"}]}`,
		"is there twice":            `{"statistics": [{"id": "s", "object": "Queue:q", "category": "TotalNumber", "main_mask": "CallWait"}, {"id": "s", "object": "Queue:q", "category": "TotalNumber", "main_mask": "CallWait"}]}`,
	} {
		if _, err := Read([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
	}
}

// FuzzRead: whatever a file says, it is refused or evaluated.
func FuzzRead(f *testing.F) {
	f.Add([]byte(`{"facts": [{"at": 5, "until": 65, "object": "RegDN:1", "name": "CallInbound"}], "instants": [9],
		"statistics": [{"id": "s", "object": "RegDN:1", "category": "TotalTime", "main_mask": "*", "time_profile": "Sliding 60,1"}]}`))
	f.Fuzz(func(_ *testing.T, text []byte) {
		if file, err := Read(text); err == nil {
			_, _ = Evaluate(file)
		}
	})
}
