package rtp

import (
	"testing"
	"time"
)

// take feeds packets of 20 ms that arrive as they were sent.
func take(r *Reception, ssrc uint32, seqs ...uint16) (last Order) {
	for _, seq := range seqs {
		last = r.Update(ssrc, seq, uint32(seq)*160, uint32(seq)*160)
	}
	return last
}

func TestReception(t *testing.T) {
	for _, c := range []struct {
		name string
		seqs []uint16
		want uint64 // expected
		lost uint64
		last Order
	}{
		{"in order", []uint16{1, 2, 3}, 3, 0, InOrder},
		{"wrap", []uint16{65534, 65535, 0, 1}, 4, 0, InOrder},
		{"lost over the wrap", []uint16{65534, 1}, 4, 2, InOrder},
		{"reordered", []uint16{1, 3, 2}, 3, 0, Late},
		{"doubled", []uint16{1, 2, 2}, 2, 0, Late},
		{"one wild packet", []uint16{1, 2, 30000, 3}, 3, 0, InOrder},
		{"restart", []uint16{1, 2, 30000, 30001, 30002}, 4, 0, InOrder},
	} {
		var r Reception
		last := take(&r, 1, c.seqs...)
		if r.Expected() != c.want || r.Lost() != c.lost || last != c.last {
			t.Errorf("%s: expected %d lost %d last %d", c.name, r.Expected(), r.Lost(), last)
		}
	}
}

func TestReceptionOfTwoSources(t *testing.T) {
	var r Reception
	take(&r, 1, 10, 12)
	if order := take(&r, 2, 50000); order != Restart {
		t.Errorf("another source is %d", order)
	}
	take(&r, 2, 50001, 50003)
	if r.Expected() != 7 || r.Lost() != 2 || r.Received != 5 {
		t.Errorf("expected %d lost %d received %d", r.Expected(), r.Lost(), r.Received)
	}
}

func TestFraction(t *testing.T) {
	var r Reception
	take(&r, 1, 1, 2, 4)
	if f := r.Fraction(); f != 64 {
		t.Errorf("one of four is %d/256", f)
	}
	if f := r.Fraction(); f != 0 {
		t.Errorf("nothing new is %d/256", f)
	}
	take(&r, 1, 5, 6)
	if f := r.Fraction(); f != 0 {
		t.Errorf("no loss is %d/256", f)
	}
}

// A packet that is d late, then one that is not: each moves the jitter by a sixteenth of d.
func TestJitter(t *testing.T) {
	var r Reception
	r.Update(1, 1, 160, 1000)
	r.Update(1, 2, 320, 1160+80)
	if r.Jitter != 5 {
		t.Errorf("jitter %v, want 5", r.Jitter)
	}
	r.Count(1, 3) // says nothing of time
	r.Update(1, 4, 640, 1480)
	if want := 5 + (80.0-5)/16; r.Jitter != want {
		t.Errorf("jitter %v, want %v", r.Jitter, want)
	}
	if got := r.JitterTime(8000); got < time.Millisecond || got > 2*time.Millisecond {
		t.Errorf("as time %v", got)
	}
}
