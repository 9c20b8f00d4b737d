package cluster

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/asynkron/protoactor-go/actor"

	"tandem/actors/msg"
)

// probe is an actor that hands on what it receives and does as it is told.
type probe struct {
	got  chan any
	hold chan struct{} // when not nil, each message waits for it
}

func (p *probe) Receive(ctx actor.Context) {
	switch m := ctx.Message().(type) {
	case *actor.Started, *actor.Stopping:
	case *msg.LegHangup:
		panic("told to")
	default:
		if _, stop := m.(*actor.Stopped); p.hold != nil && !stop {
			<-p.hold
		}
		p.got <- m
	}
}

func (p *probe) Crashed(_ actor.Context, cause any) { p.got <- cause }

// lab is a member with a kind "leg" (three at most) and a named kind "account".
func lab(t testing.TB, p *probe) *Member {
	t.Helper()
	p.got = make(chan any, 1000)
	m := New(Options{Name: "m1", Key: []byte("key"), Mailbox: 5, Log: slog.New(slog.DiscardHandler),
		Kinds: []Kind{
			{Name: "leg", Limit: 3, Make: func() actor.Actor { return p }},
			{Name: "scribe", Serves: true, Make: func() actor.Actor { return p }},
			{Name: "account", Idle: time.Minute, Make: func() actor.Actor { return p }},
			{Name: "queue", Announced: true, Make: func() actor.Actor { return &listener{at: "m1"} }},
		}})
	t.Cleanup(m.Stop)
	return m
}

func wait[T any](t *testing.T, p *probe) T {
	t.Helper()
	for deadline := time.After(5 * time.Second); ; {
		select {
		case v := <-p.got:
			if want, ok := v.(T); ok {
				return want
			}
		case <-deadline:
			t.Fatalf("no %T came", *new(T))
		}
	}
}

func TestHandlerNamesOneActorForEver(t *testing.T) {
	p := &probe{}
	m := lab(t, p)
	pid, err := m.Spawn("leg", &msg.LegStart{Call: "c"})
	if err != nil {
		t.Fatal(err)
	}
	if got := wait[*msg.LegStart](t, p); got.Call != "c" {
		t.Errorf("first work is %v", got)
	}
	text := m.Handler(pid)
	if strings.Trim(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") != "" {
		t.Errorf("handler %q has characters that a SIP tag may not have", text)
	}
	back, err := m.Parse(text)
	if err != nil || !back.Equal(pid) {
		t.Fatalf("Parse = %v, %v; want %v", back, err, pid)
	}
	for i := range text { // any changed character must be noticed, or change nothing
		forged := text[:i] + string(rune('A'+(text[i]-'A'+7)%26)) + text[i+1:]
		if got, err := m.Parse(forged); forged != text && err == nil && !got.Equal(pid) {
			t.Errorf("forged handler %q was taken for %v", forged, got)
		}
	}
	if kind := m.KindOf(text); kind != "leg" {
		t.Errorf("the handler is of a %q", kind)
	}
	boot, serial, ok := m.Number(pid)
	if back, err = m.Numbered("leg", boot, serial); !ok || err != nil || !back.Equal(pid) {
		t.Errorf("by its number it is %v, %v; want %v", back, err, pid)
	}
	if _, err := m.Numbered("leg", boot+1, serial); !errors.Is(err, ErrGone) {
		t.Errorf("that number of another life: %v, want ErrGone", err)
	}
	reborn := lab(t, &probe{})
	if _, err := reborn.Parse(text); !errors.Is(err, ErrGone) {
		t.Errorf("handler of an earlier life: %v, want ErrGone", err)
	}
	for _, junk := range []string{"", "x", strings.Repeat("A", 30), strings.Repeat("é", 15)} {
		if _, err := m.Parse(junk); !errors.Is(err, ErrHandler) {
			t.Errorf("Parse(%q) = %v", junk, err)
		}
		if kind := m.KindOf(junk); kind != "" {
			t.Errorf("%q is of a %q", junk, kind)
		}
	}
}

