package actors

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"
)

// A stop whose time is over before all listeners are closed has closed them all the same, and is no failure; what else went
// wrong is one.
func TestCloseWhenTimeIsOver(t *testing.T) {
	broken := errors.New("broken")
	for _, fails := range []error{nil, broken} {
		var closed []string
		h := &House{log: slog.New(slog.DiscardHandler)}
		h.closes(func(ctx context.Context) error { closed = append(closed, "listener"); return ctx.Err() })
		h.closes(func(context.Context) error { closed = append(closed, "store"); return fails })
		over, cancel := context.WithDeadline(t.Context(), time.Unix(0, 0))
		defer cancel()
		if err := h.close(over); !errors.Is(err, fails) || fails == nil && err != nil || len(closed) != 2 {
			t.Errorf("closed %v: %v, want %v", closed, err, fails)
		}
	}
}
