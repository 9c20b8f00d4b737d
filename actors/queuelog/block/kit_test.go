package block

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tandem/actors/queuelog/report"
)

// facts folds the logs of a set as a source expression says.
func facts(t testing.TB, set, spec string) Facts {
	t.Helper()
	source, err := report.ParseSource(spec)
	if err != nil {
		t.Fatal(err)
	}
	l := &List{}
	for _, p := range source.Parts {
		file, err := os.Open(filepath.Join("..", "report", "testdata", "cases", set+"-"+p.Name+".queue_log"))
		if err != nil {
			t.Fatal(err)
		}
		f := report.NewFold(p, source, report.Names{}, l)
		if err := f.File(file); err != nil {
			t.Fatal(err)
		}
		_ = file.Close()
		f.Open(l)
	}
	return l.Facts()
}

// story folds lines of one partition, A.
func story(lines ...string) Facts {
	l := &List{}
	f := report.NewFold(report.Part{Name: "A"}, report.Source{}, report.Names{}, l)
	for _, text := range lines {
		f.Line([]byte(text))
	}
	f.Open(l)
	return l.Facts()
}

// made makes one block and writes it: heads, then rows, cells divided by bars.
func made(t testing.TB, ask Ask, name string, from Facts) string {
	t.Helper()
	tables, err := Make(ask, []string{name}, from)
	if err != nil {
		t.Fatal(name, err)
	}
	return written(tables[0])
}

func written(b Table) string {
	var out strings.Builder
	heads := make([]string, len(b.Columns))
	for i, c := range b.Columns {
		heads[i] = c.Name
	}
	out.WriteString(strings.Join(heads, " | ") + "\n")
	for _, row := range b.Rows {
		cells := make([]string, len(row))
		for i, c := range row {
			cells[i] = c.String()
		}
		out.WriteString(strings.Join(cells, " | ") + "\n")
	}
	return out.String()
}
