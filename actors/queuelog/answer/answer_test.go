package answer

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"tandem/actors/queuelog/block"
	"tandem/actors/queuelog/report"
	"tandem/actors/queuelog/table"
	"tandem/web"
)

// tri is con-tri in tables.
func tri(t *testing.T, set string) *table.Tables {
	t.Helper()
	tables, err := table.Open(t.Context(), table.Options{File: filepath.Join(t.TempDir(), "queuelog.db")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = tables.Close() })
	for _, p := range []string{"A", "B", "C"} {
		if err := tables.Add(t.Context(), p, 0, strings.Split(strings.TrimSpace(string(log(t, set, p))), "\n")); err != nil {
			t.Fatal(err)
		}
	}
	return tables
}

func log(t *testing.T, set, partition string) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "report", "testdata", "cases", set+"-"+partition+".queue_log"))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// TestTablesEqualFiles: every block of the tables is that of the files, for every source; in short for one source each, in
// turn.
func TestTablesEqualFiles(t *testing.T) {
	specs := []string{"cluster:A|B|C", "cluster:A|B-|C-", "clustrw:A|B|C", "sql:B"}
	for n, set := range []string{"con-tri", "ast22-r2"} {
		tables := tri(t, set)
		for i, spec := range specs {
			source, err := report.ParseSource(spec)
			if err != nil {
				t.Fatal(err)
			}
			list := &block.List{}
			for _, p := range source.Parts {
				f := report.NewFold(p, source, report.Names{}, list)
				if err := f.File(bytes.NewReader(log(t, set, p.Name))); err != nil {
					t.Fatal(err)
				}
				f.Open(list)
			}
			for k, b := range block.Blocks {
				if testing.Short() && (n+k)%len(specs) != i {
					continue
				}
				ask, _ := block.Parse(map[string][]string{"direction": {"both"}, "sales": {"SALE"}})
				want, err1 := block.Make(ask, []string{b.Name}, list.Facts())
				got, err2 := block.Make(ask, []string{b.Name}, facts{t.Context(), tables, source})
				if err1 != nil || err2 != nil {
					t.Fatal(err1, err2)
				}
				a, _ := json.Marshal(got)
				w, _ := json.Marshal(want)
				if !bytes.Equal(a, w) {
					t.Errorf("%s, %s, %s:\n%s\nwant\n%s", set, spec, b.Name, a, w)
				}
			}
		}
	}
}

func TestReports(t *testing.T) {
	r := New(tri(t, "con-tri"), seesAll)
	q := web.ReportQuery{Source: "cluster:*", Blocks: []string{"KoDO.OverviewOkKo"}, Asked: map[string][]string{"queues": {"q2"}}}
	found, err := r.Report(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	if c := found.Tables[0].Rows[0][3]; len(found.Parts) != 3 || c.Text != "1" || c.Where != "state=lost&queue=q2" {
		t.Errorf("%+v", found)
	}
	for format, begins := range map[string]string{"csv": "Queue,Offered", "xlsx": "PK", "json": `{"blocks":[{"name":"KoDO.OverviewOkKo"`} {
		var out bytes.Buffer
		if err := r.Write(t.Context(), q, format, &out); err != nil || !strings.HasPrefix(out.String(), begins) {
			t.Errorf("%s: %v %.60s", format, err, out.String())
		}
	}
	for says, change := range map[string]func(*web.ReportQuery){
		"at character 9":            func(q *web.ReportQuery) { q.Source = "cluster:|A" },
		`there is no partition "D"`: func(q *web.ReportQuery) { q.Source = "sql:D" },
		`there is no block "X"`:     func(q *web.ReportQuery) { q.Blocks = []string{"X"} },
		"is no time":                func(q *web.ReportQuery) { q.Asked = map[string][]string{"from": {"noon"}} },
	} {
		wrong := q
		change(&wrong)
		var refused *web.Error
		if _, err := r.Report(t.Context(), wrong); !errors.As(err, &refused) || !strings.Contains(refused.Message, says) {
			t.Errorf("%s: %v", says, err)
		}
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	r.places <- struct{}{}
	r.places <- struct{}{}
	if _, err := r.Report(gone, q); err == nil {
		t.Error("a report was made out of turn")
	}
}

func seesAll(web.Asker) func(string) bool { return nil }

// TestSomeQueues: who supervises one queue has the calls of that one, as they are, and of no other.
func TestSomeQueues(t *testing.T) {
	tables := tri(t, "con-tri")
	q := web.ReportQuery{Source: "cluster:A|B|C", Blocks: []string{"KoDO.OverviewOkKo", "DetailsDO.Calls", "DetailsDO.AgentSessions", "DetailsDO.AgentPauses"},
		By: web.Asker{Account: "leader"}}
	all, err := New(tables, seesAll).Report(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	calls := 0
	for _, row := range all.Tables[0].Rows {
		name := row[0].Text
		some, err := New(tables, func(by web.Asker) func(string) bool {
			return func(queue string) bool { return by.Account == "leader" && queue == name }
		}).Report(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		if len(some.Tables[0].Rows) != 1 || !reflect.DeepEqual(some.Tables[0].Rows[0], row) {
			t.Errorf("%s: %v, want %v", name, some.Tables[0].Rows, row)
		}
		calls += len(some.Tables[1].Rows)
		if n := len(some.Tables[2].Rows); n != 0 {
			t.Errorf("%s: %d sessions", name, n)
		}
	}
	if calls == 0 || calls != len(all.Tables[1].Rows) {
		t.Errorf("%d calls of single queues, and %d of all", calls, len(all.Tables[1].Rows))
	}
}
