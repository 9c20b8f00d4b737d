package keylamp

import (
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/asynkron/protoactor-go/actor"

	"tandem/actors/cluster"
	"tandem/actors/msg"
	"tandem/actors/notify"
	"tandem/signal"
	"tandem/sip/subscription"
)

// Floor is what the keylamps of a member stand on.
type Floor struct {
	notify.Way
	Watch func(*msg.KeylampWatches) // tells this member and all others
	Log   *slog.Logger
}

// keylampActor is the shell of one account's keylamp.
type keylampActor struct {
	floor   *Floor
	log     *slog.Logger
	aor     signal.AOR
	keylamp *Keylamp
	alarm   cluster.Alarm
	busy    atomic.Bool
}

// look is the time to see what is over, and to ask again.
type look struct{}

// Make makes keylamps.
func (f *Floor) Make() actor.Actor { return &keylampActor{floor: f, log: f.Log} }

// Receive is the table of contents.
func (a *keylampActor) Receive(ctx actor.Context) {
	now := time.Now()
	switch m := ctx.Message().(type) {
	case *cluster.Named:
		a.onNamed(ctx, m)
	case *msg.SignalRequest:
		a.perform(ctx, m.Edge, a.keylamp.Request(m.Request.Signal(), now))
	case *msg.SignalResponse:
		a.perform(ctx, nil, a.keylamp.Answered(m.Response.Signal(), now))
	case *msg.KeylampCall:
		a.onCall(ctx, m, now)
	case *look:
		if a.alarm.Rang(now) {
			a.perform(ctx, nil, a.keylamp.Elapsed(now))
		}
	case *actor.Terminated:
		a.perform(ctx, nil, a.keylamp.Gone(a.floor.Member.Handler(m.Who), now))
	case *actor.Stopping:
		a.onStopping(ctx, now)
	}
}

func (a *keylampActor) onNamed(ctx actor.Context, m *cluster.Named) {
	a.aor = signal.AOR(m.Name)
	a.log = a.log.With("kind", "keylamp", "id", m.Name)
	a.keylamp = New(a.aor, a.floor.Member.Handler(ctx.Self()), DefaultLimits)
	a.log.Debug("keylamp begins")
}

// onCall takes how a leg stands. It is watched: one whose member dies tells nobody.
func (a *keylampActor) onCall(ctx actor.Context, m *msg.KeylampCall, now time.Time) {
	pid, err := a.floor.Member.Parse(m.Leg)
	if err != nil {
		a.log.Debug("a leg is not to be reached", "leg", m.Leg, "err", err)
		return
	}
	fresh, effects := a.keylamp.Call(m.Leg, m.Outgoing, m.State, now)
	if fresh {
		ctx.Watch(pid)
	}
	a.perform(ctx, nil, effects)
}

func (a *keylampActor) onStopping(ctx actor.Context, now time.Time) {
	if a.keylamp == nil {
		return
	}
	for _, e := range a.keylamp.Leave(now) {
		if e, ok := e.(subscription.Send); ok {
			a.floor.Perform(ctx, nil, e)
		}
	}
}

// perform does what the machine wants; edge is that of the request that is answered.
func (a *keylampActor) perform(ctx actor.Context, edge *actor.PID, effects []Effect) {
	for _, e := range effects {
		switch e := e.(type) {
		case subscription.Respond, subscription.Send:
			a.floor.Perform(ctx, edge, e)
		case Watch:
			a.floor.Watch(&msg.KeylampWatches{Account: string(a.aor), Keylamp: ctx.Self()})
		}
	}
	a.busy.Store(!a.keylamp.Empty())
	a.alarm.Set(ctx, a.keylamp.Next(), &look{})
}

// Busy keeps the keylamp from being put away while somebody has subscribed. It is asked from outside.
func (a *keylampActor) Busy() bool { return a.busy.Load() }
