package script

import (
	"context"
	"log/slog"
)

// ear hears what a program says with SysLog, and what the platform says of its exception; all goes on to the
// stage's own log.
type ear struct {
	slog.Handler
	task *played
}

// Enabled lets everything through to Handle.
func (e ear) Enabled(context.Context, slog.Level) bool { return true }

// WithAttrs keeps hearing.
func (e ear) WithAttrs(attrs []slog.Attr) slog.Handler {
	return ear{e.Handler.WithAttrs(attrs), e.task}
}

// WithGroup keeps hearing.
func (e ear) WithGroup(name string) slog.Handler { return ear{e.Handler.WithGroup(name), e.task} }

// Handle puts what the program says into the transcript.
func (e ear) Handle(ctx context.Context, r slog.Record) error {
	r.Attrs(func(a slog.Attr) bool {
		if r.Message == "program says" && a.Key == "text" {
			e.task.say("says %s", a.Value.String())
		}
		return true
	})
	if !e.Handler.Enabled(ctx, r.Level) {
		return nil
	}
	return e.Handler.Handle(ctx, r)
}
