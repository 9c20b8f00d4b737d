package msg

import (
	"testing"
	"time"
)

func TestMomentIsWhatNanosWasMadeOf(t *testing.T) {
	for _, at := range []time.Time{{}, time.Unix(0, 1), time.Unix(0, -1), time.Date(2026, 11, 26, 21, 0, 0, 123456789, time.UTC)} {
		if got := Moment(Nanos(at)); !got.Equal(at) || got.IsZero() != at.IsZero() {
			t.Errorf("%v came back as %v", at, got)
		}
	}
	if n := Nanos(time.Time{}); n != 0 {
		t.Errorf("no time is %d", n)
	}
}
