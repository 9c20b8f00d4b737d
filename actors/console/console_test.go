package console

import (
	"maps"
	"slices"
	"testing"

	"tandem/ximss/cli"
)

// Each command that the grammar knows is done by something, and nothing is done that it does not know.
func TestEveryCommandIsDone(t *testing.T) {
	done := slices.Sorted(maps.Keys(works()))
	if known := cli.Names(); !slices.Equal(done, known) {
		for _, name := range known {
			if !slices.Contains(done, name) {
				t.Errorf("nothing does %s", name)
			}
		}
		for _, name := range done {
			if !slices.Contains(known, name) {
				t.Errorf("nobody can say %s", name)
			}
		}
	}
}

// A member that is alone leads itself; among others the Controller's address is told, or that there is none.
func TestCurrentController(t *testing.T) {
	for at, want := range map[string]string{"127.0.0.3": "127.0.0.3", "": ""} {
		c := New(Options{Controller: func() string { return at }})
		v, f := c.getCurrentController(nil)
		if v.Text() != want || (f == nil) != (want != "") {
			t.Errorf("at %q: %q, %v", at, v.Text(), f)
		}
	}
}
