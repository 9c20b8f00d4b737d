package store

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
)

// engineLog carries the engine's warnings and errors into our log; its small talk is dropped.
type engineLog struct{ log *slog.Logger }

// ordinary are warnings and errors of the engine that tell of nothing out of order, or of what we tell ourselves
// once and in words that an operator can use: that a member is not there, that the engine looks again at its
// files after a kill, and that certificates are checked by us, not against the name of a host.
var ordinary = []string{
	"Error trying to connect to route",
	"Waiting for routing to be established",
	"JetStream has not established contact with a meta leader",
	"TLS certificate chain and hostname of solicited routes will not be verified",
	"Recovering stream state from index errored",
	"Stream state outdated",
	"Metalayer blocking snapshot",
	"Error flushing: write tcp",
}

func (l engineLog) Noticef(string, ...any) {}
func (l engineLog) Debugf(string, ...any)  {}
func (l engineLog) Tracef(string, ...any)  {}

func (l engineLog) Warnf(format string, v ...any) { l.say(slog.LevelWarn, "engine", format, v) }

func (l engineLog) Errorf(format string, v ...any) { l.say(slog.LevelError, "engine", format, v) }

func (l engineLog) Fatalf(format string, v ...any) {
	l.say(slog.LevelError, "engine failed", format, v)
}

func (l engineLog) say(level slog.Level, message, format string, v []any) {
	text := fmt.Sprintf(format, v...)
	if slices.ContainsFunc(ordinary, func(s string) bool { return strings.Contains(text, s) }) {
		level = slog.LevelDebug
	}
	l.log.Log(context.Background(), level, message, "text", text)
}
