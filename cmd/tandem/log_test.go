package main

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"

	"tandem/conf"
)

func TestLevelFollowsTheSettings(t *testing.T) {
	level := &slog.LevelVar{}
	var out bytes.Buffer
	log := newLogger(&out, conf.Log{Level: "warn", Format: "json"}, level)
	trace := func() { log.Log(context.Background(), levelTrace, "message") }
	log.Info("quiet")
	trace()
	if out.Len() > 0 {
		t.Errorf("at warn: %s", out.String())
	}
	setLevel(level, conf.Log{Level: "warn", Wire: true})
	trace()
	if !strings.Contains(out.String(), `"msg":"message"`) {
		t.Errorf("with wire: %q", out.String())
	}
	setLevel(level, conf.Log{Level: "no such level"})
	if level.Level() != levelTrace {
		t.Error("a level that is none was taken")
	}
}
