package store

import (
	"fmt"
	"log/slog"
)

// engineLog carries the engine's warnings and errors into our log; its small talk is dropped.
type engineLog struct{ log *slog.Logger }

func (l engineLog) Noticef(string, ...any) {}
func (l engineLog) Debugf(string, ...any)  {}
func (l engineLog) Tracef(string, ...any)  {}

func (l engineLog) Warnf(format string, v ...any) {
	l.log.Warn("engine", "text", fmt.Sprintf(format, v...))
}

func (l engineLog) Errorf(format string, v ...any) {
	l.log.Error("engine", "text", fmt.Sprintf(format, v...))
}

func (l engineLog) Fatalf(format string, v ...any) {
	l.log.Error("engine failed", "text", fmt.Sprintf(format, v...))
}
