package lab

import (
	"os/exec"
	"testing"
	"time"
)

// pollEvery is how often Wait looks: seldom enough for two cores, often enough for a quick test.
const pollEvery = 20 * time.Millisecond

// Long skips a test that takes real time or real peers in a short run.
func Long(t testing.TB) {
	t.Helper()
	if testing.Short() {
		t.Skip("works with real processes for a while: run it without -short")
	}
}

// Tool finds the first of several programs that do the same, or skips the test with a sentence that
// says which package has it.
func Tool(t testing.TB, debianPackage string, names ...string) string {
	t.Helper()
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	t.Skipf("needs the program %s: install the Debian package %s", names[0], debianPackage)
	return ""
}

// Wait waits until ok says yes, and fails the test when it has not after so long. It is for things
// that can only be asked for; what can be heard (a line, an exit) is better waited for itself.
func Wait(t testing.TB, most time.Duration, what string, ok func() bool) {
	t.Helper()
	if !poll(most, nil, ok) {
		t.Fatalf("waited %v in vain: %s", most, what)
	}
}

// Try does something until it succeeds, and fails the test with the last error when it has not after so long.
func Try(t testing.TB, most time.Duration, what string, do func() error) {
	t.Helper()
	var err error
	if !poll(most, nil, func() bool { err = do(); return err == nil }) {
		t.Fatalf("waited %v in vain: %s: %v", most, what, err)
	}
}

// poll asks until ok, the time is over or broken is closed.
func poll(most time.Duration, broken <-chan struct{}, ok func() bool) bool {
	over := time.NewTimer(most)
	defer over.Stop()
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	for !ok() {
		select {
		case <-tick.C:
		case <-over.C:
			return ok()
		case <-broken:
			return ok()
		}
	}
	return true
}
