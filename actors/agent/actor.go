package agent

import (
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/asynkron/protoactor-go/actor"

	"tandem/actors/cluster"
	"tandem/actors/msg"
	"tandem/actors/store"
)

// Floor is what the agents of a member stand on.
type Floor struct {
	Member     *cluster.Member
	Definition func(name string) (Definition, bool) // false: nobody is defined by that name
	Weigh      Weigh
	// Reach tells whether a device, the AOR of an account, is there, and until when that is known; zero: until it changes.
	Reach   func(device string) (there bool, until time.Time)
	Journal Journal
	Kept    Kept
	Table   *Table
	// Happened is told each fact; it must not wait, and may be nil.
	Happened func(*msg.AgentFact)
	Log      *slog.Logger

	living sync.Map // by name: the actors that live here
	seats  seats
}

// Journal takes facts, and never waits: that of package store.
type Journal interface {
	Append(f store.Fact, done func(position uint64, err error)) error
}

// Kept keeps records: a bucket of package store, of which Written is told.
type Kept interface {
	Get(key string) (store.Entry, bool)
	PutLater(key string, value []byte) error
}

// FactKind is that of an agent's facts in the journal.
const FactKind = "agent.fact"

// Limits of the shell. What an agent has at most is in settings.go.
const (
	maxWatchers = 200
	maxSessions = 4 * maxDevices // that say of a device that it is there
	maxRings    = 64             // Tasks that ring him, or did and have not ended
)

// agentActor is the shell of one agent.
type agentActor struct {
	floor      *Floor
	log        *slog.Logger
	name       string
	era        cluster.Incarnation
	machine    *Agent
	definition Definition
	defined    bool
	loaded     uint64 // epoch of who wrote the record with which it began
	wrote      bool   // it has written its own

	desks    []Desk
	sessions map[string]presence     // that say of a device that it is there, by the session
	watchers map[string]*actor.PID   // who is told of changes
	rings    map[string]ring         // by the Task that rings him
	legs     map[string]string       // of calls outside queues, by the leg
	stands   map[string]announcement // by queue
	expiries map[string]bool         // devices for which a timer is set

	view    View // as it was told last
	gathers bool // what is announced to him is not all told yet
	alarm   cluster.Alarm
	busy    atomic.Bool
}

// presence is what a session says of a device.
type presence struct{ device, phone string }

// ring is an offer for which a Task rings him.
type ring struct {
	queue string
	offer OfferID
}

// Messages that never leave the member.
type (
	due       struct{}                // something may be due
	redefined struct{}                // his definition may have changed, or the settings of a queue
	reach     struct{ device string } // a device may be there, or not any more
	expired   struct{ device string } // it is time to look whether it is there still
	seated    struct {                // somebody else works there now, later than he has since
		device string
		since  int64
	}
	ended   struct{ who *actor.PID } // marks the place in the mailbox where an actor has really ended
	written struct{ kept kept }      // his record was written, by whatever member
)

// Make makes agents.
func (f *Floor) Make() actor.Actor {
	return &agentActor{floor: f, log: f.Log, sessions: map[string]presence{}, watchers: map[string]*actor.PID{},
		rings: map[string]ring{}, legs: map[string]string{}, stands: map[string]announcement{}, expiries: map[string]bool{}}
}

