package task

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// Every function is told of in the documentation of package pbx or of package lib, and what that tells of as done
// is there.
func TestEveryFunctionIsDocumented(t *testing.T) {
	documented := map[string]bool{}
	for _, file := range []string{"../doc.go", "../cgpl/lib/lib.go", "../cgpl/lib/doc.go", "../cgpl/lib/refused.go"} {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, w := range regexp.MustCompile(`[A-Za-z0-9]+`).FindAllString(string(text), -1) {
			documented[strings.ToLower(w)] = true
		}
	}
	library := Library()
	for key, b := range library {
		isTest := strings.HasPrefix(b.Name, "Is") && strings.HasSuffix(b.Name, "Event")
		if !documented[key] && !isTest {
			t.Errorf("%s is nowhere told of", b.Name)
		}
	}
	doc, err := os.ReadFile("../doc.go")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(doc), "//	done ")
	table, _, _ = strings.Cut(table, "//	in part")
	for _, w := range regexp.MustCompile(`\b[A-Z][A-Za-z]+\b`).FindAllString(table, -1) {
		if len(w) > 3 && w != "Task" && library[strings.ToLower(w)] == nil {
			t.Errorf("%s is told of, and not there", w)
		}
	}
}
