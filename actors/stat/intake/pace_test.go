package intake

import (
	"fmt"
	"testing"
	"time"

	"tandem/actors/stat/source"
)

// TestPace: lines are told as those of a second, over the ten seconds before this one; what is longer ago is forgotten.
func TestPace(t *testing.T) {
	var p pace
	at := time.Unix(1_700_000_000, 0)
	for _, step := range []struct {
		after time.Duration
		lines uint64
		want  float64
	}{{0, 30, 0}, {time.Second, 0, 3}, {500 * time.Millisecond, 70, 3}, {time.Second, 0, 10}, {8 * time.Second, 0, 10},
		{time.Second, 0, 7}, {time.Second, 0, 0}, {time.Hour, 10, 0}, {-time.Minute, 0, 0}, {2 * time.Minute, 0, 0}} {
		at = at.Add(step.after)
		p.add(step.lines, at)
		if got := p.perSecond(at); got != step.want {
			t.Errorf("at %v: %v lines in a second, want %v", at, got, step.want)
		}
	}
}

// TestRefusedAreRemembered: the newest ones alone.
func TestRefusedAreRemembered(t *testing.T) {
	var all []Refused
	for i := range 3 * maxRefused {
		all = remember(all, []source.Fault{{Line: 1, Seq: uint64(i), Reason: fmt.Sprint("reason ", i)}}, time.UnixMilli(int64(i)))
	}
	if len(all) != maxRefused || all[len(all)-1].Reason != fmt.Sprint("reason ", 3*maxRefused-1) || all[0].Seq != 2*maxRefused {
		t.Errorf("%d: %+v", len(all), all)
	}
}
