package queue

import (
	"log/slog"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/asynkron/protoactor-go/actor"

	"tandem/actors/cluster"
	"tandem/actors/msg"
	"tandem/actors/store"
)

// Floor is what the queues of a member stand on.
type Floor struct {
	Member   *cluster.Member
	Settings func(name string) (Settings, bool) // false: no such queue is defined
	Journal  Journal
	Kept     Kept
	Table    *Table
	// Call makes of a callback the first work of the Task that dials it.
	Call func(*msg.QueueDial) (*msg.TaskStart, error)
	// Awaits tells whether agents belong to a queue who are logged on, by what is kept of them. It may be nil.
	Awaits func(name string) bool
	// Happened is told each fact; it must not wait, and may be nil.
	Happened func(*msg.QueueFact)
	Log      *slog.Logger

	living sync.Map // by name: the actors that live here
}

// Journal takes facts, and never waits: that of package store.
type Journal interface {
	Append(f store.Fact, done func(position uint64, err error)) error
}

// Kept keeps callbacks: a bucket of package store, of which Written is told.
type Kept interface {
	Range(prefix string, f func(store.Entry) bool)
	PutLater(key string, value []byte) error
}

// FactKind is that of a queue's facts in the journal.
const FactKind = "queue.fact"

// Times and limits of the shell. What a queue holds at most is in settings.go.
const (
	keptWait = 3 * time.Second // for a callback to be written, before the caller is told all the same
	maxWords = 200             // that a caller's Task brings along which joins again
	maxHeld  = 20000           // words of Tasks that wait until all have announced themselves
)

// queueActor is the shell of one queue.
type queueActor struct {
	floor   *Floor
	log     *slog.Logger
	name    string
	era     cluster.Incarnation
	machine *Queue
	defined bool

	tasks   map[CallerID]*actor.PID
	callers map[string]CallerID // by their Task
	agents  map[AgentName]*actor.PID
	names   map[string]AgentName // by the agent's actor
	left    *departed
	telling map[CallerID]*msg.QueueLeft // who waits until its callback is written

	gathers bool
	held    []any // words of Tasks that have come before all have announced themselves
	dropped int   // of them, for want of room
	alarm   cluster.Alarm
	shown   time.Time // when the row was made
	stale   bool      // it is to be made anew
	busy    atomic.Bool
}

// Messages that never leave the member.
type (
	due       struct{}                 // something may be due
	redefined struct{}                 // the settings may have changed
	ended     struct{ who *actor.PID } // marks the place in the mailbox where an actor has really ended
	written   struct {                 // a callback was written, by whom
		caller CallerID
		by     uint64
	}
	unwritten struct{ caller CallerID } // it was waited for
	look      struct{}                  // the row is to be made
	orphaned  struct{ all []Orphan }    // callers may have gone with a member
)

// Make makes queues.
func (f *Floor) Make() actor.Actor {
	return &queueActor{floor: f, log: f.Log, tasks: map[CallerID]*actor.PID{}, callers: map[string]CallerID{},
		agents: map[AgentName]*actor.PID{}, names: map[string]AgentName{}, left: newDeparted(),
		telling: map[CallerID]*msg.QueueLeft{}}
}

// Changed is to be told of each queue whose settings may have changed.
func (f *Floor) Changed(name string) { f.tell(name, &redefined{}) }

// Written is to be told of each entry of the bucket of what is kept that is written, by whatever member.
func (f *Floor) Written(e store.Entry) {
	name, caller, ok := ParseKept(e.Key)
	if !ok || e.Deleted {
		return
	}
	if _, by, err := decodeKept(e.Value); err == nil {
		f.tell(name, &written{CallerID(caller), by})
	}
}

// Orphans tells a queue that this member owns of callers that may have gone with a member; it is made, if it does not live.
func (f *Floor) Orphans(name string, all []Orphan) error {
	return f.Member.Tell("queue", name, &orphaned{all})
}

// tell tells a queue something, if it lives here.
func (f *Floor) tell(name string, message any) {
	if pid, lives := f.living.Load(name); lives {
		f.Member.Send(pid.(*actor.PID), message)
	}
}

