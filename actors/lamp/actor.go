package lamp

import (
	"crypto/rand"
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

// Floor is what the lamps of a member stand on.
type Floor struct {
	notify.Way
	Contacts func(signal.AOR) []signal.Contact // the devices that an account can be reached at
	Count    func(signal.AOR) (fresh, heard int)
	Patience func() time.Duration // for the answer to a NOTIFY: see Lamp
	Log      *slog.Logger
}

// lampActor is the shell of one account's lamp.
type lampActor struct {
	floor *Floor
	log   *slog.Logger
	aor   signal.AOR
	lamp  *Lamp
	alarm cluster.Alarm
	busy  atomic.Bool
}

// look is the time to see which subscription is over.
type look struct{}

// Make makes lamps.
func (f *Floor) Make() actor.Actor { return &lampActor{floor: f, log: f.Log} }

// Receive is the table of contents.
func (a *lampActor) Receive(ctx actor.Context) {
	switch m := ctx.Message().(type) {
	case *cluster.Named:
		a.onNamed(ctx, m)
	case *msg.SignalRequest:
		a.onRequest(ctx, m)
	case *msg.SignalResponse:
		fresh, heard := a.floor.Count(a.aor)
		a.perform(ctx, nil, a.lamp.Answered(m.Response.Signal(), fresh, heard, time.Now()))
	case *msg.LampChanged:
		fresh, heard := a.floor.Count(a.aor)
		a.perform(ctx, nil, a.lamp.Changed(a.floor.Contacts(a.aor), fresh, heard, time.Now()))
	case *msg.LampShow:
		fresh, heard := a.floor.Count(a.aor)
		a.perform(ctx, nil, a.lamp.Show(m.Contacts, a.floor.Contacts(a.aor), fresh, heard, time.Now()))
	case *look:
		a.onLook(ctx)
	}
}

func (a *lampActor) onNamed(ctx actor.Context, m *cluster.Named) {
	a.aor = signal.AOR(m.Name)
	a.log = a.log.With("kind", "lamp", "id", m.Name)
	a.lamp = New(a.aor, a.floor.Member.Handler(ctx.Self()), DefaultLimits, rand.Text, a.floor.Patience)
}

func (a *lampActor) onRequest(ctx actor.Context, m *msg.SignalRequest) {
	fresh, heard := a.floor.Count(a.aor)
	a.perform(ctx, m.Edge, a.lamp.Request(m.Request.Signal(), fresh, heard, time.Now()))
}

func (a *lampActor) onLook(ctx actor.Context) {
	if !a.alarm.Rang(time.Now()) {
		return
	}
	fresh, heard := a.floor.Count(a.aor)
	a.perform(ctx, nil, a.lamp.Elapsed(a.floor.Contacts(a.aor), fresh, heard, time.Now()))
}

// perform does what the machine wants; edge is that of the request that is answered.
func (a *lampActor) perform(ctx actor.Context, edge *actor.PID, effects []subscription.Effect) {
	for _, e := range effects {
		a.floor.Perform(ctx, edge, e)
	}
	a.busy.Store(!a.lamp.Empty())
	a.alarm.Set(ctx, a.lamp.Next(), &look{})
}

// Busy keeps the lamp from being put away while somebody has subscribed. It is asked from outside.
func (a *lampActor) Busy() bool { return a.busy.Load() }
