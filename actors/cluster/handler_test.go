package cluster

import (
	"log/slog"
	"testing"

	"github.com/asynkron/protoactor-go/actor"
)

// What it costs to name an actor in a text, and to find it again.
func BenchmarkHandler(b *testing.B) {
	m := New(Options{Key: []byte("key"), Kinds: []Kind{{Name: "leg"}}, Log: slog.New(slog.DiscardHandler)})
	pid := actor.NewPID(m.system.Address(), makeID("leg", m.boot, 7))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := m.Parse(m.Handler(pid)); err != nil {
			b.Fatal(err)
		}
	}
}
