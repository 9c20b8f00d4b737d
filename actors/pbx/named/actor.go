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
	busy     atomic.Bool
}

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
	case *actor.Terminated:
		a.onTerminated(m.Who)
	}
}

// onPlace makes the instance that takes a call.
func (a *namedActor) onPlace(ctx actor.Context, m *msg.NamedPlace) {
	answer := &msg.Spawned{Operation: m.Operation}
	if a.instance != nil {
		answer.Status, answer.Reason = 486, "the named task runs already"
	} else if err := a.start(ctx, m.Start); err != nil {
		answer.Status, answer.Reason = 503, err.Error()
	} else {
		answer.Pid = a.instance
	}
	a.floor.Member.Send(m.Owner, answer)
}

func (a *namedActor) start(ctx actor.Context, start *msg.TaskStart) error {
	pid, err := a.floor.Member.Spawn("task", start)
	if err != nil {
		return err
	}
	a.instance = pid
	a.busy.Store(true)
	ctx.Watch(pid)
	a.log.Info("named task is started", "program", start.Program, "account", start.Account)
	return nil
}

// onMessage tells the instance, a new one where none lives.
func (a *namedActor) onMessage(ctx actor.Context, m *msg.NamedMessage) {
	status := int32(200)
	if err := a.tell(ctx, m); errors.Is(err, cluster.ErrOverload) {
		status = 480 // it reads too little
	} else if err != nil {
		a.log.Warn("named task can not be started", "err", err)
		status = 503
	}
	r := m.Request
	a.floor.Member.Send(m.Edge, &msg.SignalRespond{Response: &msg.Response{Request: r.Id, Method: r.Method, Status: status, To: r.To}})
}

func (a *namedActor) tell(ctx actor.Context, m *msg.NamedMessage) error {
	message := &msg.TaskMessage{Request: m.Request}
	if a.instance != nil {
		if err := a.floor.Member.Offer(a.instance, message); !errors.Is(err, cluster.ErrGone) {
			return err
		}
	}
	if err := a.start(ctx, m.Start); err != nil {
		return err
	}
	a.floor.Member.Send(a.instance, message)
	return nil
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
