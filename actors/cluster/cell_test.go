package cluster

import (
	"log/slog"
	"runtime"
	"testing"
	"time"
	"weak"

	"github.com/asynkron/protoactor-go/actor"

	"tandem/actors/msg"
)

// hoarder is an actor that holds much, and stops when it is told anything.
type hoarder struct {
	much  [1 << 20]byte
	ended chan struct{}
}

func (h *hoarder) Receive(ctx actor.Context) {
	switch ctx.Message().(type) {
	case *msg.LegStart:
		h.much[0]++
	case *msg.LegHangup:
		ctx.Stop(ctx.Self())
	case *actor.Stopped:
		close(h.ended)
	}
}

// TestNobodyKeepsWhoHasStopped: who keeps the address of an actor that has ended does not keep what that held.
func TestNobodyKeepsWhoHasStopped(t *testing.T) {
	var made weak.Pointer[hoarder]
	ended := make(chan struct{})
	m := New(Options{Name: "m1", Key: []byte("key"), Mailbox: 5, Log: slog.New(slog.DiscardHandler),
		Kinds: []Kind{{Name: "leg", Make: func() actor.Actor {
			h := &hoarder{ended: ended}
			made = weak.Make(h)
			return h
		}}}})
	t.Cleanup(m.Stop)
	pid, err := m.Spawn("leg", &msg.LegStart{Call: "c"})
	if err != nil {
		t.Fatal(err)
	}
	m.Send(pid, &msg.LegHangup{})
	<-ended
	for deadline := time.Now().Add(5 * time.Second); made.Value() != nil; runtime.GC() {
		if time.Now().After(deadline) {
			t.Fatal("it is kept")
		}
	}
	runtime.KeepAlive(pid)
}
