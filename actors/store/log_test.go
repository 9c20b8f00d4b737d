package store

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
)

func TestStrangersFillNoLog(t *testing.T) {
	var out bytes.Buffer
	l := newEngineLog(slog.New(slog.NewTextHandler(&out, nil)))
	for range 500 {
		l.Errorf("%s - cid:%d - TLS handshake error: %v", "127.0.0.1:4711", 7, "tls: client didn't provide a certificate")
		l.Errorf("%s - rid:%d - TLS route handshake error: %v", "127.0.0.1:4712", 8, "EOF")
	}
	if n := strings.Count(out.String(), "\n"); n != 1 || !strings.Contains(out.String(), "127.0.0.1:4711") {
		t.Errorf("a thousand strangers made %d lines:\n%.500s", n, out.String())
	}
	l.Errorf("the disk is full")
	if !strings.Contains(out.String(), "the disk is full") {
		t.Error("what is no stranger's was not written")
	}
}
