package cluster

import (
	"context"
	"time"

	"github.com/asynkron/protoactor-go/actor"
)

// After sends the actor itself a message after a while. The message says what it was meant for, and
// the actor knows whether that still matters: it may come although the timer was stopped. Stopping
// is for what a timer holds on to, where it is long and there are many.
func After(ctx actor.Context, d time.Duration, message any) *time.Timer {
	self, root := ctx.Self(), ctx.ActorSystem().Root
	return time.AfterFunc(d, func() { root.Send(self, message) })
}

// Alarm wakes an actor whose machine has one time at which something is due next. One timer runs at most. The zero value is
// an alarm that is not set.
//
//	case *due:
//		if a.alarm.Rang(now) { perform(a.machine.Elapsed(now)) }
//	after each event:
//		a.alarm.Set(ctx, a.machine.Next(), &due{})
type Alarm struct {
	at    time.Time
	timer *time.Timer
}

// Set has the actor sent a message at a time; zero: at none. Where the alarm is set for an earlier time already it stays:
// the machine says again what is due when that has come.
func (a *Alarm) Set(ctx actor.Context, at time.Time, message any) {
	if at.IsZero() || !a.at.IsZero() && !at.Before(a.at) {
		return
	}
	if a.timer != nil {
		a.timer.Stop()
	}
	a.at, a.timer = at, After(ctx, time.Until(at), message)
}

// Rang takes the message of the alarm. False: it is that of a timer which was stopped too late, and nothing is due.
func (a *Alarm) Rang(now time.Time) bool {
	if a.at.IsZero() {
		return false
	}
	if now.Before(a.at) && a.timer.Stop() { // that which counts is still to come
		a.timer.Reset(time.Until(a.at))
		return false
	}
	a.at = time.Time{}
	return true
}

// Until looks every now and then whether something is so, first at once. The error is that of ctx, when this is over
// before. It is for goroutines that are no actors, and for what nobody tells.
func Until(ctx context.Context, every time.Duration, is func() bool) error {
	look := time.NewTicker(every)
	defer look.Stop()
	for !is() {
		select {
		case <-look.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}
