package trunk

import (
	"crypto/rand"
	"log/slog"
	mathrand "math/rand/v2"
	"time"

	"github.com/asynkron/protoactor-go/actor"

	"tandem/actors/cluster"
	"tandem/actors/msg"
	"tandem/conf"
)

// Floor is what the trunks of a member stand on.
type Floor struct {
	Member *cluster.Member
	// Settings gives the entry of a trunk; false: there is none.
	Settings func(name string) (conf.Trunk, bool)
	// Edge is by which requests are sent.
	Edge func(callID string) *actor.PID
	// Heard is told how a trunk stands, as all other members are. It must not wait.
	Heard func(*msg.TrunkStanding)
	Log   *slog.Logger
}

// trunkActor is the shell of one trunk.
type trunkActor struct {
	floor   *Floor
	machine *Trunk
	name    string
	holders map[string]*actor.PID
	asks    map[uint64]*actor.PID
	serial  uint64
}

// Make makes trunks.
func (f *Floor) Make() actor.Actor {
	return &trunkActor{floor: f, holders: map[string]*actor.PID{}, asks: map[uint64]*actor.PID{}}
}

// Receive is the table of contents.
func (a *trunkActor) Receive(ctx actor.Context) {
	now := time.Now()
	switch m := ctx.Message().(type) {
	case *cluster.Named:
		a.onNamed(m.Name, now)
	case *msg.TrunkKeep:
		a.perform(ctx, a.machine.Keep(a.settings(), now))
	case *msg.TrunkFind:
		a.floor.Member.Send(ctx.Sender(), a.machine.Find(now))
	case *msg.TrunkTry:
		a.onTry(ctx, now)
	case *msg.TrunkSeize:
		a.onSeize(ctx, m, now)
	case *msg.TrunkHeld:
		a.machine.Held(m.Channel, a.hold(ctx, m.Leg), m.Incoming)
	case *msg.TrunkLegs:
		a.onLegs(ctx, m)
	case *msg.TrunkCall:
		a.machine.Call(m.Record, now)
	case *msg.SignalResponse:
		a.perform(ctx, a.machine.Answered(m.Response.Signal(), now))
	case *actor.Terminated:
		a.onTerminated(m)
	case *actor.Stopping:
		if a.machine != nil {
			a.perform(ctx, a.machine.End(now))
		}
	}
}

func (a *trunkActor) onNamed(name string, now time.Time) {
	a.name = name
	a.machine = New(Setup{Name: name, Member: a.floor.Member.Name(), CallID: rand.Text(), Draw: mathrand.IntN, Now: now,
		Log: a.floor.Log.With("kind", "trunk", "id", name).Info})
}

func (a *trunkActor) settings() *conf.Trunk {
	if set, ok := a.floor.Settings(a.name); ok {
		return &set
	}
	return nil
}

func (a *trunkActor) onTry(ctx actor.Context, now time.Time) {
	a.serial++
	a.asks[a.serial] = ctx.Sender()
	a.perform(ctx, a.machine.Keep(a.settings(), now))
	a.perform(ctx, a.machine.Try(a.serial, now))
}

func (a *trunkActor) onSeize(ctx actor.Context, m *msg.TrunkSeize, now time.Time) {
	if m.Signal == nil {
		return
	}
	a.perform(ctx, a.machine.Keep(a.settings(), now)) // a call may be the first that is heard of the trunk
	a.perform(ctx, a.machine.Seize(m, a.hold(ctx, m.Signal), now))
}

func (a *trunkActor) onLegs(ctx actor.Context, m *msg.TrunkLegs) {
	for _, l := range m.Legs {
		if l.Leg != nil {
			a.machine.Uses(a.hold(ctx, l.Leg), l.Incoming)
		}
	}
}

// hold watches somebody who uses the trunk, and names him.
func (a *trunkActor) hold(ctx actor.Context, pid *actor.PID) string {
	name := holder(pid)
	if a.holders[name] == nil && len(a.holders) < maxHolders {
		a.holders[name] = pid
		ctx.Watch(pid)
	}
	return name
}

func holder(pid *actor.PID) string { return pid.GetAddress() + "/" + pid.GetId() }

func (a *trunkActor) onTerminated(m *actor.Terminated) {
	name := holder(m.Who)
	delete(a.holders, name)
	a.machine.Gone(name)
}

func (a *trunkActor) perform(ctx actor.Context, effects []Effect) {
	for _, e := range effects {
		switch e := e.(type) {
		case Send:
			a.floor.Member.Send(a.floor.Edge(e.Request.CallID), &msg.SignalSend{Request: msg.FromRequest(e.Request), Owner: ctx.Self()})
		case Tell:
			a.floor.Member.Send(a.holders[e.Holder], e.Message)
		case Answer:
			a.floor.Member.Send(a.asks[e.Ask], e.Message)
			delete(a.asks, e.Ask)
		case Publish:
			a.floor.Heard(e.Standing)
			a.floor.Member.Publish(e.Standing)
		}
	}
}