// Receive is the table of contents.
func (a *agentActor) Receive(ctx actor.Context) {
	if !a.acts(ctx) {
		return
	}
	now := time.Now()
	switch m := ctx.Message().(type) {
	case *cluster.Named:
		a.onNamed(ctx, m, now)
	case *cluster.Gathered:
		a.gathers = false
		a.perform(ctx, a.machine.Gathered(now))
	case *msg.AgentReserve:
		a.perform(ctx, a.machine.Reserve(bidOf(m), now))
	case *msg.AgentPass:
		a.perform(ctx, a.machine.Pass(m.Queue, m.Turn, now))
	case *msg.AgentProgress:
		a.onProgress(ctx, m, now)
	case *msg.AgentRelease:
		a.perform(ctx, a.machine.Release(releaseOf(m), now))
	case *msg.AgentDevice:
		a.onDevice(ctx, m, now)
	case *msg.AgentCall:
		a.onCall(ctx, m, now)
	case *msg.AgentWatch:
		a.onWatch(ctx, m)
	case *msg.AgentFind:
		a.onFind(ctx)
	case *actor.Terminated:
		if a.floor.Member.Ended(ctx, m) {
			ctx.Send(ctx.Self(), &ended{m.Who})
		}
	case *cluster.Lost:
		a.onLost(ctx, m)
	case *ended:
		a.onEnded(ctx, m, now)
	case *redefined:
		a.onRedefined(ctx, now)
	case *reach:
		a.look(ctx, m.device, now)
	case *expired:
		delete(a.expiries, m.device)
		a.look(ctx, m.device, now)
	case *seated:
		a.onSeated(ctx, m, now)
	case *written:
		a.onWritten(ctx, m, now)
	case *due:
		a.onDue(ctx, now)
	case *actor.Stopping:
		a.onStopping(ctx)
	default:
		a.onWish(ctx, ctx.Message(), now)
	}
}

// acts tells whether the agent may act: his name has not gone to another member.
func (a *agentActor) acts(ctx actor.Context) bool {
	switch ctx.Message().(type) {
	case *actor.Started, *cluster.Named, *actor.Stopping, *actor.Stopped:
		return true
	}
	if a.machine != nil && a.floor.Member.Acts("agent", a.name, a.era) {
		return true
	}
	a.busy.Store(false)
	ctx.Stop(ctx.Self())
	return false
}

func (a *agentActor) onNamed(ctx actor.Context, m *cluster.Named, now time.Time) {
	era, mine := a.floor.Member.Incarnation("agent", m.Name)
	a.name, a.era, a.gathers = m.Name, era, m.Gathers
	a.log = a.log.With("kind", "agent", "id", m.Name)
	if !mine {
		ctx.Stop(ctx.Self())
		return
	}
	a.floor.living.Store(m.Name, ctx.Self()) // before anything is read: a change is not missed
	k := a.recall()
	a.begin(ctx, k, now)
	a.log.Debug("agent begins", "epoch", uint64(era), "logged on", k.LoggedOn, "defined", a.defined)
	if !m.Gathers {
		a.perform(ctx, a.machine.Gathered(now))
	}
}

// recall reads what is kept of him.
func (a *agentActor) recall() (k kept) {
	e, ok := a.floor.Kept.Get(keptKey(a.name))
	if !ok {
		return k
	}
	k, err := decodeKept(e.Value)
	if err != nil {
		a.log.Error("an agent begins anew", "err", err)
		return kept{}
	}
	return k
}

// begin makes the machine from what is kept, and looks for his devices. One who is not defined any more is logged off.
func (a *agentActor) begin(ctx actor.Context, k kept, now time.Time) {
	a.definition, a.defined = a.floor.Definition(a.name)
	a.loaded, a.desks = k.Epoch, k.Desks
	r := k.Record.under(a.definition, a.floor.Weigh)
	a.machine = New(a.name, uint64(a.era), r, a.definition.Settings, a.floor.Log, now)
	a.view = a.machine.View()
	for _, d := range a.desks {
		a.floor.seats.sit(d.Device, a.name, ctx.Self(), max(d.Since, 1), now)
		a.floor.yield(d.Device) // he himself may have to
	}
	if !a.defined && r.LoggedOn {
		a.perform(ctx, a.machine.LogOff("", now))
	}
	for _, d := range slices.Clone(a.desks) {
		a.look(ctx, d.Device, now)
	}
	a.show()
	a.settle(ctx)
}

// onProgress takes how an offer goes on. A Task that says so is watched: its end is to be looked into.
func (a *agentActor) onProgress(ctx actor.Context, m *msg.AgentProgress, now time.Time) {
	if m.By == 0 && m.Task != nil {
		a.follow(ctx, m)
	}
	a.perform(ctx, a.machine.Progress(progressOf(m), now))
}

// follow watches the Task that rings him. Where too many do already it is not: what has become of the offer is doubted
// after a while then.
func (a *agentActor) follow(ctx actor.Context, m *msg.AgentProgress) {
	k := key(m.Task)
	if _, known := a.rings[k]; !known {
		if len(a.rings) >= maxRings {
			a.log.Warn("too many Tasks ring an agent: one is not watched", "tasks", len(a.rings))
			return
		}
		ctx.Watch(m.Task)
	}
	a.rings[k] = ring{m.Queue, offerOf(m.Offer)}
}

