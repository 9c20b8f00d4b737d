package tidy

import (
	"fmt"
	"os"
	"os/exec"
	"sync"
	"testing"
)

const root = "../.."

// repository is read once for all rules.
var repository = sync.OnceValues(func() ([]*File, error) {
	files, faults, err := Read(os.DirFS(root))
	switch {
	case err != nil:
		return nil, err
	case len(faults) > 0:
		return nil, fmt.Errorf("%v", faults)
	case len(files) < 10:
		return nil, fmt.Errorf("only %d files: this is not the repository", len(files))
	}
	return files, nil
})

func tree(t *testing.T) []*File {
	t.Helper()
	files, err := repository()
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func report(t *testing.T, faults []Fault) {
	t.Helper()
	for _, f := range faults {
		t.Error(f)
	}
}

func TestImports(t *testing.T)  { report(t, Imports(tree(t))) }
func TestDoors(t *testing.T)    { report(t, Doors(tree(t))) }
func TestComments(t *testing.T) { report(t, Comments(tree(t))) }
func TestSleeps(t *testing.T)   { report(t, Sleeps(tree(t))) }

// Sizes are a list for whoever looks for a place to improve: go test -v -run Sizes ./test/tidy
func TestSizes(t *testing.T) {
	for _, f := range Sizes(tree(t)) {
		t.Log(f)
	}
}

func TestGenerated(t *testing.T) {
	if _, err := exec.LookPath("protoc"); err != nil {
		t.Skip("protoc is not installed, so nobody knows whether the generated files are current")
	}
	for _, f := range tree(t) {
		for _, command := range Commands(f) {
			faults, err := Generated(root, f, command, t.TempDir())
			if err != nil {
				t.Error(err)
			}
			report(t, faults)
		}
	}
}
