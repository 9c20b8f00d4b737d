package pbx

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/asynkron/protoactor-go/actor"

	"tandem/actors/cluster"
	"tandem/actors/msg"
	"tandem/actors/pbx/cgpl"
	"tandem/actors/pbx/task"
	"tandem/signal"
	"tandem/ximss/object"
)

// Floor is what the Tasks of a member stand on.
type Floor struct {
	Member    *cluster.Member
	Programs  Programs
	Services  map[string]task.Service // by lower-case name; fixed before the first Task
	Person    func(account string) (task.Person, bool)
	System    func(what string) object.Value
	Challenge func(domain string, r *signal.Request) signal.Headers
	// CallsForHelp tells whether a call that a Task makes is one for help, for which there is more room; nil: none is.
	CallsForHelp func(*msg.SignalStart) bool
	Table        *Table
	NonceKey     []byte             // the same on all members
	Limits       func() task.Limits // of the moment
	PerAccount   func() int         // Tasks of one account that no call began; nil: no limit
	Workers      chan struct{}      // as many services at work as it has room for
	full         sync.Map           // handlers of the Tasks that take no more events
	turns        turns              // whose program runs
	names        names
	census       census
	Log          *slog.Logger
}

// Programs is the application environment: everything in it answers from memory.
type Programs interface {
	Program(domain, language, name string) (*cgpl.Module, error)
	Module(domain, language, name string) (*cgpl.Module, error)
	Sound(domain, language, name string) (path string, ok bool)
}

// taskActor is the shell of one Task.
type taskActor struct {
	floor   *Floor
	log     *slog.Logger
	machine *task.Task
	self    *actor.PID
	id      string
	start   *origin
	started time.Time
	dial    *actor.PID               // the Signal that looks for a party
	timers  [task.Timers]*time.Timer // by kind
	stop    context.CancelFunc       // of the services at work; nil before the first
	asking  *asking                  // the keeper of meetings, at the moment
	full    bool                     // as the others know
	pace    pace                     // of the program
	counted bool                     // in the census
	crowded bool                     // its account had no room for one more Task
	context context.Context
	shown   *Row // what lists show
	stale   bool // they are to be shown more
}

// origin is what is kept of a TaskStart: the INVITE in it is the machine's, as long as that needs it.
type origin struct{ Program, Account, Call string }

// Messages that never leave the Task.
type (
	timerFired struct {
		kind       task.TimerKind
		generation int
	}
	again   struct{}
	spawned struct {
		operation uint64
		handler   string
	}
	serviceDid struct {
		operation uint64
		value     object.Value
	}
	// gone marks the place in the mailbox where an actor that was watched has really ended: Terminated
	// overtakes what it had said before.
	gone struct{ who *actor.PID }
)

// Make makes Task actors.
func (f *Floor) Make() actor.Actor { return &taskActor{floor: f, log: f.Log} }

// Receive is the table of contents.
func (a *taskActor) Receive(ctx actor.Context) {
	first, starts := ctx.Message().(*msg.TaskStart)
	if starts {
		a.start = &origin{first.Program, first.Account, first.Call}
		if first.Leg == nil {
			a.counted = true
			a.floor.census.begin(first.Account)
		}
	}
	if a.start == nil {
		return
	}
	pace := a.pace
	a.floor.turns.take(a.start.Account, pace)
	defer a.floor.turns.give(pace)
	a.pace = brief
	if starts {
		a.onStart(ctx, first)
	}
	if a.machine == nil {
		return
	}
	now := time.Now()
	switch m := ctx.Message().(type) {
	case *msg.TaskEvent:
		a.machine.Event(m, a.handler(m.Sender), now)
	case *msg.TaskMessage:
		a.machine.Message(m, now)
	case *msg.TaskKill:
		a.machine.Kill(now)
	case *timerFired:
		a.machine.Timer(m.kind, m.generation, now)
	case *again:
		a.machine.Continue(now)
	case *spawned:
		a.machine.Spawned(m.operation, m.handler, now)
	case *serviceDid:
		a.machine.Result(m.operation, m.value, now)
	case *msg.MeetingAnswer:
		a.onAnswer(ctx, m, now)
	case *askAgain:
		a.onAskAgain(ctx, m)
	case *msg.MeetingParted:
		a.onParted(m)
	case *actor.Terminated:
		ctx.Send(ctx.Self(), &gone{m.Who})
	case *gone:
		a.onGone(m.who, now)
	case *actor.Stopping:
		a.onStopping()
	default:
		if !a.fromTask(m, now) && !a.fromQueue(m, now) && !a.fromSignal(m, now) {
			a.fromLeg(m, now)
		}
	}
	a.perform(ctx)
	a.tellFull()
}

// tellFull lets senders know whether the Task takes events.
func (a *taskActor) tellFull() {
	if full := a.machine.Full(); full != a.full {
		if a.full = full; full {
			a.floor.full.Store(a.id, true)
		} else {
			a.floor.full.Delete(a.id)
		}
	}
}

