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
	floor   *Floor
	account string
	hall    *Hall
	tasks   map[string]*actor.PID // whom the answers name
	gathers bool                  // what Tasks have announced is not all told yet
	held    []*msg.MeetingAsk     // asked meanwhile
	busy    atomic.Bool
}

// look is the time to see what is held too long; gone marks the place in the mailbox where a Task has
// really ended: Terminated overtakes what it had asked before.
type (
	look struct{}
	gone struct{ who *actor.PID }
)

const (
	lookAgain = 10 * time.Minute // how often a keeper looks through what it holds
	maxHeld   = 10000            // questions that wait until all is told
)

// Make makes keepers.
func (f *Floor) Make() actor.Actor {
	return &hallActor{floor: f, hall: NewHall(), tasks: map[string]*actor.PID{}}
}

// Receive is the table of contents.
func (a *hallActor) Receive(ctx actor.Context) {
	switch m := ctx.Message().(type) {
	case *actor.Started:
		cluster.After(ctx, lookAgain, &look{})
	case *cluster.Named:
		a.account, a.gathers = m.Name, m.Gathers
	case *cluster.Gathered:
		a.onGathered(ctx)
	case *msg.MeetingAsk:
		a.onAsk(ctx, m)
	case *msg.MeetingStands:
		a.onStands(ctx, m)
	case *msg.MeetingParted:
		a.hall.Parted(m, a.floor.Member.Handler(m.Task))
		a.busy.Store(!a.hall.Empty())
	case *actor.Terminated:
		ctx.Send(ctx.Self(), &gone{m.Who})
	case *gone:
		a.onGone(m.who)
	case *look:
		a.onLook(ctx)
	case *actor.Stopping:
		a.onStopping()
	}
}

// onAsk answers, but not before it is known what there is: else a meeting would be missing, or be made twice.
func (a *hallActor) onAsk(ctx actor.Context, m *msg.MeetingAsk) {
	if !a.gathers {
		a.answer(ctx, m)
		return
	}
	if len(a.held) == maxHeld {
		a.floor.Member.Send(m.Asker, &msg.MeetingAnswer{Operation: m.Operation, Error: full, Position: -1})
		return
	}
	a.held = append(a.held, m)
	a.busy.Store(true)
}

func (a *hallActor) onGathered(ctx actor.Context) {
	held := a.held
	a.gathers, a.held = false, nil
	for _, m := range held {
		a.answer(ctx, m)
	}
}

func (a *hallActor) answer(ctx actor.Context, m *msg.MeetingAsk) {
	asker := a.floor.Member.Handler(m.Asker)
	before := a.hall.Queued(asker)
	answered := a.hall.Ask(m, asker, time.Now())
	if answered.Stands != nil {
		answered.Stands.Task, answered.Stands.Account = m.Asker, a.account
		a.tasks[asker] = m.Asker
	}
	if !before && a.hall.Queued(asker) {
		ctx.Watch(m.Asker)
	}
	answered.Task = a.tasks[answered.task]
	for _, l := range answered.lost {
		a.part(l)
	}
	a.busy.Store(!a.hall.Empty())
	a.floor.Member.Send(m.Asker, answered.MeetingAnswer)
}

// part tells a Task that it has something no more.
func (a *hallActor) part(l Loss) {
	l.Parted.Task, l.Parted.Account = a.tasks[l.Task], a.account
	a.floor.Member.Send(l.Parted.Task, l.Parted)
}

// onStands takes what a Task announces.
func (a *hallActor) onStands(ctx actor.Context, m *msg.MeetingStands) {
	task := a.floor.Member.Handler(m.Task)
	before := a.hall.Queued(task)
	lost := a.hall.Stands(m, task, time.Now())
	a.tasks[task] = m.Task
	for _, l := range lost {
		a.part(l)
	}
	if !before && a.hall.Queued(task) {
		ctx.Watch(m.Task)
	}
	a.busy.Store(!a.hall.Empty())
}

// onGone: a Task that waited in a queue has ended. Where it is active in a meeting its handler stays.
func (a *hallActor) onGone(who *actor.PID) { a.hall.Gone(a.floor.Member.Handler(who)) }

// onLook forgets what is too old, and the addresses that no answer needs any more.
func (a *hallActor) onLook(ctx actor.Context) {
	for _, l := range a.hall.sweep(time.Now()) {
		a.part(l)
	}
	for id := range a.tasks {
		if !a.hall.names(id) {
			delete(a.tasks, id)
		}
	}
	a.busy.Store(!a.hall.Empty() || len(a.held) > 0)
	cluster.After(ctx, lookAgain, &look{})
}

// onStopping lets those ask again who were not answered: the account moves to another member.
func (a *hallActor) onStopping() {
	for _, m := range a.held {
		a.floor.Member.Send(m.Asker, &msg.MeetingAnswer{Operation: m.Operation, Error: "the account moves", Position: -1,
			Unheard: true})
	}
}

// Busy keeps the actor from being put away while it holds something. It is asked from outside.
func (a *hallActor) Busy() bool { return a.busy.Load() }
