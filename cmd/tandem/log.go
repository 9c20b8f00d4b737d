package main

import (
	"io"
	"log/slog"

	"tandem/conf"
)

// newLogger makes the one logger of the process. Its level follows the settings, see setLevel.
func newLogger(to io.Writer, c conf.Log, level *slog.LevelVar) *slog.Logger {
	setLevel(level, c)
	options := &slog.HandlerOptions{Level: level}
	if c.Format == "json" {
		return slog.New(slog.NewJSONHandler(to, options))
	}
	return slog.New(slog.NewTextHandler(to, options))
}

// levelTrace is below debug: the edges log what is on the wire there.
const levelTrace = slog.LevelDebug - 4

// setLevel obeys log.level, which conf has checked, and log.wire, which shows all there is.
func setLevel(level *slog.LevelVar, c conf.Log) {
	var l slog.Level
	if l.UnmarshalText([]byte(c.Level)) != nil {
		return
	}
	if c.Wire {
		l = levelTrace
	}
	level.Set(l)
}