// fromTask takes what other Tasks say about bridges.
func (a *taskActor) fromTask(m any, now time.Time) bool {
	switch m := m.(type) {
	case *msg.TaskBridge:
		a.machine.Bridge(m, a.handler(m.Sender), a.handler(m.Leg), now)
	case *msg.TaskBridged:
		a.machine.Bridged(m, a.handler(m.Task), a.handler(m.Leg), a.handler(m.GetMix().GetMixer()), now)
	case *msg.TaskUnbridged:
		a.machine.Unbridged(m, a.handler(m.Sender), now)
	case *msg.TaskProvisioned:
		a.machine.Provisioned(m, a.handler(m.Task), a.handler(m.Progress.GetPartner()), now)
	default:
		return false
	}
	return true
}

// fromSignal takes what the Signal says that looks for a party for the Task, as for a caller's leg. One that was
// told to give up means nothing any more; whom it had found by then is let go.
func (a *taskActor) fromSignal(m any, now time.Time) bool {
	switch m := m.(type) {
	case *msg.LegProgress:
		if a.dials(m.By) {
			a.machine.Progress(m, a.handler(m.Partner), now)
		}
	case *msg.LegAccept:
		if !a.dials(m.By) {
			a.floor.Member.Send(m.Partner, &msg.LegHangup{})
			break
		}
		a.machine.Taken(m, a.handler(m.Partner), now)
	case *msg.LegReject:
		if a.dials(m.By) {
			a.machine.Refused(int(m.Status), m.Reason, now)
		}
	default:
		return false
	}
	return true
}

// dials tells whether a Signal is the one that looks for a party now.
func (a *taskActor) dials(by *actor.PID) bool { return by == nil || by.Equal(a.dial) }

// fromLeg takes what the party's leg says, or a mixer.
func (a *taskActor) fromLeg(m any, now time.Time) {
	switch m := m.(type) {
	case *msg.LegAnswered:
		a.machine.LegAnswered(m, a.handler(m.Leg), now)
	case *msg.LegEnded:
		a.machine.LegEnded(m, a.handler(m.Leg), now)
	case *msg.LegDigit:
		a.machine.Digit(m.Key, a.handler(m.Leg), now)
	case *msg.LegPlayed:
		a.machine.LegPlayed(m, now)
	case *msg.LegRecorded:
		a.machine.LegRecorded(m, a.handler(m.Leg), now)
	case *msg.LegFound:
		a.log.Info("nobody takes the call", "status", m.Status, "reason", m.Reason)
	case *msg.LegTaken:
		a.machine.LegTaken(a.handler(m.Leg), now)
	case *msg.LegParted:
		a.machine.LegParted(a.handler(m.Partner), a.handler(m.Leg), now)
	case *msg.LegInfo:
		a.machine.LegInfo(m, a.handler(m.Leg), now)
	case *msg.LegDone:
		a.machine.LegDone(m, a.handler(m.Leg), now)
	case *msg.LegReferred:
		a.machine.Referred(m, a.handler(m.Leg), now)
	}
}

func (a *taskActor) onStart(ctx actor.Context, m *msg.TaskStart) {
	a.self, a.started = ctx.Self(), time.Now()
	a.id = a.floor.Member.Handler(ctx.Self())
	a.log = slog.New(signed{a.log.Handler(), a})
	domain := signal.AOR(m.Account).Domain()
	language := ""
	if p, ok := a.floor.Person(m.Account); ok {
		language = p.Language
	}
	program, err := a.floor.Programs.Program(domain, language, m.Program)
	if err != nil {
		a.log.Warn("program can not be started", "program", m.Program, "domain", domain, "err", err)
		a.floor.Member.Send(m.Leg, &msg.LegReject{Status: 404, Reason: "No such application"})
		ctx.Stop(ctx.Self())
		return
	}
	a.announceName(m.Named)
	a.machine = task.New(m, a.handler(m.Leg), program, a, a.floor.Limits(), a.log)
	a.machine.Start(a.started)
}

func (a *taskActor) onGone(who *actor.PID, now time.Time) {
	if who.Equal(a.dial) {
		a.dial = nil
	}
	a.machine.Gone(a.handler(who), now)
}

// Crashed: a message made the shell panic. Legs, partners and lists hear by watching that the Task is gone.
func (a *taskActor) Crashed(actor.Context, any) { a.onStopping() }

func (a *taskActor) onStopping() {
	for _, t := range a.timers {
		if t != nil {
			t.Stop()
		}
	}
	if a.stop != nil {
		a.stop()
	}
	if a.counted {
		a.counted = false
		a.floor.census.end(a.start.Account)
	}
	a.floor.Table.drop(a.id)
	a.floor.full.Delete(a.id)
}

// handler is the text form of an address, "" of none.
func (a *taskActor) handler(pid *actor.PID) string {
	if pid == nil {
		return ""
	}
	return a.floor.names.text(a.floor.Member, pid)
}

// address finds whose handler it is; nil: nobody's who can be reached.
func (a *taskActor) address(handler string) *actor.PID {
	if handler == "" {
		return nil
	}
	return a.floor.names.pid(a.floor.Member, handler)
}
