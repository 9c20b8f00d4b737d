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
	name     string
	gathers  bool // it is not known yet whether an instance lives: all waits
	held     []any
	instance *actor.PID
	since    int64           // when it began, as it has announced itself; 0 before
	starting *msg.NamedPlace // what an instance is being made for; one without an owner is for messages alone
	waiting  []*msg.NamedMessage
	busy     atomic.Bool
}

// Limits of what waits; a further one is refused.
const (
	maxWaiting = 100 // messages, while an instance is made
	maxHeld    = 100 // messages and calls, while it is not known whether one lives
)

// Make makes keepers.
func (f *Floor) Make() actor.Actor { return &namedActor{floor: f, log: f.Log} }

// Receive is the table of contents.
func (a *namedActor) Receive(ctx actor.Context) {
	switch m := ctx.Message().(type) {
	case *cluster.Named:
		a.log = a.log.With("kind", "named", "id", m.Name)
		a.name, a.gathers = m.Name, m.Gathers
	case *cluster.Gathered:
		a.onGathered(ctx)
	case *msg.NamedStands:
		a.onStands(ctx, m)
	case *msg.NamedPlace:
		a.onPlace(ctx, m)
	case *msg.NamedMessage:
		a.onMessage(ctx, m)
	case *msg.Spawned:
		a.onSpawned(ctx, m)
	case *actor.Terminated:
		a.onTerminated(m.Who)
	case *actor.Stopping:
		a.onStopping()
	}
}

// hold keeps what needs to know whether an instance lives, until that is known.
func (a *namedActor) hold(m any) bool {
	switch {
	case !a.gathers:
		return false
	case len(a.held) == maxHeld:
		a.refuse(m)
	default:
		a.held = append(a.held, m)
	}
	return true
}

func (a *namedActor) onGathered(ctx actor.Context) {
	held := a.held
	a.gathers, a.held = false, nil
	for _, m := range held {
		switch m := m.(type) {
		case *msg.NamedPlace:
			a.onPlace(ctx, m)
		case *msg.NamedMessage:
			a.onMessage(ctx, m)
		}
	}
}

// onStands: an instance lives. Where an earlier keeper has started it, of which this one knew nothing when it started
// another, the younger one ends.
func (a *namedActor) onStands(ctx actor.Context, m *msg.NamedStands) {
	switch {
	case m.Task.Equal(a.instance):
		a.since = m.Since
	case a.instance == nil:
		a.adopt(ctx, m)
	case a.since == 0 || m.Since < a.since:
		a.endSecond(a.instance)
		a.adopt(ctx, m)
	default:
		a.endSecond(m.Task)
	}
}

// adopt takes an instance for that of the name.
func (a *namedActor) adopt(ctx actor.Context, m *msg.NamedStands) {
	a.instance, a.since = m.Task, m.Since
	a.busy.Store(true)
	ctx.Watch(m.Task)
}

func (a *namedActor) endSecond(task *actor.PID) {
	a.log.Warn("the name has two instances: the younger one is ended", "task", task.GetId())
	a.floor.Member.Send(task, &msg.TaskKill{})
}

// refuse answers what can not be done now.
func (a *namedActor) refuse(m any) {
	switch m := m.(type) {
	case *msg.NamedPlace:
		a.floor.Member.Send(m.Owner, &msg.Spawned{Operation: m.Operation, Status: 503, Reason: "the name moves to another member"})
	case *msg.NamedMessage:
		a.respond(m, 480)
	}
}

// onStopping refuses what waits: the name moves to another member.
func (a *namedActor) onStopping() {
	for _, m := range a.held {
		a.refuse(m)
	}
	for _, m := range a.waiting {
		a.refuse(m)
	}
}

// onPlace makes the instance that takes a call.
func (a *namedActor) onPlace(ctx actor.Context, m *msg.NamedPlace) {
	if a.hold(m) {
		return
	}
	if a.instance != nil || a.starting != nil {
		a.floor.Member.Send(m.Owner, &msg.Spawned{Operation: m.Operation, Status: 486, Reason: "the named task runs already"})
		return
	}
	a.start(ctx, m)
}

// start has an instance made, near the call's leg where a call begins it. Spawned says how that went.
func (a *namedActor) start(ctx actor.Context, m *msg.NamedPlace) {
	a.starting = m
	m.Start.Named = a.name
	a.busy.Store(true)
	a.floor.Member.Place("task", m.Operation, m.Start, ctx.Self(), m.Start.Leg)
}

func (a *namedActor) onSpawned(ctx actor.Context, m *msg.Spawned) {
	began := a.starting
	if began == nil {
		return
	}
	a.starting = nil
	switch {
	case m.Pid != nil && a.instance != nil && !m.Pid.Equal(a.instance): // one has announced itself meanwhile
		a.endSecond(m.Pid)
		m = &msg.Spawned{Operation: m.Operation, Status: 486, Reason: "the named task runs already"}
	case m.Pid == nil:
		a.busy.Store(a.instance != nil)
		a.log.Warn("named task can not be started", "because", m.Reason)
	default:
		a.instance = m.Pid
		ctx.Watch(m.Pid)
		a.log.Info("named task is started", "program", began.Start.Program, "account", began.Start.Account)
	}
	a.floor.Member.Send(began.Owner, m)
	waiting := a.waiting
	a.waiting = nil
	for _, w := range waiting {
		if a.instance == nil {
			a.respond(w, 503)
			continue
		}
		a.deliver(ctx, w)
	}
}

// onMessage tells the instance, a new one where none lives.
func (a *namedActor) onMessage(ctx actor.Context, m *msg.NamedMessage) {
	switch {
	case a.hold(m):
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
		a.instance, a.since = nil, 0
		a.busy.Store(false)
	}
}

// Busy keeps the keeper from being put away while an instance lives. It is asked from outside.
func (a *namedActor) Busy() bool { return a.busy.Load() }
