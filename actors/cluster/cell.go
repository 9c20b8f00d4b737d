package cluster

import (
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync/atomic"
	"time"

	"github.com/asynkron/protoactor-go/actor"

	"tandem/actors/msg"
)

// Crasher is an actor that wants to know, before it is stopped, that one of its messages made it
// panic: to record the cause and to leave the world in order.
type Crasher interface {
	Crashed(ctx actor.Context, cause any)
}

// Holder is a named actor that has times when it must not be put away, since it holds what is nowhere else.
// Busy is asked on other goroutines than its own.
type Holder interface{ Busy() bool }

// cell surrounds one actor. The runtime's own answer to a panic is a restart with fresh state under
// the same address, of which nobody hears; for a call that is the worst of all. A cell ends the
// actor instead, and Stopping, Stopped and every watcher tell the truth.
type cell struct {
	actor   atomic.Pointer[actor.Actor] // nil when it has stopped
	kind    *kind
	member  *Member
	waiting atomic.Int64 // messages in the mailbox
	last    atomic.Int64 // when a message was last taken, Unix nanoseconds
	id      string       // in the runtime
	crashed bool
}

// Receive hands a message to the actor.
func (c *cell) Receive(ctx actor.Context) {
	a := c.actor.Load()
	if a == nil {
		return
	}
	defer c.contain(ctx, *a)
	switch m := ctx.Message().(type) {
	case *actor.Stopped:
		defer c.leave()
	case *msg.NameGathered:
		c.member.board.told(c.id, m.Boot)
		return
	default:
		c.last.Store(time.Now().UnixNano())
	}
	(*a).Receive(ctx)
}

// contain ends an actor that panicked, unless its kind has nothing that could be spoilt. It runs at most twice for one
// actor: once for the message, once more if the actor panics while it is told so or while it stops.
func (c *cell) contain(ctx actor.Context, who actor.Actor) {
	cause := recover()
	if cause == nil {
		return
	}
	c.kind.crashed.Add(1)
	c.member.log.Error("actor panicked and is ended", "kind", c.kind.Name, "id", ctx.Self().Id,
		"message", fmt.Sprintf("%T", ctx.Message()), "cause", fmt.Sprint(cause),
		"stack", string(debug.Stack()))
	if c.crashed || c.kind.Keeps {
		return
	}
	c.crashed = true
	defer func() {
		if again := recover(); again != nil {
			c.member.log.Error("actor panicked again while it was ended", slog.Any("cause", again))
		}
	}()
	ctx.Stop(ctx.Self())
	if a, ok := who.(Crasher); ok {
		a.Crashed(ctx, cause)
	}
}

// leave forgets the actor. The runtime keeps the cell for as long as anybody keeps an address that was written to once,
// and an actor may hold much.
func (c *cell) leave() {
	c.actor.Store(nil)
	c.kind.alive.Add(-1)
	c.member.gone(c.id)
	c.member.cells.Delete(c.id)
	c.member.foreigners.Delete(c.id)
	c.member.board.ended(c.id)
}

// idle reports that the actor has waited for its kind's idle time and has nothing to do.
func (c *cell) idle(now time.Time) bool {
	a := c.actor.Load()
	if a == nil {
		return false
	}
	if h, ok := (*a).(Holder); ok && h.Busy() {
		return false
	}
	return c.kind.Idle > 0 && c.waiting.Load() == 0 && now.UnixNano()-c.last.Load() >= int64(c.kind.Idle)
}

// The cell counts its mailbox by being its middleware.

// MailboxStarted is of no interest.
func (c *cell) MailboxStarted() {}

// MessagePosted counts a message in.
func (c *cell) MessagePosted(any) { c.waiting.Add(1) }

// MessageReceived counts a message out.
func (c *cell) MessageReceived(any) { c.waiting.Add(-1) }

// MailboxEmpty is of no interest.
func (c *cell) MailboxEmpty() {}