// Wake makes the queues that this member owns and for which callbacks are kept: nobody else would.
func (f *Floor) Wake() {
	f.Kept.Range(KeptPrefix, func(e store.Entry) bool {
		name, _, ok := ParseKept(e.Key)
		if _, lives := f.living.Load(name); !ok || lives {
			return true
		}
		if _, mine := f.Member.Epoch("queue", name); mine {
			if err := f.Member.Tell("queue", name, &due{}); err != nil {
				f.Log.Warn("a queue with callbacks is not woken", "kind", "queue", "id", name, "err", err)
			}
		}
		return true
	})
}

// Receive is the table of contents.
func (a *queueActor) Receive(ctx actor.Context) {
	if !a.acts(ctx) {
		return
	}
	now := time.Now()
	switch m := ctx.Message().(type) {
	case *cluster.Named:
		a.onNamed(ctx, m, now)
	case *cluster.Gathered:
		a.onGathered(ctx, now)
	case *msg.QueueJoin:
		a.onJoin(ctx, m, now)
	case *msg.QueueRejoin:
		a.onRejoin(ctx, m, now)
	case *msg.QueueStand:
		a.onStand(ctx, m, now)
	case *msg.QueueUnstand:
		a.perform(ctx, a.machine.Unstand(AgentName(m.Agent), m.Epoch, now), now)
	case *msg.QueueGranted:
		a.perform(ctx, a.machine.Granted(AgentName(m.Agent), offerOf(m.Offer), m.Turn, now), now)
	case *msg.QueueDeclined:
		a.perform(ctx, a.machine.Refused(AgentName(m.Agent), offerOf(m.Offer), now), now)
	case *msg.QueueDoubt:
		a.perform(ctx, a.machine.Doubt(AgentName(m.Agent), offerOf(m.Offer), now), now)
	case *msg.QueueFind:
		a.onFind(ctx, m, now)
	case *msg.Spawned:
		a.onSpawned(ctx, m, now)
	case *actor.Terminated:
		if a.floor.Member.Ended(ctx, m) {
			ctx.Send(ctx.Self(), &ended{m.Who})
		}
	case *cluster.Lost:
		a.onLost(ctx, m)
	case *ended:
		a.onGone(ctx, m, now)
	case *redefined:
		a.onRedefined(ctx, now)
	case *written:
		a.onWritten(m)
	case *unwritten:
		a.tellLeft(m.caller)
	case *orphaned:
		a.onOrphaned(ctx, m, now)
	case *due:
		a.onDue(ctx, now)
	case *look:
		a.show(now)
	case *actor.Stopping:
		a.onStopping(ctx)
	default:
		a.onWord(ctx, ctx.Message(), now)
	}
}

// acts tells whether the queue may act: its name has not gone to another member. Who has it is told all by those who
// announce themselves, so nobody is told here.
func (a *queueActor) acts(ctx actor.Context) bool {
	switch ctx.Message().(type) {
	case *actor.Started, *cluster.Named, *actor.Stopping, *actor.Stopped:
		return true
	}
	if a.machine != nil && a.floor.Member.Acts("queue", a.name, a.era) {
		return true
	}
	a.busy.Store(false)
	ctx.Stop(ctx.Self())
	return false
}

func (a *queueActor) onNamed(ctx actor.Context, m *cluster.Named, now time.Time) {
	era, mine := a.floor.Member.Incarnation("queue", m.Name)
	s, defined := a.floor.Settings(m.Name)
	if !defined {
		s = Default()
	}
	a.name, a.era, a.defined, a.gathers = m.Name, era, defined, m.Gathers
	a.log = a.log.With("kind", "queue", "id", m.Name)
	if !mine {
		ctx.Stop(ctx.Self())
		return
	}
	a.machine = New(m.Name, uint64(era), s, rand.NewPCG(rand.Uint64(), rand.Uint64()), a.floor.Log)
	a.floor.living.Store(m.Name, ctx.Self())
	a.recall(ctx, now)
	a.log.Debug("queue begins", "epoch", uint64(era), "defined", defined)
	if !m.Gathers {
		a.onGathered(ctx, now)
	}
}

// recall takes back the callbacks that are kept, before anybody announces that it is being called back.
func (a *queueActor) recall(ctx actor.Context, now time.Time) {
	a.floor.Kept.Range(keptKey(a.name, ""), func(e store.Entry) bool {
		r, _, err := decodeKept(e.Value)
		if err != nil {
			a.log.Error("a callback is lost", "key", e.Key, "err", err)
			return true
		}
		a.perform(ctx, a.machine.Rejoin(r, now), now)
		return true
	})
}

