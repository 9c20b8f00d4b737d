package trunk

import (
	"context"
	"crypto/rand"
	"log/slog"
	mathrand "math/rand/v2"
	"net/netip"
	"time"

	"github.com/asynkron/protoactor-go/actor"

	"tandem/actors/cluster"
	"tandem/actors/msg"
	"tandem/conf"
	"tandem/signal"
)

// Floor is what the trunks of a member stand on.
type Floor struct {
	Member *cluster.Member
	// Settings gives the entry of a trunk; false: there is none.
	Settings func(name string) (conf.Trunk, bool)
	// Takes is the member that takes calls: this one, or another where this one is drained. heir: another one lives on
	// when this one does not.
	Takes func() (member string, heir bool)
	// Edge is by which requests are sent from a member; nil: it can not be reached.
	Edge func(member, callID string) *actor.PID
	// Addresses are those to which a target's name leads; gone: there is no such name. It waits.
	Addresses func(ctx context.Context, t signal.TrunkTarget) (to []netip.Addr, gone bool)
	// Standing is how a trunk stood as far as this member has heard; nil: it has not.
	Standing func(name string) *msg.TrunkStanding
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
		a.keep(ctx, now)
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
	case *resolved:
		a.perform(ctx, a.machine.Resolved(m.place, m.host, m.to, m.gone, now))
	case *actor.Terminated:
		a.onTerminated(m)
	case *actor.Stopping:
		if a.machine != nil {
			_, heir := a.floor.Takes()
			a.perform(ctx, a.machine.End(heir, now))
		}
	}
}

func (a *trunkActor) onNamed(name string, now time.Time) {
	a.name = name
	a.machine = New(Setup{Name: name, Member: a.floor.Member.Name(), Before: a.floor.Standing(name), CallID: rand.Text(), Draw: mathrand.IntN, Now: now,
		Log: a.floor.Log.With("kind", "trunk", "id", name).Info})
}

// keep has the machine do what is due.
func (a *trunkActor) keep(ctx actor.Context, now time.Time) {
	by, _ := a.floor.Takes()
	a.perform(ctx, a.machine.Keep(a.settings(), by, now))
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
	a.keep(ctx, now)
	a.perform(ctx, a.machine.Try(a.serial, now))
}

func (a *trunkActor) onSeize(ctx actor.Context, m *msg.TrunkSeize, now time.Time) {
	if m.Signal == nil {
		return
	}
	a.keep(ctx, now) // a call may be the first that is heard of the trunk
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
			a.send(ctx, e)
		case Resolve:
			a.resolve(ctx, e)
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

// send sends a request by the edge of a member. Where that has just gone, it goes unanswered, and is forgotten in time.
func (a *trunkActor) send(ctx actor.Context, e Send) {
	to := a.floor.Edge(e.Member, e.Request.CallID)
	a.floor.Member.Send(to, &msg.SignalSend{Request: msg.FromRequest(e.Request), Owner: ctx.Self()})
}

// resolved is what the name of a target leads to.
type resolved struct {
	place int
	host  string
	to    []netip.Addr
	gone  bool
}

// resolve looks a name up on a goroutine of its own, since that waits.
func (a *trunkActor) resolve(ctx actor.Context, e Resolve) {
	self, floor := ctx.Self(), a.floor
	go func() {
		limited, stop := context.WithTimeout(context.Background(), leadsWait)
		defer stop()
		to, gone := floor.Addresses(limited, e.Target)
		floor.Member.Send(self, &resolved{e.Place, e.Target.Host, to, gone})
	}()
}
