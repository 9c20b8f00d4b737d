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
