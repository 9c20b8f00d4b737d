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

// TestLastWordsFollowTheSettings: what an edge sends now has as long for its answer as the settings give it.
func TestLastWordsFollowTheSettings(t *testing.T) {
	c := settingsOf(t.TempDir())
	h := &House{live: liveOf(t, c, "")}
	usual := h.lastWords()
	c.SIP.T1, c.SIP.T2 = 2*time.Second, 8*time.Second
	h.live = liveOf(t, c, "")
	if got := h.lastWords(); usual <= 64*500*time.Millisecond || got <= 64*2*time.Second {
		t.Errorf("%v and %v", usual, got)
	}
}
