package meeting

import (
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/asynkron/protoactor-go/actor"

	"tandem/actors/cluster"
	"tandem/actors/msg"
)

// Floor is what the keepers of meetings stand on.
type Floor struct {
	Member *cluster.Member
	Log    *slog.Logger
}

// hallActor is the shell of one account's meetings.
type hallActor struct {
	floor *Floor
	hall  *Hall
	tasks map[string]*actor.PID // whom the answers name
	busy  atomic.Bool
}

// look is the time to see what is held too long; gone marks the place in the mailbox where a Task has
// really ended: Terminated overtakes what it had asked before.
type (
	look struct{}
	gone struct{ who *actor.PID }
)

// lookAgain is how often a keeper looks through what it holds.
const lookAgain = 10 * time.Minute

// Make makes keepers.
func (f *Floor) Make() actor.Actor {
	return &hallActor{floor: f, hall: NewHall(), tasks: map[string]*actor.PID{}}
}

// Receive is the table of contents.
func (a *hallActor) Receive(ctx actor.Context) {
	switch m := ctx.Message().(type) {
	case *actor.Started:
		cluster.After(ctx, lookAgain, &look{})
	case *msg.MeetingAsk:
		a.onAsk(ctx, m)
	case *actor.Terminated:
		ctx.Send(ctx.Self(), &gone{m.Who})
	case *gone:
		a.onGone(m.who)
	case *look:
		a.onLook(ctx)
	}
}

func (a *hallActor) onAsk(ctx actor.Context, m *msg.MeetingAsk) {
	asker := a.floor.Member.Handler(m.Asker)
	before := a.hall.Queued(asker)
	answered := a.hall.Ask(m, asker, time.Now())
	if m.What == "activate" && answered.Error == "" {
		a.tasks[asker] = m.Asker
	}
	if !before && a.hall.Queued(asker) {
		a.tasks[asker] = m.Asker
		ctx.Watch(m.Asker)
	}
	answered.Task = a.tasks[answered.task]
	a.busy.Store(!a.hall.Empty())
	a.floor.Member.Send(m.Asker, answered.MeetingAnswer)
}

// onGone: a Task that waited in a queue has ended. Where it is active in a meeting its handler stays.
func (a *hallActor) onGone(who *actor.PID) { a.hall.Gone(a.floor.Member.Handler(who)) }

// onLook forgets what is too old, and the addresses that no answer needs any more.
func (a *hallActor) onLook(ctx actor.Context) {
	a.hall.sweep(time.Now())
	for id := range a.tasks {
		if !a.hall.names(id) {
			delete(a.tasks, id)
		}
	}
	a.busy.Store(!a.hall.Empty())
	cluster.After(ctx, lookAgain, &look{})
}

// Busy keeps the actor from being put away while it holds something. It is asked from outside.
func (a *hallActor) Busy() bool { return a.busy.Load() }
