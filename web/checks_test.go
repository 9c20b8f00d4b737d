package web

import (
	"context"
	"testing"
)

// Passwords are checked two at a time; those beyond the queue are refused at once, and one whose client
// has gone gives up its place in the queue.
func TestChecksAreBounded(t *testing.T) {
	c := newChecks()
	var leaves []func()
	for range checksAtOnce {
		leave, err := c.enter(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		leaves = append(leaves, leave)
	}
	ctx, gone := context.WithCancel(t.Context())
	waiting := make(chan error)
	for range checksQueued {
		go func() { _, err := c.enter(ctx); waiting <- err }()
	}
	for c.queued.Load() < checksQueued {
	}
	if _, err := c.enter(t.Context()); err == nil {
		t.Error("one more than the queue holds was let in")
	}
	gone()
	for range checksQueued {
		if err := <-waiting; err == nil {
			t.Error("a check whose client has gone was made")
		}
	}
	leaves[0]()
	if _, err := c.enter(t.Context()); err != nil {
		t.Errorf("a free place is not given: %v", err)
	}
}
