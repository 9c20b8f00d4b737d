package task

import (
	"log/slog"
	"testing"
	"time"
)

// A Task may write many lines at once and few later; the log tells how many were dropped.
func TestSays(t *testing.T) {
	var s says
	log := slog.New(slog.DiscardHandler)
	now := time.Unix(1, 0)
	written := func(tries int) (n int) {
		for range tries {
			if s.may(now, log) {
				n++
			}
		}
		return n
	}
	if n := written(5 * mostSaid); n != mostSaid {
		t.Errorf("%d lines at once, expected %d", n, mostSaid)
	}
	if s.dropped != 4*mostSaid {
		t.Errorf("%d lines are known to be dropped", s.dropped)
	}
	now = now.Add(2 * time.Second)
	if n := written(100); n != int(2*time.Second/sayPeriod) {
		t.Errorf("%d lines after two seconds", n)
	}
	now = now.Add(time.Hour)
	if n := written(5 * mostSaid); n != mostSaid {
		t.Errorf("%d lines after an hour, expected %d", n, mostSaid)
	}
}
