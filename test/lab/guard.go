package lab

import (
	"fmt"
	"os"
	"strings"
	"sync/atomic"
)

const (
	// maxProcesses is how many children one run of a package's tests may start in all: a loop that
	// starts members for ever ends there and not with the machine.
	maxProcesses = 600
	// maxAlive is how many of them may live at once.
	maxAlive = 40
	// mark in the environment says that a process was started by a lab.
	mark = "TANDEM_LAB_CHILD"
)

var started, alive atomic.Int32

// admit counts one more child, or says why there may be none.
func admit() error {
	if _, inside := os.LookupEnv(mark); inside {
		return fmt.Errorf("this process was started by a lab (%s is set): it may not open one itself", mark)
	}
	if n := started.Add(1); n > maxProcesses {
		return fmt.Errorf("the tests have started %d processes, the most they may", maxProcesses)
	}
	if n := alive.Add(1); n > maxAlive {
		alive.Add(-1)
		return fmt.Errorf("%d processes of the tests live, the most there may be", maxAlive)
	}
	return nil
}

// childEnv is our environment without settings of the server, which would change what is tested.
func childEnv(more []string) []string {
	var env []string
	for _, pair := range os.Environ() {
		if !strings.HasPrefix(pair, "TANDEM_") {
			env = append(env, pair)
		}
	}
	return append(append(env, mark+"=1"), more...)
}
