package service

import (
	"context"
	"testing"

	"tandem/actors/pbx/task"
	"tandem/ximss/object"
)

// A service with a fault ends nothing.
func TestServiceFault(t *testing.T) {
	s := New(Options{Log: quiet})
	run := s.guarded(task.Service{Name: "Bad", Run: func(context.Context, task.Caller, []object.Value) object.Value { panic("fault") }})
	if got := run(t.Context(), task.Caller{}, nil).Text(); got != "internal error, see the log" {
		t.Errorf("it gives %q", got)
	}
}
