package sipp

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// shown is one row of the table of doc.go.
type shown struct {
	rfc            string
	caller, called []string // what shows it; the first may be none:, and then the rest says why
}

// table reads it.
func table(t *testing.T) (rows []shown) {
	t.Helper()
	text, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	var side *[]string
	for line := range strings.SplitSeq(string(text), "\n") {
		line, ok := strings.CutPrefix(line, "//\t")
		words := strings.Fields(line)
		switch {
		case !ok:
			continue
		case !strings.HasPrefix(line, " "):
			rows = append(rows, shown{rfc: line})
			continue
		case words[0] == "caller":
			side, words = &rows[len(rows)-1].caller, words[1:]
		case words[0] == "called":
			side, words = &rows[len(rows)-1].called, words[1:]
		}
		*side = append(*side, words...)
	}
	return rows
}

// TestTable: each row of the table names what is there, for both directions, and each story has its row and is told.
func TestTable(t *testing.T) {
	told := tests(t, ".")
	named := map[string]bool{}
	for _, row := range table(t) {
		for _, side := range [][]string{row.caller, row.called} {
			if len(side) == 0 {
				t.Errorf("%s: a direction is missing", row.rfc)
				continue
			}
			if side[0] == "none:" {
				continue
			}
			for _, name := range side {
				named[name] = true
				there(t, row.rfc, name)
			}
		}
	}
	files, err := filepath.Glob("testdata/*.xml")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".xml")
		if !named[name] {
			t.Errorf("%s shows something, and the table of doc.go does not say of what RFC", name)
		}
		if !strings.Contains(told, `"`+name+`"`) {
			t.Errorf("no test tells %s", name)
		}
	}
}

var testName = regexp.MustCompile(`^([\w/]+)\.(Test\w+)$`)

// there demands that what a row names exists: a test of a directory beside this one, or of a library, or a file.
func there(t *testing.T, rfc, name string) {
	t.Helper()
	if found := testName.FindStringSubmatch(name); found != nil {
		dir := filepath.Join("..", found[1])
		if strings.Contains(found[1], "/") {
			dir = filepath.Join("..", dir)
		}
		if !strings.Contains(tests(t, dir), "func "+found[2]+"(") {
			t.Errorf("%s: there is no %s", rfc, name)
		}
		return
	}
	if _, err := os.Stat(filepath.Join("testdata", name+".xml")); err != nil {
		t.Errorf("%s: there is no story %s", rfc, name)
	}
}

// tests is the text of all tests of a directory but this one.
func tests(t *testing.T, dir string) string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	files = slices.DeleteFunc(files, func(f string) bool { return f == "list_test.go" })
	var all strings.Builder
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(text)
	}
	return all.String()
}
