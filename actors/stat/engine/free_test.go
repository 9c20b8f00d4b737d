package engine

import (
	"bytes"
	"fmt"
	"testing"

	"tandem/actors/stat/measure"
)

// TestNeverNamed: an object that no fact has named is forgotten with its last statistic, also behind a file; one that a fact has
// named is not.
func TestNeverNamed(t *testing.T) {
	entered, _ := measure.ParseName("CallEntered")
	category := measure.Definition{Category: "TotalNumber", Subject: measure.DNAction}
	category.Main, _ = measure.ParseMask("CallEntered", measure.DNAction)
	w := New(Options{})
	open := func(id, object string) {
		t.Helper()
		o, err := ParseObject(object)
		if err == nil {
			_, err = w.Open(id, o, category, 1000)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	for i := range 50 {
		open(fmt.Sprint("a", i), fmt.Sprint("Agent:nobody", i))
		open(fmt.Sprint("b", i), fmt.Sprint("Agent:nobody", i))
	}
	open("q", "Queue:Q")
	if err := w.Apply(Fact{At: 2000, What: Happen, Object: Object{Queue, "Q"}, Name: entered}); err != nil {
		t.Fatal(err)
	}
	var file bytes.Buffer
	if err := w.Save(&file); err != nil {
		t.Fatal(err)
	}
	loaded, err := Load(&file, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for name, x := range map[string]*World{"as it was": w, "loaded": loaded} {
		for i := range 50 {
			x.Close(fmt.Sprint("a", i))
		}
		if len(x.things) != 51 || len(x.agents) != 50 {
			t.Errorf("%s: %d objects, %d agents, and all have a statistic", name, len(x.things), len(x.agents))
		}
		for i := range 50 {
			x.Close(fmt.Sprint("b", i))
		}
		x.Close("q")
		if len(x.things) != 1 || len(x.agents) != 0 {
			t.Errorf("%s: %d objects are left, %d agents", name, len(x.things), len(x.agents))
		}
	}
}
