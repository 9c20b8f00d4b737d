package media

import (
	"math"
	"testing"
	"time"
)

// Values that follow from the formulas of ITU-T G.107 by hand.
func TestMOS(t *testing.T) {
	for _, c := range []struct {
		loss   float64
		oneWay time.Duration
		want   float64
	}{
		{0, 0, 4.41},
		{0, 100 * time.Millisecond, 4.36},
		{0, 300 * time.Millisecond, 3.71},
		{0.01, 50 * time.Millisecond, 4.29},
		{0.05, 50 * time.Millisecond, 3.88},
		{0.2, 50 * time.Millisecond, 2.54},
		{1, 10 * time.Second, 1},
	} {
		if got := mos("PCMU", c.loss, c.oneWay); math.Abs(got-c.want) > 0.06 {
			t.Errorf("loss %v, delay %v: %.2f, want %.2f", c.loss, c.oneWay, got, c.want)
		}
	}
	if with, without := mos("PCMU", 0.05, 0), mos("GSM", 0.05, 0); without >= with {
		t.Errorf("an unknown codec is rated %.2f, G.711 %.2f", without, with)
	}
}

// More loss or delay never sounds better.
func TestMOSFalls(t *testing.T) {
	last := 5.0
	for loss := 0.0; loss <= 1; loss += 0.01 {
		got := mos("PCMA", loss, time.Duration(loss*float64(time.Second)))
		if got > last || got < 1 {
			t.Fatalf("loss %.2f: %.3f after %.3f", loss, got, last)
		}
		last = got
	}
}
