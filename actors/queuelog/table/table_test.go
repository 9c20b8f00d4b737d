package table

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"tandem/actors/queuelog/report"
	"tandem/test/lab"
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
	var w any
	if json.Unmarshal(want, &w) != nil {
		t.Fatal("no JSON")
	}
	for _, d := range differences("", written(got), w) {
		t.Error(got.Spec + d)
	}
}

// written are figures as they are written.
func written(f report.Figures) (v any) {
	text, err := json.Marshal(f)
	if err != nil || json.Unmarshal(text, &v) != nil {
		panic("no JSON")
	}
	return v
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
	if err == nil {
		err = tables.Prepare(context.Background())
	}
	if err != nil {
		t.Fatal(err)
	}
	return tables
}

// everywhere runs a test on each kind of database, with the place of an empty one.
func everywhere(t *testing.T, test func(*testing.T, Options)) {
	t.Run("SQLite", func(t *testing.T) { test(t, Options{File: filepath.Join(t.TempDir(), "queuelog.db")}) })
	t.Run("PostgreSQL", func(t *testing.T) { test(t, Options{DSN: lab.PostgreSQL(t)}) })
}

// TestCases: the figures of every set and source are those that an independent reader has found.
func TestCases(t *testing.T) {
	for _, set := range sets {
		t.Run(set, func(t *testing.T) {
			all := logs(t, set)
			everywhere(t, func(t *testing.T, o Options) {
				o.Names = names(set)
				tables := open(t, o)
				defer func() { _ = tables.Close() }()
				for name, lines := range all {
					if err := tables.Add(t.Context(), name, 0, lines); err != nil {
						t.Fatal(err)
					}
				}
				check(t, tables, set)
			})
		})
	}
}

// TestPieces: it does not matter in which pieces lines come, in which order those of different servers, how often they are
// handed over, and whether the tables are closed in between.
func TestPieces(t *testing.T) {
	for _, set := range []string{"ast22-r2", "con-tri"} {
		for _, size := range []int{1, 7, 50} {
			t.Run(fmt.Sprint(set, " by ", size), func(t *testing.T) {
				everywhere(t, func(t *testing.T, o Options) { pieces(t, o, set, size) })
			})
		}
	}
}

func pieces(t *testing.T, o Options, set string, size int) {
	all := logs(t, set)
	dice := rand.New(rand.NewPCG(uint64(size), 7))
	tables := open(t, o)
	defer func() { _ = tables.Close() }()
	parts := slices.Sorted(maps.Keys(all))
	at := map[string]int{}
	for len(parts) > 0 {
		i := dice.IntN(len(parts))
		part := parts[i]
		lines := all[part]
		from := max(0, at[part]-dice.IntN(3)) // the last ones may come again
		end := min(at[part]+size, len(lines))
		if err := tables.Add(t.Context(), part, uint64(from), lines[from:end]); err != nil {
			t.Fatal(err)
		}
		if at[part] = end; end == len(lines) {
			parts = slices.Delete(parts, i, i+1)
		}
		if dice.IntN(600) < 2*size || dice.IntN(60) == 0 {
			if err := tables.Close(); err != nil {
				t.Fatal(err)
			}
			tables = open(t, o)
		}
	}
	check(t, tables, set)
}

// TestTwoWriters: several members write the same lines of a PostgreSQL.
func TestTwoWriters(t *testing.T) {
	o := Options{DSN: lab.PostgreSQL(t)}
	all := logs(t, "ast22-r2")
	var writers sync.WaitGroup
	for range 3 {
		tables := open(t, o)
		defer func() { _ = tables.Close() }()
		writers.Go(func() {
			for part, lines := range all {
				for at := 0; at < len(lines); at += 7 {
					if err := tables.Add(t.Context(), part, uint64(at), lines[at:min(at+7, len(lines))]); err != nil {
						t.Error(err)
						return
					}
				}
			}
		})
	}
	writers.Wait()
	check(t, open(t, o), "ast22-r2")
}

// TestWhileLinesArrive: a report sees whole lines of one moment: what was answered has been offered, and figures never go
// back.
func TestWhileLinesArrive(t *testing.T) {
	everywhere(t, func(t *testing.T, o Options) {
		tables := open(t, o)
		defer func() { _ = tables.Close() }()
		var writers sync.WaitGroup
		for part, lines := range logs(t, "ast22-r2") {
			writers.Go(func() {
				for at := range lines {
					if err := tables.Add(t.Context(), part, uint64(at), lines[at:at+1]); err != nil {
						t.Error(err)
						return
					}
				}
			})
		}
		over := make(chan bool)
		go func() { writers.Wait(); close(over) }()
		source, _ := report.ParseSource("cluster:*")
		for before, looks := int64(0), 0; ; looks++ {
			select {
			case <-over:
				check(t, tables, "ast22-r2")
				return
			default:
			}
			f, err := tables.Figures(t.Context(), source, report.Ask{Within: 20})
			if err != nil {
				t.Fatal(err)
			}
			if f.All.Offered < before || f.All.Offered != f.All.Answered+f.All.Lost {
				t.Fatalf("offered %d after %d, answered %d, lost %d", f.All.Offered, before, f.All.Answered, f.All.Lost)
			}
			before = f.All.Offered
		}
	})
}

// TestMarks: a loader is told how far a partition is known, word for word.
func TestMarks(t *testing.T) {
	everywhere(t, func(t *testing.T, o Options) {
		tables := open(t, o)
		defer func() { _ = tables.Close() }()
		if m, err := tables.Have(t.Context(), "A"); err != nil || m.Lines != 0 || m.Last != nil {
			t.Fatal(m, err)
		}
		last := []string{"", " 8 | c | q | NONE | ABANDON | 1|1|1", "rubbish \xff\x00", "8.5|x|y|z|INFO", "8|x|y|z|INFO|"}
		lines := append([]string{"7|NONE|NONE|NONE|QUEUESTART|"}, last...)
		if err := tables.Add(t.Context(), "A", 0, lines); err != nil {
			t.Fatal(err)
		}
		m, err := tables.Have(t.Context(), "A")
		last[2] = "rubbish \uFFFD\uFFFD"
		if err != nil || m.Lines != 6 || m.Second != 8 || !slices.Equal(m.Last, last) {
			t.Fatalf("%+v %v", m, err)
		}
		if err := tables.Add(t.Context(), "A", 7, last); !errors.Is(err, ErrGap) {
			t.Fatal(err)
		}
		all, err := tables.Partitions(t.Context())
		if err != nil || len(all) != 1 || all[0].Lines != 6 || all[0].Malformed != 1 || all[0].First != 7 || all[0].Last != 8 {
			t.Fatalf("%+v %v", all, err)
		}
		source, _ := report.ParseSource("cluster:A|B")
		if _, err := tables.Figures(t.Context(), source, report.Ask{}); !errors.Is(err, ErrNoPartition) {
			t.Fatal(err)
		}
	})
}