func TestPanicEndsOneActorOnly(t *testing.T) {
	p := &probe{}
	m := lab(t, p)
	first, _ := m.Spawn("leg", &msg.LegStart{})
	second, _ := m.Spawn("leg", &msg.LegStart{})
	m.Send(first, &msg.LegHangup{})
	if cause := wait[string](t, p); cause != "told to" {
		t.Errorf("Crashed was told %q", cause)
	}
	wait[*actor.Stopped](t, p)
	if err := m.Offer(second, &msg.LegInfo{}); err != nil {
		t.Errorf("the other actor: %v", err)
	}
	wait[*msg.LegInfo](t, p)
	if s := m.Snapshot()[0]; s.Crashed != 1 || s.Made != 2 {
		t.Errorf("counted %+v", s)
	}
}

func TestLimits(t *testing.T) {
	p := &probe{hold: make(chan struct{})}
	m := lab(t, p)
	defer close(p.hold)
	var pid *actor.PID
	for range 3 {
		pid, _ = m.Spawn("leg", &msg.LegStart{})
	}
	if _, err := m.Spawn("leg", &msg.LegStart{}); err == nil {
		t.Error("a fourth leg was made")
	}
	for i := range urgentLeast + 1 { // there is more room for calls for help, but not without bound
		if _, err := m.Spawn("leg", &msg.LegStart{Urgent: true}); (err == nil) != (i < urgentLeast) {
			t.Errorf("leg %d of a call for help: %v", i, err)
		}
	}
	var err error
	for i := 0; err == nil; i++ {
		if err = m.Offer(pid, &msg.LegInfo{}); i > 10 {
			t.Fatal("the mailbox has no limit")
		}
	}
	if !errors.Is(err, ErrOverload) {
		t.Errorf("full mailbox: %v", err)
	}
	m.Drain()
	if _, err := m.Spawn("leg", &msg.LegStart{}); err == nil {
		t.Error("a leg was made while draining")
	}
	if _, err := m.Spawn("scribe", &msg.ScribeStart{}); err != nil {
		t.Errorf("what serves a leg at a drained member: %v", err)
	}
	m.SetLimit("leg", 0)
	if _, err := m.Spawn("leg", &msg.LegStart{Urgent: true}); err != nil {
		t.Errorf("a call for help at a drained member: %v", err)
	}
	m.DrainForGood()
	if _, err := m.Spawn("leg", &msg.LegStart{Urgent: true}); err == nil {
		t.Error("a leg was made at a member that ends")
	}
	if _, err := m.Spawn("scribe", &msg.ScribeStart{}); err != nil {
		t.Errorf("what serves a leg that is still waited for: %v", err)
	}
}

func TestNameHasOneActor(t *testing.T) {
	p := &probe{}
	m := lab(t, p)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 50 {
				for errors.Is(m.Tell("account", "a@x", &msg.AccountKick{}), ErrOverload) {
				}
			}
		})
	}
	named, kicks := 0, 0
	for kicks < 400 {
		switch v := (<-p.got).(type) {
		case *Named:
			named++
		case *msg.AccountKick:
			kicks++
		default:
			t.Fatalf("got %T", v)
		}
	}
	wg.Wait()
	if named != 1 {
		t.Errorf("%d actors for one name", named)
	}
	m.PutAway(time.Now())
	if err := m.Tell("account", "a@x", &msg.AccountKick{}); err != nil {
		t.Fatal(err)
	}
	wait[*msg.AccountKick](t, p)
	until(t, "it is put away, once it has done with the message", func() bool {
		m.PutAway(time.Now().Add(2 * time.Minute))
		return m.Alive("account") == 0
	})
	wait[*actor.Stopped](t, p)
	if err := m.Tell("account", "a@x", &msg.AccountKick{}); err != nil {
		t.Fatal(err)
	}
	wait[*Named](t, p)
}

// A future of the runtime that is to wait for less than no time never gives up.

func TestTheDeadDoNotAnswer(t *testing.T) {
	m := lab(t, &probe{})
	nobody, err := m.Numbered("leg", m.BootTag(), 77)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := m.AskActor(t.Context(), nobody, &msg.LegStart{}, time.Minute); !errors.Is(err, ErrGone) {
		t.Errorf("nobody answers: %v", err)
	}
}

func TestNobodyIsAskedTooLate(t *testing.T) {
	p := &probe{}
	m := lab(t, p)
	ctx, cancel := context.WithDeadline(context.Background(), time.Now().Add(-time.Second))
	defer cancel()
	if _, err := m.Ask(ctx, "account", "anna", &msg.AccountKick{}, time.Minute); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("asked too late: %v", err)
	}
	if n := m.Alive("account"); n != 0 {
		t.Errorf("%d accounts were asked all the same", n)
	}
}
