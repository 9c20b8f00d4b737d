package store

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync/atomic"
	"time"
)

// engineLog carries the engine's warnings and errors into our log; its small talk is dropped.
type engineLog struct {
	log       *slog.Logger
	strangers *atomic.Int64 // when the last line about one was written, ns since 1970
}

func newEngineLog(log *slog.Logger) engineLog { return engineLog{log, &atomic.Int64{}} }

// strangerPause is the least time between two lines about connections that are no member's: anybody can make them.
const strangerPause = 10 * time.Second

// strange are words of the engine about a connection that showed no certificate of the cluster.
var strange = []string{"TLS handshake error", "TLS route handshake error"}

// ordinary are warnings and errors of the engine that tell of nothing out of order, or of what we tell ourselves
// once and in words that an operator can use: that a member is not there, that the engine looks again at its
// files after a kill, that certificates are checked by us, not against the name of a host, and that nobody gets in
// without them.
var ordinary = []string{
	"Error trying to connect to route",
	"Waiting for routing to be established",
	"JetStream has not established contact with a meta leader",
	"TLS certificate chain and hostname of solicited routes will not be verified",
	"Recovering stream state from index errored",
	"Stream state outdated",
	"Metalayer blocking snapshot",
	"Error flushing: write tcp",
	"Clients that are not using \"TLS Handshake First\" option will fail to connect",
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
	if says(text, strange) {
		l.refused(text)
		return
	}
	if says(text, ordinary) {
		level = slog.LevelDebug
	}
	l.log.Log(context.Background(), level, message, "text", text)
}

// refused tells of strangers now and then.
func (l engineLog) refused(text string) {
	now, last := time.Now().UnixNano(), l.strangers.Load()
	if now-last >= int64(strangerPause) && l.strangers.CompareAndSwap(last, now) {
		l.log.Warn("a connection that is no member's was refused", "text", text)
	}
}

func says(text string, any []string) bool {
	return slices.ContainsFunc(any, func(s string) bool { return strings.Contains(text, s) })
}
