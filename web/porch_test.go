package web

import (
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"

	"tandem/conf"
)

// TestPorch asks a member that is being opened, and takes its port over from the porch.
func TestPorch(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	at := l.Addr().String()
	c := conf.HTTP{Bind: []string{"127.0.0.1"}, Port: portOf(l)}
	_ = l.Close()
	p := OpenPorch(c, slog.New(slog.DiscardHandler))
	defer p.Close()
	p.Step("store")
	for _, ask := range []struct {
		path, text string
		status     int
	}{
		{"/healthz", "ok\n", http.StatusOK},
		{"/readyz", "starting: store\n", http.StatusServiceUnavailable},
		{"/api/v1/calls", "starting: store\n", http.StatusServiceUnavailable},
	} {
		answer, err := http.Get("http://" + at + ask.path)
		if err != nil {
			t.Fatal(err)
		}
		text, _ := io.ReadAll(answer.Body)
		_ = answer.Body.Close()
		if answer.StatusCode != ask.status || string(text) != ask.text {
			t.Errorf("%s: %d %q, want %d %q", ask.path, answer.StatusCode, text, ask.status, ask.text)
		}
	}
	p.Close()
	l, err = net.Listen("tcp", at)
	if err != nil {
		t.Fatalf("the port is not given back: %v", err)
	}
	_ = l.Close()
}

// TestPorchWithoutPort: where the port is any free one, or is taken, nothing is opened and nothing breaks.
func TestPorchWithoutPort(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = taken.Close() }()
	var told strings.Builder
	log := slog.New(slog.NewTextHandler(&told, &slog.HandlerOptions{Level: slog.LevelDebug}))
	for _, port := range []int{0, -1, portOf(taken)} {
		OpenPorch(conf.HTTP{Bind: []string{"127.0.0.1"}, Port: port}, log).Close()
	}
	if strings.Count(told.String(), "nobody answers") != 1 {
		t.Errorf("told: %s", told.String())
	}
}
