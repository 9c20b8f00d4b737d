package cluster

import (
	"log/slog"
	"testing"
	"time"
)

// Each actor of a name speaks under an epoch of its own, which no later start of the member repeats.
func TestIncarnations(t *testing.T) {
	m := New(Options{Name: "m1", Key: []byte("key"), Log: slog.New(slog.DiscardHandler), Kinds: []Kind{{Name: "queue"}}})
	defer m.Stop()
	first, ok := m.Incarnation("queue", "sales")
	second, _ := m.Incarnation("queue", "sales")
	if !ok || second <= first || !m.Acts("queue", "sales", first) || !m.Acts("queue", "sales", second) {
		t.Fatalf("%x and then %x, %v", first, second, ok)
	}
	later := New(Options{Name: "m1", Key: []byte("key"), Log: slog.New(slog.DiscardHandler), Kinds: []Kind{{Name: "queue"}}})
	defer later.Stop()
	later.begun = m.begun.Add(time.Second)
	third, _ := later.Incarnation("queue", "sales")
	if third <= second || later.Acts("queue", "sales", second) {
		t.Errorf("after a start: %x, before it was %x", third, second)
	}
}
