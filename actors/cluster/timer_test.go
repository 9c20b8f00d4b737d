package cluster

import (
	"context"
	"errors"
	"testing"
	"time"
)

func TestUntil(t *testing.T) {
	looks := 0
	third := func() bool { looks++; return looks == 3 }
	if err := Until(t.Context(), time.Millisecond, third); err != nil || looks != 3 {
		t.Errorf("after %d looks: %v", looks, err)
	}
	over, cancel := context.WithCancel(t.Context())
	cancel()
	if err := Until(over, time.Hour, func() bool { return false }); !errors.Is(err, context.Canceled) {
		t.Errorf("without end it says %v", err)
	}
	if err := Until(over, time.Hour, func() bool { return true }); err != nil {
		t.Errorf("what is so at once is %v", err)
	}
}
