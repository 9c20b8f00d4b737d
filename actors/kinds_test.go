package actors

import (
	"testing"
	"time"

	"tandem/conf"
)

// TestLegsOutlastRinging: no leg ends before those have given up who let it ring.
func TestLegsOutlastRinging(t *testing.T) {
	for _, x := range []struct {
		ring     time.Duration
		forwards int
		want     time.Duration
	}{
		{time.Second, 0, 11 * time.Minute}, // a program may let others ring for ten
		{time.Minute, 10, 12 * time.Minute}, {time.Hour, 0, 61 * time.Minute}, {time.Hour, 2, 181 * time.Minute},
	} {
		if got := legLimits(conf.Routing{RingTimeout: x.ring, MaxForwards: x.forwards}).Unanswered; got != x.want {
			t.Errorf("%v and %d forwards: %v, want %v", x.ring, x.forwards, got, x.want)
		}
	}
}
