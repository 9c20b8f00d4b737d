package evaluate

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// schema is as much of JSON Schema (draft 2020-12) as that of the README uses.
type schema struct {
	Type       any                `json:"type"`
	Ref        string             `json:"$ref"`
	Properties map[string]*schema `json:"properties"`
	More       any                `json:"additionalProperties"`
	Required   []string           `json:"required"`
	Items      *schema            `json:"items"`
	Enum       []any              `json:"enum"`
	Defs       map[string]*schema `json:"$defs"`
}

// readSchema reads that of the README, whose two roots are in its definitions.
func readSchema(t *testing.T) *schema {
	t.Helper()
	text, err := os.ReadFile("../../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, ok := strings.Cut(string(text), "```json\n")
	block, _, end := strings.Cut(rest, "\n```")
	var s schema
	if err := json.Unmarshal([]byte(block), &s); err != nil || !ok || !end {
		t.Fatalf("the schema in the README can not be read: %v", err)
	}
	return &s
}

// faults are what a value has that the schema does not allow.
func (s *schema) faults(root *schema, at string, v any) (all []string) {
	if s.Ref != "" {
		return root.Defs[strings.TrimPrefix(s.Ref, "#/$defs/")].faults(root, at, v)
	}
	if s.Enum != nil && !slices.Contains(s.Enum, v) {
		all = append(all, fmt.Sprintf("%s: %v is none of %v", at, v, s.Enum))
	}
	kind := map[reflect.Kind]string{reflect.String: "string", reflect.Float64: "number", reflect.Bool: "boolean", reflect.Map: "object", reflect.Slice: "array"}[reflect.ValueOf(v).Kind()]
	if kinds := fmt.Sprint(s.Type); s.Type != nil && !strings.Contains(kinds, kind) {
		all = append(all, fmt.Sprintf("%s: is a %s, not %s", at, kind, kinds))
	}
	switch v := v.(type) {
	case []any:
		for i, x := range v {
			if s.Items != nil {
				all = append(all, s.Items.faults(root, fmt.Sprintf("%s[%d]", at, i), x)...)
			}
		}
	case map[string]any:
		for _, name := range s.Required {
			if _, ok := v[name]; !ok {
				all = append(all, at+": "+name+" is missing")
			}
		}
		for name, x := range v {
			if p := s.Properties[name]; p != nil {
				all = append(all, p.faults(root, at+"."+name, x)...)
			} else if s.More == false {
				all = append(all, at+": "+name+" is not known")
			}
		}
	}
	return all
}

// keysOf are the names that a type has in JSON.
func keysOf(types ...any) (all []string) {
	for _, of := range types {
		for i := range reflect.TypeOf(of).NumField() {
			if name, _, _ := strings.Cut(reflect.TypeOf(of).Field(i).Tag.Get("json"), ","); name != "" && name != "-" {
				all = append(all, name)
			}
		}
	}
	slices.Sort(all)
	return all
}

// TestSchema: the schema of the README is that of the program: the same keys, all worked cases obey it, and their results.
func TestSchema(t *testing.T) {
	root := readSchema(t)
	for name, types := range map[string][]any{"file": {File{}}, "fact": {Fact{}}, "result": {Result{}}, "value": {Value{}}, "state": {State{}}} {
		var keys []string
		for key := range root.Defs[name].Properties {
			keys = append(keys, key)
		}
		slices.Sort(keys)
		if want := keysOf(types...); !slices.Equal(keys, want) {
			t.Errorf("%s has %v, the program %v", name, keys, want)
		}
	}
	whole := map[string]any{"id": "x", "object": "Queue:q"}
	for key := range root.Defs["statistic"].Properties {
		text := map[string]string{"id": `"x"`, "object": `"Queue:q"`, "category": `"TotalNumber"`, "main_mask": `"CallWait"`, "relative_mask": `"CallWait"`, "subject": `"DNAction"`,
			"time_profile": `"Growing 0:00"`, "zone": `"UTC"`, "time_range": `"0-20"`, "time_range2": `"0-20"`, "filter": `"PairExists(\"a\",\"b\")"`, "formula": `"1"`,
			"distinct": "true", "exact": "true", "in_progress": "true", "open": "0", "instants": "[1]"}[key]
		var v any
		if err := json.Unmarshal([]byte(text), &v); err != nil {
			t.Errorf("%s is not a key of a statistic", key)
		}
		whole[key] = v
	}
	text, _ := json.Marshal(map[string]any{"statistics": []any{whole}})
	if _, err := Read(text); err != nil {
		t.Errorf("a statistic with all that the schema has: %v", err)
	}
	paths, _ := filepath.Glob("testdata/cases/*.json")
	for _, path := range paths {
		text, err := os.ReadFile(path)
		var s story
		if err == nil {
			err = json.Unmarshal(text, &s)
		}
		if err != nil {
			t.Fatal(err)
		}
		obeys(t, root, path, "file", s.File)
		file, err := Read(s.File)
		if err != nil {
			t.Fatal(err)
		}
		r, err := Evaluate(file)
		if err != nil {
			t.Fatal(err)
		}
		result, _ := json.Marshal(r)
		obeys(t, root, path, "result", result)
	}
}

func obeys(t *testing.T, root *schema, path, name string, text []byte) {
	t.Helper()
	var v any
	if err := json.Unmarshal(text, &v); err != nil {
		t.Fatal(err)
	}
	for _, fault := range root.Defs[name].faults(root, name, v) {
		t.Errorf("%s: %s", path, fault)
	}
}
