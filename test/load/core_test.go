package load

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// cores are the first and the last core that this process may use: the server's and the load's.
// They are read once, before the process is pinned.
var cores = func() (both [2]int) {
	var may unix.CPUSet
	if unix.SchedGetaffinity(0, &may) != nil {
		return both
	}
	both[0] = -1
	for core := range len(may) * 64 {
		if may.IsSet(core) {
			if both[0] < 0 {
				both[0] = core
			}
			both[1] = core
		}
	}
	return both
}()

// pinLoad puts this process on the load's core.
func pinLoad(t *testing.T) {
	t.Helper()
	if cores[0] == cores[1] {
		t.Skip("needs two cores: one for the server and one for the load")
	}
	pin(t, os.Getpid(), cores[1])
}

// pinServer puts a process on the server's core, if there is one of its own.
func pinServer(t *testing.T, pid int) {
	t.Helper()
	pin(t, pid, cores[0])
}

// pin puts all threads of a process on one core. A thread made meanwhile may have its maker's old
// mask, hence the second look.
func pin(t *testing.T, pid, core int) {
	t.Helper()
	var only unix.CPUSet
	only.Set(core)
	for range 2 {
		tasks, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*", pid))
		if err != nil || len(tasks) == 0 {
			t.Fatalf("process %d has no threads: %v", pid, err)
		}
		for _, task := range tasks {
			id, _ := strconv.Atoi(filepath.Base(task))
			if err := unix.SchedSetaffinity(id, &only); err != nil && err != unix.ESRCH {
				t.Fatalf("cannot put thread %d on core %d: %v", id, core, err)
			}
		}
	}
}

// cpuTime is the processor time of a process so far, user and system. It is the sum that
// /proc/PID/stat shows in ticks of 10 ms, read to the nanosecond from the clock that the kernel has
// for each process (clock_getcpuclockid(3)).
func cpuTime(pid int) (time.Duration, error) {
	const scheduled = 2
	var at unix.Timespec
	if err := unix.ClockGettime(int32(^pid)<<3|scheduled, &at); err != nil {
		return 0, fmt.Errorf("processor time of process %d: %w", pid, err)
	}
	return time.Duration(at.Nano()), nil
}

// spent is what a server took of its core while it was worked on, and what others took. Where that is
// much, the server had to wait: its delays are then theirs, and its costs too, since packets that
// have waited come in larger batches.
type spent struct {
	cpu    time.Duration
	took   time.Duration // by the clock, with what it took to settle
	others float64       // percent of the core
}

// spend measures a server while work is done, and settles.
func (s server) spend(t *testing.T, work func()) spent { t.Helper(); return servers{s}.spend(t, work) }

// servers are measured together.
type servers []server

// spend measures the servers while work is done, and settles.
func (s servers) spend(t *testing.T, work func()) spent {
	t.Helper()
	began, core, own := time.Now(), coreTime(t), s.cpuTime(t)
	work()
	time.Sleep(settle)
	own, core = s.cpuTime(t)-own, coreTime(t)-core
	took := time.Since(began)
	return spent{cpu: own, took: took, others: max(0, 100*(core-own).Seconds()/took.Seconds())}
}

func (s servers) cpuTime(t *testing.T) (sum time.Duration) {
	t.Helper()
	for _, one := range s {
		cpu, err := cpuTime(one.pid)
		if err != nil {
			t.Fatal(err)
		}
		sum += cpu
	}
	return sum
}

// coreTime is for how long the server's core has been busy since the machine started, whoever with.
func coreTime(t *testing.T) (busy time.Duration) {
	t.Helper()
	const tick = 10 * time.Millisecond // USER_HZ, the same on every Linux
	text, err := os.ReadFile("/proc/stat")
	if err != nil {
		t.Fatal(err)
	}
	_, line, found := strings.Cut(string(text), fmt.Sprintf("\ncpu%d ", cores[0]))
	line, _, _ = strings.Cut(line, "\n")
	f := strings.Fields(line)
	if !found || len(f) < 8 {
		t.Fatalf("/proc/stat does not show core %d", cores[0])
	}
	for _, i := range []int{0, 1, 2, 5, 6, 7} { // user, nice, system, interrupts twice, stolen (proc_stat(5))
		n, err := strconv.ParseInt(f[i], 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		busy += time.Duration(n) * tick
	}
	return busy
}
