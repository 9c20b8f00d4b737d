package report

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// cases is the folder of logs with what they come to; the public ones are not kept here (TANDEM_CASES names their folder).
func cases(t testing.TB, set string) string {
	t.Helper()
	if !strings.HasPrefix(set, "pub-") {
		return filepath.Join("testdata", "cases")
	}
	dir := os.Getenv("TANDEM_CASES")
	if dir == "" {
		t.Skip("public logs are read from the folder that TANDEM_CASES names")
	}
	return filepath.Join(dir, "queue_log")
}

// read folds the log of one partition of a set.
func read(t testing.TB, set string, p Part, s Source, sink Sink) Read {
	t.Helper()
	name := set
	if p.Name != "P" {
		name += "-" + p.Name
	}
	file, err := os.Open(filepath.Join(cases(t, set), name+".queue_log"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	f := NewFold(p, s, Names{Strip: set == "con-old12"}, sink)
	for lines := bufio.NewScanner(file); lines.Scan(); {
		f.Line(lines.Bytes())
	}
	f.Open(sink)
	return f.Read()
}

// figures are those of a source over the logs of a set.
func figures(t testing.TB, set, spec string) Figures {
	t.Helper()
	s, err := ParseSource(spec)
	if err != nil {
		t.Fatal(err)
	}
	sum := NewSummary(Ask{Within: 20})
	var reads []Read
	for _, p := range s.Parts {
		reads = append(reads, read(t, set, p, s, sum))
	}
	return sum.Figures(spec, reads...)
}

// TestCases compares the figures of every set and source with those that an independent reader has found.
func TestCases(t *testing.T) {
	for _, set := range []string{"ast22-r2", "con-tri", "con-old12", "pub-atxfer759", "pub-book2010", "pub-freepbx2023",
		"pub-noexit2007", "pub-readme2020", "pub-wazo2014"} {
		t.Run(set, func(t *testing.T) {
			text, err := os.ReadFile(filepath.Join(cases(t, set), "expected", set+".json"))
			if err != nil {
				t.Fatal(err)
			}
			var want map[string]json.RawMessage
			if err := json.Unmarshal(text, &want); err != nil {
				t.Fatal(err)
			}
			for spec, figuresWanted := range want {
				compare(t, spec, figures(t, set, spec), figuresWanted)
			}
		})
	}
}

// compare demands that figures are written as they should be, whatever the order of their names.
func compare(t *testing.T, spec string, got Figures, want []byte) {
	t.Helper()
	text, err := json.Marshal(got)
	if err != nil {
		t.Fatal(err)
	}
	var a, b any
	if json.Unmarshal(text, &a) != nil || json.Unmarshal(want, &b) != nil {
		t.Fatal("no JSON")
	}
	for _, d := range differences(spec, a, b) {
		t.Error(d)
	}
}

func differences(at string, got, want any) (all []string) {
	g, isObject := got.(map[string]any)
	w, wanted := want.(map[string]any)
	if !isObject || !wanted {
		a, _ := json.Marshal(got)
		b, _ := json.Marshal(want)
		if string(a) != string(b) {
			all = append(all, at+": "+string(a)+", want "+string(b))
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

// TestOrderOfPartitions: it does not matter.
func TestOrderOfPartitions(t *testing.T) {
	for _, set := range []string{"ast22-r2", "con-tri"} {
		a, b := figures(t, set, "cluster:A|B|C"), figures(t, set, "cluster:C|B|A")
		b.Spec = a.Spec
		x, _ := json.Marshal(a)
		y, _ := json.Marshal(b)
		if string(x) != string(y) {
			t.Errorf("%s:\n%s\n%s", set, x, y)
		}
	}
}