// onGathered: all have told where they stand. What Tasks have said behind that comes first: nobody is to be rung for a
// caller that has hung up.
func (a *queueActor) onGathered(ctx actor.Context, now time.Time) {
	held := a.held
	a.gathers, a.held = false, nil
	for _, m := range held {
		if g, ok := m.(*ended); ok {
			a.onGone(ctx, g, now)
			continue
		}
		if o, ok := m.(*orphaned); ok {
			a.onOrphaned(ctx, o, now)
			continue
		}
		a.onWord(ctx, m, now)
	}
	if a.floor.Awaits != nil && a.machine.minds() && a.floor.Awaits(a.name) {
		a.machine.Await(now)
	}
	a.perform(ctx, a.machine.Gathered(now), now)
}

// onOrphaned ends in the records who has gone with a member. Who has left here was reported.
func (a *queueActor) onOrphaned(ctx actor.Context, m *orphaned, now time.Time) {
	if a.waits(m) {
		return
	}
	all := slices.DeleteFunc(m.all, func(o Orphan) bool { _, left := a.left.has(o.Caller); return left })
	a.perform(ctx, a.machine.Orphaned(all, now), now)
}

// waits holds back what must not overtake an announcement that another member has yet to bring: true, it is held.
func (a *queueActor) waits(m any) bool {
	if !a.gathers {
		return false
	}
	if _, end := m.(*ended); len(a.held) >= maxHeld && !end { // an end comes once, of each Task: without it its caller stays
		if a.dropped++; a.dropped == 1 {
			a.log.Error("words of Tasks are lost: too many wait until all have announced themselves", "held", len(a.held))
		}
		return true
	}
	a.held = append(a.held, m)
	a.busy.Store(true)
	return true
}

func (a *queueActor) onJoin(ctx actor.Context, m *msg.QueueJoin, now time.Time) {
	j, known := joinOf(m), a.tasks[CallerID(m.Caller)]
	switch {
	case !a.defined:
		a.refuse(m, Undefined)
		return
	case m.Caller == "" || m.Task == nil:
		a.refuse(m, Malformed)
		return
	case known != nil && !known.Equal(m.Task):
		a.refuse(m, Known)
		return
	}
	a.left.back(j.Caller)
	a.meet(ctx, j.Caller, m.Task)
	a.perform(ctx, a.machine.Join(j, now), now)
}

func (a *queueActor) refuse(m *msg.QueueJoin, why Refusal) {
	a.floor.Member.Send(m.Task, &msg.QueueRefused{Queue: a.name, Caller: m.Caller, By: uint64(a.era), Why: string(why)})
}

// onRejoin takes back a caller from its Task: unless it has left here, and its Task has not heard so.
func (a *queueActor) onRejoin(ctx actor.Context, m *msg.QueueRejoin, now time.Time) {
	r, task := arrivalOf(m), m.GetJoin().GetTask()
	if l, ok := a.left.has(r.Caller); ok {
		_, word := taskWord(l, a.name, uint64(a.era))
		a.floor.Member.Send(task, word)
		return
	}
	a.meet(ctx, r.Caller, task)
	a.perform(ctx, a.machine.Rejoin(r, now), now)
	for _, w := range m.Words[:min(len(m.Words), maxWords)] {
		a.perform(ctx, a.machine.outcome(w, now), now)
	}
	if m.Hung {
		a.perform(ctx, a.machine.Hangup(r.Caller, now), now)
	}
}

func (a *queueActor) onStand(ctx actor.Context, m *msg.QueueStand, now time.Time) {
	s := standingOf(m)
	if known := a.agents[s.Agent]; m.From != nil && s.Agent != "" && !m.From.Equal(known) && a.machine.newer(s) {
		if known != nil {
			ctx.Unwatch(known)
			delete(a.names, key(known))
		}
		a.agents[s.Agent], a.names[key(m.From)] = m.From, s.Agent
		ctx.Watch(m.From)
	}
	a.perform(ctx, a.machine.Stand(s, now), now)
}

