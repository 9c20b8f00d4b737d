package cluster

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/asynkron/protoactor-go/actor"
)

func TestUntil(t *testing.T) {
	looks := 0
	third := func() bool { looks++; return looks == 3 }
	if err := Until(t.Context(), time.Millisecond, third); err != nil || looks != 3 {
		t.Errorf("after %d looks: %v", looks, err)
	}
	over, cancel := context.WithCancel(t.Context())
	cancel()
	if err := Until(over, time.Hour, func() bool { return false }); !errors.Is(err, context.Canceled) {
		t.Errorf("without end it says %v", err)
	}
	if err := Until(over, time.Hour, func() bool { return true }); err != nil {
		t.Errorf("what is so at once is %v", err)
	}
}

// woken is an actor with an alarm: it counts the messages that come.
type woken struct {
	alarm Alarm
	came  atomic.Int64
	rang  chan bool
}

type wakeUp struct{}
type setTo struct{ after time.Duration }

func (a *woken) Receive(ctx actor.Context) {
	switch m := ctx.Message().(type) {
	case *setTo:
		a.alarm.Set(ctx, time.Now().Add(m.after), &wakeUp{})
	case *wakeUp:
		a.came.Add(1)
		a.rang <- a.alarm.Rang(time.Now())
	}
}

// TestAlarm: however often an earlier time is set, one timer runs; and a message that came from an older one does not
// count.
func TestAlarm(t *testing.T) {
	system := actor.NewActorSystem()
	defer system.Shutdown()
	a := &woken{rang: make(chan bool, 100)}
	pid := system.Root.Spawn(actor.PropsFromProducer(func() actor.Actor { return a }))
	for after := 300; after > 0; after -= 50 {
		system.Root.Send(pid, &setTo{time.Duration(after) * time.Millisecond})
	}
	if !<-a.rang {
		t.Error("the alarm came too early")
	}
	system.Root.Send(pid, &setTo{400 * time.Millisecond})
	system.Root.Send(pid, &wakeUp{}) // of a timer that was stopped too late
	if <-a.rang {
		t.Error("it rings for a message that is not its own")
	}
	if !<-a.rang {
		t.Error("after that it does not ring any more")
	}
	if n := a.came.Load(); n != 3 {
		t.Errorf("%d messages came, not 3", n)
	}
}
