package main

import (
	"math"
	"os"
	"runtime/debug"
	"strconv"
	"strings"
)

// Memory is traded for time: the collector runs seldom (growth by gcPercent) while there is plenty,
// and harder when the heap nears the share of the machine that a member may have.
const (
	gcPercent   = 400
	memoryShare = 0.7
)

// tuneMemory sets the collector's two knobs unless GOGC or GOMEMLIMIT set them already.
func tuneMemory() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	if os.Getenv("GOMEMLIMIT") != "" {
		return
	}
	machine, _ := os.ReadFile("/proc/meminfo")
	group, _ := os.ReadFile("/sys/fs/cgroup/memory.max")
	if limit := memoryLimit(string(machine), string(group)); limit > 0 {
		debug.SetMemoryLimit(limit)
	}
}

// memoryLimit is the share of the smaller of what the machine has and what the control group
// allows, in bytes; 0 when neither is known. The texts are those of /proc/meminfo and memory.max.
func memoryLimit(machine, group string) int64 {
	least := int64(math.MaxInt64)
	for line := range strings.Lines(machine) {
		if f := strings.Fields(line); len(f) == 3 && f[0] == "MemTotal:" && f[2] == "kB" {
			if n, err := strconv.ParseInt(f[1], 10, 64); err == nil && n > 0 {
				least = n << 10
			}
		}
	}
	if n, err := strconv.ParseInt(strings.TrimSpace(group), 10, 64); err == nil && n > 0 {
		least = min(least, n) // "max", which is no number, means no limit
	}
	if least == math.MaxInt64 {
		return 0
	}
	return int64(float64(least) * memoryShare)
}