// onWord takes what a caller's Task or a supervisor says of a caller.
func (a *queueActor) onWord(ctx actor.Context, message any, now time.Time) {
	var effects []Effect
	switch m := message.(type) {
	case *msg.QueueOutcome:
		if a.waits(m) {
			return
		}
		effects = a.machine.outcome(m, now)
	case *msg.QueueHangup:
		if a.waits(m) {
			return
		}
		effects = a.machine.Hangup(CallerID(m.Caller), now)
	case *msg.QueueKey:
		effects = a.machine.Key(CallerID(m.Caller), m.Digit, now)
	case *msg.QueueCallbackConfirmed:
		if a.waits(m) {
			return
		}
		effects = a.machine.Confirmed(CallerID(m.Caller), m.Number, now)
	case *msg.QueueWithdraw:
		if a.waits(m) {
			return
		}
		if m.To != "" {
			effects = a.machine.SendTo(CallerID(m.Caller), m.To, now)
		} else {
			effects = a.machine.Withdraw(CallerID(m.Caller), m.Text, now)
		}
	case *msg.QueueMove:
		effects = a.machine.Move(CallerID(m.Caller), int(m.Position), now)
	case *msg.QueuePromote:
		effects = a.machine.Promote(CallerID(m.Caller), int(m.Priority), now)
	default:
		return
	}
	a.perform(ctx, effects, now)
}

func (a *queueActor) onFind(ctx actor.Context, m *msg.QueueFind, now time.Time) {
	if !a.defined && a.machine.Empty() {
		ctx.Respond(&msg.QueueFound{})
		return
	}
	v := a.machine.Show(now)
	v.Callers = a.machine.List(int(m.After), int(m.Limit), CallerID(m.Caller), now)
	f := found(v, a.machine.Explain(CallerID(m.Caller), now))
	f.Member = a.floor.Member.Name()
	ctx.Respond(f)
}

// onGone: the Task of a caller has ended, or an agent's actor.
func (a *queueActor) onGone(ctx actor.Context, m *ended, now time.Time) {
	if name, ok := a.names[key(m.who)]; ok {
		delete(a.names, key(m.who))
		if a.agents[name].Equal(m.who) {
			delete(a.agents, name)
			a.perform(ctx, a.machine.Vanished(name, a.machine.epochOf(name), now), now)
		}
	}
	caller, ok := a.callers[key(m.who)]
	if !ok || a.waits(m) {
		return
	}
	delete(a.callers, key(m.who))
	if !a.tasks[caller].Equal(m.who) {
		return
	}
	delete(a.tasks, caller)
	if id, ok := a.machine.dialling(caller); ok {
		a.perform(ctx, a.machine.DialFailed(id, "its Task has ended", now), now)
		return
	}
	a.perform(ctx, a.machine.Hangup(caller, now), now)
}

// onLost looks again for somebody who was out of reach.
func (a *queueActor) onLost(ctx actor.Context, m *cluster.Lost) {
	_, agent := a.names[key(m.Who)]
	_, task := a.callers[key(m.Who)]
	if agent || task {
		ctx.Watch(m.Who)
	}
}

// onRedefined takes changed settings on. Of a queue that is defined no more those who are there are served, as they
// would have been; nobody enters.
func (a *queueActor) onRedefined(ctx actor.Context, now time.Time) {
	s, defined := a.floor.Settings(a.name)
	if a.defined = defined; !defined {
		s = a.machine.settings
	}
	a.perform(ctx, a.machine.Set(s, now), now)
}

func (a *queueActor) onDue(ctx actor.Context, now time.Time) {
	if a.alarm.Rang(now) {
		a.perform(ctx, a.machine.Elapsed(now), now)
	}
}

func (a *queueActor) onStopping(ctx actor.Context) {
	a.busy.Store(false)
	if a.machine == nil {
		return
	}
	if pid, ok := a.floor.living.Load(a.name); ok && pid.(*actor.PID).Equal(ctx.Self()) {
		a.floor.living.Delete(a.name)
	}
	a.floor.Table.drop(a.name, uint64(a.era))
	for caller := range a.telling {
		a.tellLeft(caller)
	}
}

// Busy keeps the queue from being put away while somebody is there. It is asked from outside.
func (a *queueActor) Busy() bool { return a.busy.Load() }
