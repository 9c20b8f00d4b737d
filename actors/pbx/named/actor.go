package named

import (
	"errors"
	"log/slog"
	"sync/atomic"

	"github.com/asynkron/protoactor-go/actor"

	"tandem/actors/cluster"
	"tandem/actors/msg"
)

// Floor is what the keepers of Named Tasks stand on.
type Floor struct {
	Member *cluster.Member
	Log    *slog.Logger
}

// namedActor is the keeper of one name. It has no machine beside the one question whether an instance lives.
type namedActor struct {
	floor    *Floor
	log      *slog.Logger
	instance *actor.PID
	starting *msg.NamedPlace // what an instance is being made for; one without an owner is for messages alone
	waiting  []*msg.NamedMessage
	busy     atomic.Bool
}

// maxWaiting is how many messages wait while an instance is made; a further one is refused.
const maxWaiting = 100

// Make makes keepers.
func (f *Floor) Make() actor.Actor { return &namedActor{floor: f, log: f.Log} }

// Receive is the table of contents.
func (a *namedActor) Receive(ctx actor.Context) {
	switch m := ctx.Message().(type) {
	case *cluster.Named:
		a.log = a.log.With("kind", "named", "id", m.Name)
	case *msg.NamedPlace:
		a.onPlace(ctx, m)
	case *msg.NamedMessage:
		a.onMessage(ctx, m)
	case *msg.Spawned:
		a.onSpawned(ctx, m)
	case *actor.Terminated:
		a.onTerminated(m.Who)
	}
}

// onPlace makes the instance that takes a call.
func (a *namedActor) onPlace(ctx actor.Context, m *msg.NamedPlace) {
	if a.instance != nil || a.starting != nil {
		a.floor.Member.Send(m.Owner, &msg.Spawned{Operation: m.Operation, Status: 486, Reason: "the named task runs already"})
		return
	}
	a.start(ctx, m)
}

// start has an instance made, near the call's leg where a call begins it. Spawned says how that went.
func (a *namedActor) start(ctx actor.Context, m *msg.NamedPlace) {
	a.starting = m
	a.busy.Store(true)
	a.floor.Member.Place("task", m.Operation, m.Start, ctx.Self(), m.Start.Leg)
}

func (a *namedActor) onSpawned(ctx actor.Context, m *msg.Spawned) {
	began := a.starting
	if began == nil {
		return
	}
	a.starting, a.instance = nil, m.Pid
	if m.Pid == nil {
		a.busy.Store(false)
		a.log.Warn("named task can not be started", "because", m.Reason)
	} else {
		ctx.Watch(m.Pid)
		a.log.Info("named task is started", "program", began.Start.Program, "account", began.Start.Account)
	}
	a.floor.Member.Send(began.Owner, m)
	waiting := a.waiting
	a.waiting = nil
	for _, w := range waiting {
		if m.Pid == nil {
			a.respond(w, 503)
			continue
		}
		a.deliver(ctx, w)
	}
}

// onMessage tells the instance, a new one where none lives.
func (a *namedActor) onMessage(ctx actor.Context, m *msg.NamedMessage) {
	switch {
	case a.starting != nil && len(a.waiting) == maxWaiting:
		a.respond(m, 480)
	case a.starting != nil:
		a.waiting = append(a.waiting, m)
	case a.instance != nil:
		a.deliver(ctx, m)
	default:
		a.waiting = append(a.waiting, m)
		a.start(ctx, &msg.NamedPlace{Start: m.Start})
	}
}

// deliver tells the instance; one that is gone by now is replaced. One on another member that is out of reach may live:
// it is replaced when it is known to have ended, for there must not be two.
func (a *namedActor) deliver(ctx actor.Context, m *msg.NamedMessage) {
	err := a.floor.Member.Offer(a.instance, &msg.TaskMessage{Request: m.Request})
	switch {
	case errors.Is(err, cluster.ErrGone) && (a.instance == nil || a.floor.Member.Here(a.instance)):
		a.instance = nil
		a.onMessage(ctx, m)
	case err != nil: // or it reads too little
		a.respond(m, 480)
	default:
		a.respond(m, 200)
	}
}

func (a *namedActor) respond(m *msg.NamedMessage, status int32) {
	r := m.Request
	a.floor.Member.Send(m.Edge, &msg.SignalRespond{Response: &msg.Response{Request: r.Id, Method: r.Method, Status: status, To: r.To}})
}

// onTerminated: the instance has ended, unless there is another one by now.
func (a *namedActor) onTerminated(who *actor.PID) {
	if who.Equal(a.instance) {
		a.instance = nil
		a.busy.Store(false)
	}
}

// Busy keeps the keeper from being put away while an instance lives. It is asked from outside.
func (a *namedActor) Busy() bool { return a.busy.Load() }
