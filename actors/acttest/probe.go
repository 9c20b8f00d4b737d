package acttest

import (
	"fmt"
	"testing"
	"time"

	"github.com/asynkron/protoactor-go/actor"
)

// patience is how long a test waits for what must come.
const patience = 5 * time.Second

// held is how many messages a probe keeps for its test, and a set of probes for theirs.
const held = 10000

// Probe is an actor that keeps what it is told until a test asks for it.
type Probe struct {
	PID *actor.PID

	root    *actor.RootContext
	made    chan<- *Probe
	got     chan any
	stopped chan struct{}
}

// do is what a test has a probe do.
type do func(actor.Context)

// Receive keeps the message.
func (p *Probe) Receive(ctx actor.Context) {
	switch m := ctx.Message().(type) {
	case *actor.Started:
		p.PID, p.root = ctx.Self(), ctx.ActorSystem().Root
		p.made <- p
	case *actor.Stopping:
	case *actor.Stopped:
		close(p.stopped)
	case do:
		m(ctx)
	default:
		p.got <- m
	}
}

// Do runs f as the probe and waits until it is done.
func (p *Probe) Do(t testing.TB, f func(ctx actor.Context)) {
	t.Helper()
	done := make(chan struct{})
	p.root.Send(p.PID, do(func(ctx actor.Context) { defer close(done); f(ctx) }))
	await(t, done, "a probe does as it is told")
}

// Stop ends the probe and waits until it is gone.
func (p *Probe) Stop(t testing.TB) {
	t.Helper()
	p.root.Stop(p.PID)
	await(t, p.stopped, "the probe stops")
}

// Await waits for the next message of type T, and forgets those of other types that came before.
func Await[T any](t testing.TB, p *Probe) T {
	t.Helper()
	over := time.After(patience)
	for seen := []string{}; ; {
		select {
		case m := <-p.got:
			if want, ok := m.(T); ok {
				return want
			}
			seen = append(seen, fmt.Sprintf("%T", m))
		case <-over:
			t.Fatalf("no %T came; there came %v", *new(T), seen)
		}
	}
}

// Probes makes actors that are probes, in place of those of a kind.
type Probes struct{ made chan *Probe }

// NewProbes makes a maker of probes.
func NewProbes() *Probes { return &Probes{make(chan *Probe, held)} }

// Make makes a probe: for a kind of cluster.Member.
func (ps *Probes) Make() actor.Actor {
	return &Probe{made: ps.made, got: make(chan any, held), stopped: make(chan struct{})}
}

// Next is the next probe that was made.
func (ps *Probes) Next(t testing.TB) *Probe {
	t.Helper()
	return await(t, ps.made, "a probe is made")
}

// Until waits until something is so. It looks again and again, for what nobody tells of.
func Until(t testing.TB, what string, so func() bool) {
	t.Helper()
	look := time.NewTicker(2 * time.Millisecond)
	defer look.Stop()
	over := time.After(patience)
	for !so() {
		select {
		case <-look.C:
		case <-over:
			t.Fatalf("waited in vain until %s", what)
		}
	}
}

func await[T any](t testing.TB, c <-chan T, what string) (v T) {
	t.Helper()
	select {
	case v = <-c:
	case <-time.After(patience):
		t.Fatalf("waited in vain until %s", what)
	}
	return v
}
