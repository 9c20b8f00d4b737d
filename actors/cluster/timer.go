package cluster

import (
	"time"

	"github.com/asynkron/protoactor-go/actor"
)

// After sends the actor itself a message after a while. There is no way to stop it: the message says
// what it was meant for, and the actor knows whether that still matters.
func After(ctx actor.Context, d time.Duration, message any) {
	self, root := ctx.Self(), ctx.ActorSystem().Root
	time.AfterFunc(d, func() { root.Send(self, message) })
}
