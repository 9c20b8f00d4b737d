package pbx

import (
	"context"
	"log/slog"
)

// signed is the log of one Task. What it writes is signed when it is written: most Tasks write little and wait
// long, and a logger that has their names ready would be a good part of what they keep.
type signed struct {
	slog.Handler
	task *taskActor
}

// own is the handler with the Task's name.
func (s signed) own() slog.Handler {
	return s.Handler.WithAttrs([]slog.Attr{slog.String("kind", "task"), slog.String("id", s.task.id),
		slog.String("call", s.task.start.Call)})
}

// Handle writes a record under the Task's name.
func (s signed) Handle(ctx context.Context, r slog.Record) error { return s.own().Handle(ctx, r) }

// WithAttrs is the signed log with more.
func (s signed) WithAttrs(attrs []slog.Attr) slog.Handler { return s.own().WithAttrs(attrs) }

// WithGroup is the signed log with a group.
func (s signed) WithGroup(name string) slog.Handler { return s.own().WithGroup(name) }
