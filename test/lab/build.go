package lab

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
)

// built is the server's binary, built at its first use. Its directory outlives the test that asked
// first, because others of the same run use it too; Clean removes it.
var built struct {
	sync.Mutex
	path, dir string
	err       error
	flags     []string
}

// Binary returns the path of the server's program: TANDEM_TEST_BINARY, or one built now.
func Binary(t testing.TB) string {
	t.Helper()
	built.Lock()
	defer built.Unlock()
	if built.path == "" && built.err == nil {
		built.path, built.err = build()
	}
	if built.err != nil {
		t.Fatal(built.err)
	}
	return built.path
}

// BuildWith has the server's program built with flags of go build, in place of those named before; to be called before the
// first use of Binary.
func BuildWith(flags ...string) {
	built.Lock()
	defer built.Unlock()
	built.flags = flags
}

// Run is for a TestMain: it runs the tests and removes what Binary has built.
//
//	func TestMain(m *testing.M) { os.Exit(lab.Run(m)) }
func Run(m *testing.M) int {
	defer func() {
		thePostgreSQL.stop()
		if built.dir != "" {
			_ = os.RemoveAll(built.dir)
		}
	}()
	return m.Run()
}

func build() (string, error) {
	if path := os.Getenv("TANDEM_TEST_BINARY"); path != "" {
		if _, err := os.Stat(path); err != nil {
			return "", fmt.Errorf("TANDEM_TEST_BINARY: %w", err)
		}
		return filepath.Abs(path)
	}
	dir, err := os.MkdirTemp("", "tandem-lab-")
	if err != nil {
		return "", err
	}
	built.dir = dir
	path := filepath.Join(dir, "tandem")
	args := append([]string{"build", "-o", path}, built.flags...)
	if os.Getenv("TANDEM_TEST_RACE") == "1" {
		args = append(args, "-race")
	}
	out, err := exec.Command("go", append(args, "tandem/cmd/tandem")...).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("cannot build the server: %w\n%s", err, out)
	}
	return path, nil
}