// onCall: a leg has begun or ended that no queue has to do with. Of more than maxCalls none is noted: the machine counts
// no more either.
func (a *agentActor) onCall(ctx actor.Context, m *msg.AgentCall, now time.Time) {
	if m.Over {
		a.over(ctx, m.Leg, now)
		return
	}
	if m.From != nil {
		if _, known := a.legs[key(m.From)]; !known {
			if len(a.legs) >= maxCalls {
				a.log.Warn("an agent has too many calls: one is not noted", "calls", len(a.legs))
				return
			}
			ctx.Watch(m.From)
		}
		a.legs[key(m.From)] = m.Leg
	}
	a.perform(ctx, a.machine.CallBegan(m.Leg, now))
}

func (a *agentActor) over(ctx actor.Context, leg string, now time.Time) {
	for from, name := range a.legs {
		if name == leg {
			delete(a.legs, from)
		}
	}
	a.perform(ctx, a.machine.CallEnded(leg, now))
}

// onWatch has somebody told of changes, and at once how it is.
func (a *agentActor) onWatch(ctx actor.Context, m *msg.AgentWatch) {
	if m.Watcher == nil {
		return
	}
	if k := key(m.Watcher); a.watchers[k] == nil {
		if len(a.watchers) >= maxWatchers {
			a.log.Warn("too many watch an agent", "watchers", len(a.watchers))
			return
		}
		a.watchers[k] = m.Watcher
		ctx.Watch(m.Watcher)
	}
	a.floor.Member.Send(m.Watcher, a.machine.changed(""))
	a.settle(ctx)
}

func (a *agentActor) onFind(ctx actor.Context) {
	if !a.defined {
		ctx.Respond(&msg.AgentFound{Agent: a.machine.changed(unknown)})
		return
	}
	ctx.Respond(a.machine.found())
}

// onEnded: a Task, a leg, a session or a watcher has ended.
func (a *agentActor) onEnded(ctx actor.Context, m *ended, now time.Time) {
	k := key(m.who)
	delete(a.watchers, k)
	if p, ok := a.sessions[k]; ok {
		delete(a.sessions, k)
		a.look(ctx, p.device, now)
	}
	if r, ok := a.rings[k]; ok {
		delete(a.rings, k)
		a.perform(ctx, a.machine.Vanished(r.queue, r.offer, now))
	}
	if leg, ok := a.legs[k]; ok {
		a.over(ctx, leg, now)
	}
}

// onLost looks again for somebody who was out of reach.
func (a *agentActor) onLost(ctx actor.Context, m *cluster.Lost) {
	k := key(m.Who)
	_, session := a.sessions[k]
	_, task := a.rings[k]
	_, leg := a.legs[k]
	if session || task || leg || a.watchers[k] != nil {
		ctx.Watch(m.Who)
	}
}

// onRedefined takes changed settings on.
func (a *agentActor) onRedefined(ctx actor.Context, now time.Time) {
	a.definition, a.defined = a.floor.Definition(a.name)
	if !a.defined {
		a.perform(ctx, a.machine.LogOff("", now))
		return
	}
	a.perform(ctx, a.machine.Define(a.definition, a.floor.Weigh, now))
}

func (a *agentActor) onDue(ctx actor.Context, now time.Time) {
	if a.alarm.Rang(now) {
		a.perform(ctx, a.machine.Elapsed(now))
	}
}

func (a *agentActor) onStopping(ctx actor.Context) {
	a.busy.Store(false)
	if a.machine == nil {
		return
	}
	if pid, ok := a.floor.living.Load(a.name); ok && pid.(*actor.PID).Equal(ctx.Self()) {
		a.floor.living.Delete(a.name)
	}
	a.floor.seats.absent(a.name, a.desks)
	a.floor.Table.drop(a.name, uint64(a.era))
}

// Busy keeps an agent who works from being put away. It is asked from outside.
func (a *agentActor) Busy() bool { return a.busy.Load() }
