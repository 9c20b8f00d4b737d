package table

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"tandem/actors/queuelog/report"
)

// sets are logs with what they come to; the public ones are not kept here (TANDEM_CASES names their folder).
var sets = []string{"ast22-r2", "con-tri", "con-old12", "pub-atxfer759", "pub-book2010", "pub-freepbx2023", "pub-noexit2007",
	"pub-readme2020", "pub-wazo2014"}

// cases is the folder of a set.
func cases(t testing.TB, set string) string {
	t.Helper()
	if !strings.HasPrefix(set, "pub-") {
		return filepath.Join("..", "report", "testdata", "cases")
	}
	dir := os.Getenv("TANDEM_CASES")
	if dir == "" {
		t.Skip("public logs are read from the folder that TANDEM_CASES names")
	}
	return filepath.Join(dir, "queue_log")
}

// logs are the lines of a set, by partition.
func logs(t testing.TB, set string) map[string][]string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(cases(t, set), set+"*.queue_log"))
	if err != nil || len(files) == 0 {
		t.Fatal(set, files, err)
	}
	all := map[string][]string{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		name := strings.TrimPrefix(strings.TrimSuffix(strings.TrimPrefix(filepath.Base(file), set), ".queue_log"), "-")
		if name == "" {
			name = "P"
		}
		all[name] = strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
	}
	return all
}

func names(set string) report.Names { return report.Names{Strip: set == "con-old12"} }

// expected are the figures of a set that an independent reader has found, by source.
func expected(t testing.TB, set string) map[string]json.RawMessage {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(cases(t, set), "expected", set+".json"))
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]json.RawMessage{}
	if err := json.Unmarshal(text, &want); err != nil {
		t.Fatal(err)
	}
	return want
}

// check compares the figures of every source of a set with those.
func check(t testing.TB, tables *Tables, set string) {
	t.Helper()
	for spec, want := range expected(t, set) {
		source, err := report.ParseSource(spec)
		if err != nil {
			t.Fatal(err)
		}
		got, err := tables.Figures(context.Background(), source, report.Ask{Within: 20})
		if err != nil {
			t.Fatal(spec, err)
		}
		compare(t, got, want)
	}
}

// compare demands that figures are written as they should be, whatever the order of their names and where none are left
// out.
func compare(t testing.TB, got report.Figures, want []byte) {
	t.Helper()
	text, err := json.Marshal(got)
	if err != nil {
		t.Fatal(err)
	}
	var a, b any
	if json.Unmarshal(text, &a) != nil || json.Unmarshal(want, &b) != nil {
		t.Fatal("no JSON")
	}
	for _, d := range differences("", a, b) {
		t.Error(got.Spec + d)
	}
}

func differences(at string, got, want any) (all []string) {
	g, isObject := got.(map[string]any)
	w, wanted := want.(map[string]any)
	if !isObject || !wanted {
		if a, b := fmt.Sprint(got), fmt.Sprint(want); a != b {
			all = append(all, at+": "+a+", want "+b)
		}
		return all
	}
	for k := range w {
		if _, ok := g[k]; !ok {
			g[k] = nil
		}
	}
	for k, v := range g {
		all = append(all, differences(at+"."+k, v, w[k])...)
	}
	slices.Sort(all)
	return all
}

// open opens tables of a set.
func open(t testing.TB, o Options) *Tables {
	t.Helper()
	tables, err := Open(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	return tables
}

func TestCases(t *testing.T) {
	for _, set := range sets {
		t.Run(set, func(t *testing.T) {
			tables := open(t, Options{File: filepath.Join(t.TempDir(), "queuelog.db"), Names: names(set)})
			defer func() { _ = tables.Close() }()
			for name, lines := range logs(t, set) {
				if err := tables.Add(t.Context(), name, 0, lines); err != nil {
					t.Fatal(err)
				}
			}
			check(t, tables, set)
		})
	}
}
