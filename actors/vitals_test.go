package actors

import (
	"testing"
	"time"
)

// The load is that of the time since the last measure, of all processors together.
func TestMeter(t *testing.T) {
	m, at := meter{processors: 2}, time.Unix(100, 0)
	for _, c := range []struct {
		used, passed time.Duration
		want         int
	}{
		{5 * time.Second, 0, 0}, // what was before nobody knows
		{6 * time.Second, time.Second, 500},
		{6 * time.Second, 0, 0},
		{6*time.Second + 200*time.Millisecond, 2 * time.Second, 50},
		{60 * time.Second, time.Second, 1000},
		{time.Second, time.Second, 0},
	} {
		at = at.Add(c.passed)
		if got := m.load(c.used, at); got != c.want {
			t.Errorf("%v used after %v more: %d, want %d", c.used, c.passed, got, c.want)
		}
	}
	if processorTime() <= 0 {
		t.Error("this process has used no time")
	}
}
