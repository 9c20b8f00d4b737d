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
