package transport

import (
	"testing"
	"time"
)

func TestTheShortestWaitCounts(t *testing.T) {
	var w waits
	if got := w.take(); got != 0 {
		t.Errorf("nothing came, and waited %v", got)
	}
	for _, d := range []time.Duration{30, 20, 40, 25} {
		w.note(d * time.Millisecond)
	}
	if got := w.take(); got != 20*time.Millisecond {
		t.Errorf("waited %v", got)
	}
	w.note(-time.Second) // the clock was set back
	w.note(time.Second)
	if got := w.take(); got != 0 {
		t.Errorf("waited %v", got)
	}
}
