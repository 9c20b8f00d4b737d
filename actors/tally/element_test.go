package tally

import (
	"errors"
	"log/slog"
	"math"
	"testing"
)

// Programs keep numbers of their own beside the member's, which only it changes.
func TestElements(t *testing.T) {
	e := NewElements(func() ([]Element, error) { return []Element{{"calls.talking", 2.6}, {"most", math.Inf(1)}}, nil }, slog.New(slog.DiscardHandler))
	for _, name := range []string{"Calls.Talking", "calls.talking"} {
		if n, err := e.Value(name); n != 3 || err != nil {
			t.Errorf("%s is %d, %v", name, n, err)
		}
		if _, err := e.Change(name, true, 1); !errors.Is(err, ErrOwn) {
			t.Errorf("%s is changed: %v", name, err)
		}
	}
	if n, _ := e.Value("most"); n != math.MaxInt64 {
		t.Errorf("what is without end is %d", n)
	}
	if n, err := e.Change("mine", false, math.MaxInt64-1); n != math.MaxInt64-1 || err != nil {
		t.Errorf("mine is %d, %v", n, err)
	}
	if n, err := e.Change("mine", true, 5); n != math.MaxInt64 || err != nil {
		t.Errorf("a sum goes to %d, %v", n, err)
	}
	if _, err := e.Change("no name", false, 1); !errors.Is(err, ErrName) {
		t.Errorf("a name with a space: %v", err)
	}
	var names []string
	for name, err := e.Next(""); err == nil; name, err = e.Next(name) {
		names = append(names, name)
	}
	if len(names) != 3 || names[0] != "calls.talking" || names[1] != "mine" || names[2] != "most" {
		t.Errorf("in order they are %v", names)
	}
}
