package pbx

import (
	"context"
	"errors"
	"math"
	"strconv"
	"time"

	"github.com/asynkron/protoactor-go/actor"

	"tandem/actors/cluster"
	"tandem/actors/msg"
	"tandem/actors/pbx/cgpl"
	"tandem/actors/pbx/task"
	"tandem/signal"
	"tandem/ximss/object"
)

// perform does what the machine wants, in order. What is done may let the machine want more.
func (a *taskActor) perform(ctx actor.Context) {
	for effects := a.machine.Effects(); len(effects) > 0; effects = a.machine.Effects() {
		for _, e := range effects {
			a.effect(ctx, e)
		}
	}
	if a.stale {
		a.publish()
	}
}

func (a *taskActor) effect(ctx actor.Context, e task.Effect) {
	switch e := e.(type) {
	case task.ToLeg:
		a.toLeg(e)
	case task.ToTask:
		a.toTask(e)
	case task.ToMixer:
		a.floor.Member.Send(a.address(e.Mixer), e.Message)
	case task.ToMeeting:
		a.toMeeting(ctx, e)
	case task.InLine, task.OutOfLine, task.ToQueue, task.Engage:
		a.toQueue(e)
	case task.Dial:
		a.onDial(ctx, e)
	case task.CancelDial:
		a.floor.Member.Send(a.dial, &msg.LegEnded{Leg: a.self, Status: 487})
		a.dial = nil
	case task.Spawn:
		a.spawn(ctx, e)
	case task.MakeMixer:
		a.makeMixer(e)
	case task.Serve:
		a.serve(e)
	case task.StartTimer:
		a.timer(ctx, e)
	case task.Watch:
		a.watch(ctx, e.Handler)
	case task.Unwatch:
		if pid := a.address(e.Handler); pid != nil {
			ctx.Unwatch(pid)
		}
	case task.Again:
		a.pace = long
		ctx.Send(ctx.Self(), &again{})
	case task.Publish:
		a.stale = true
	case task.Stop:
		ctx.Stop(ctx.Self())
	}
}

// watch asks for the end of an actor; of one that can not be reached it is told at once.
func (a *taskActor) watch(ctx actor.Context, handler string) {
	if pid := a.address(handler); pid != nil {
		ctx.Watch(pid)
		return
	}
	a.machine.Gone(handler, time.Now())
}

// toLeg tells a leg something, with the address of who is meant in it.
func (a *taskActor) toLeg(e task.ToLeg) {
	partner := a.address(e.Partner)
	switch m := e.Message.(type) {
	case *msg.LegAccept:
		m.Partner, m.Stream = partner, e.Partner
	case *msg.LegMix:
		m.Mixer = partner
	case *msg.LegAttend:
		m.Leg = partner
	case *msg.LegProgress:
		if m.Partner = partner; partner == nil {
			m.Stream = ""
		}
	}
	a.floor.Member.Send(a.address(e.Leg), e.Message)
}

// toTask tells another Task something, signed.
func (a *taskActor) toTask(e task.ToTask) {
	switch m := e.Message.(type) {
	case *msg.TaskBridge:
		m.Sender, m.Leg = a.self, a.address(e.Leg)
	case *msg.TaskBridged:
		m.Task, m.Leg = a.self, a.address(e.Leg)
		if m.Mix != nil {
			m.Mix.Mixer = a.address(e.Mixer)
		}
	case *msg.TaskUnbridged:
		m.Sender = a.self
	case *msg.TaskProvisioned:
		m.Task = a.self
		m.Progress.Partner, m.Progress.Stream = a.address(e.Leg), e.Leg
	}
	a.floor.Member.Send(a.address(e.Task), e.Message)
}

// onDial has a Signal look for a party.
func (a *taskActor) onDial(ctx actor.Context, e task.Dial) {
	e.Request.ID = "task." + a.id + "." + strconv.FormatInt(time.Now().UnixNano(), 36)
	start := &msg.SignalStart{Request: msg.FromRequest(e.Request), Caller: a.self, Call: a.call(), Codecs: e.Codecs,
		Task: true, NoServices: e.NoServices, RingMs: e.Ring.Milliseconds()}
	for _, t := range e.Targets {
		start.Targets = append(start.Targets, msg.FromURI(t))
	}
	start.Request.Urgent = a.floor.CallsForHelp != nil && a.floor.CallsForHelp(start)
	pid, err := a.floor.Member.Spawn("signal", start)
	if err != nil {
		a.log.Warn("no signal for a call", "err", err)
		a.machine.Dialled("", time.Now())
		return
	}
	a.dial = pid
	ctx.Watch(pid)
	a.machine.Dialled(a.handler(pid), time.Now())
}

// call is the name under which the legs of the Task's call lie near each other.
func (a *taskActor) call() string {
	if a.start.Call != "" {
		return a.start.Call
	}
	return a.id
}

// spawn starts a Task at another entry of the same program. The answer comes by the mailbox, so that a Task
// that spawns without end hears its kill, and lets others run.
func (a *taskActor) spawn(ctx actor.Context, e task.Spawn) {
	pid, err := a.floor.Spawn(&msg.TaskStart{Program: a.start.Program, Entry: e.Entry,
		Parameter: e.Parameter, Account: a.start.Account, Call: a.call()})
	crowded := errors.Is(err, ErrCrowd)
	if err != nil && !(crowded && a.crowded) { // that is said once, however often the program asks
		a.log.Warn("task can not be spawned", "entry", e.Entry, "err", err)
	}
	a.crowded = crowded
	ctx.Send(ctx.Self(), &spawned{e.Operation, a.handler(pid)})
}

// Spawn starts a Task that no call begins, on this member: one that another Task wants beside it. ErrCrowd: its account
// has as many as it may.
func (f *Floor) Spawn(start *msg.TaskStart) (*actor.PID, error) {
	return f.admit(start, func() (*actor.PID, error) { return f.Member.Spawn("task", start) })
}

// Begin starts a Task that nothing here begins, where Call Legs Processing says: for a command or a clock. It waits for
// the member that is asked. ErrCrowd is as in Spawn.
func (f *Floor) Begin(start *msg.TaskStart) (*actor.PID, error) {
	return f.admit(start, func() (*actor.PID, error) {
		pid, err := f.Member.PlaceNow(context.Background(), "task", start)
		if err == nil && !f.Member.Here(pid) {
			f.census.miss(start.Account) // it is counted where it lives
		}
		return pid, err
	})
}

func (f *Floor) admit(start *msg.TaskStart, place func() (*actor.PID, error)) (*actor.PID, error) {
	most := math.MaxInt
	if f.PerAccount != nil {
		most = f.PerAccount()
	}
	if err := f.census.ask(start.Account, most); err != nil {
		return nil, err
	}
	pid, err := place()
	if err != nil {
		f.census.miss(start.Account)
	}
	return pid, err
}

func (a *taskActor) makeMixer(e task.MakeMixer) {
	pid, err := a.floor.Member.Spawn("mixer", &msg.MixerStart{Owner: a.self, Call: a.call(), Rate: e.Rate})
	if err != nil {
		a.log.Warn("mixer can not be made", "err", err)
	}
	a.machine.Spawned(e.Operation, a.handler(pid), time.Now())
}

// serve runs a service on a goroutine of its own; where all workers are busy the service is refused, for a
// Task must not wait behind others without end.
func (a *taskActor) serve(e task.Serve) {
	if a.stop == nil {
		a.context, a.stop = context.WithCancel(context.Background())
	}
	self, member, ctx := a.self, a.floor.Member, a.context
	select {
	case a.floor.Workers <- struct{}{}:
	default:
		member.Send(self, &serviceDid{e.Operation, object.String("too many services are at work")})
		return
	}
	go func() {
		defer func() { <-a.floor.Workers }()
		member.Send(self, &serviceDid{e.Operation, e.Service.Run(ctx, e.Caller, e.Arguments)})
	}()
}

func (a *taskActor) timer(ctx actor.Context, e task.StartTimer) {
	if old := a.timers[e.Kind]; old != nil {
		old.Stop()
	}
	a.timers[e.Kind] = cluster.After(ctx, e.After, &timerFired{e.Kind, e.Generation})
}

// publish shows the Task's present state to lists.
func (a *taskActor) publish() {
	a.stale = false
	r := a.machine.Row()
	row := Row{Task: a.id, Program: a.start.Program, Account: r.Account, Owner: a.start.Account,
		Mode: r.Mode, Waiting: r.Waiting, Where: r.Where, Party: r.Party, Leg: r.Leg, With: r.With,
		Parties: r.Parties, Call: a.start.Call, Started: a.started, Status: r.Status}
	if a.shown != nil && *a.shown == row { // it waits where it waited before
		return
	}
	kept := row
	a.shown = &kept
	a.floor.Table.show(a.shown)
}

// What the machine asks without waiting: task.World.

// Self is the Task's handler.
func (a *taskActor) Self() string { return a.id }

// Tell sends an event to a Task or a Session.
func (a *taskActor) Tell(handler string, e *msg.TaskEvent) error {
	pid := a.address(handler)
	if pid == nil {
		return task.ErrNoObject
	}
	if _, full := a.floor.full.Load(handler); full {
		return task.ErrQueueFull
	}
	e.Sender = a.self
	switch err := a.floor.Member.Offer(pid, e); err {
	case nil:
		return nil
	case cluster.ErrOverload:
		return task.ErrQueueFull
	}
	return task.ErrNoObject
}

// Sound finds a sound file of the environment.
func (a *taskActor) Sound(domain, language, name string) (string, bool) {
	return a.floor.Programs.Sound(domain, language, name)
}

// Module finds a module of the environment.
func (a *taskActor) Module(domain, language, name string) (*cgpl.Module, error) {
	return a.floor.Programs.Module(domain, language, name)
}

// Service finds a service.
func (a *taskActor) Service(name string) (task.Service, bool) {
	s, ok := a.floor.Services[name]
	return s, ok
}

// Person finds an account.
func (a *taskActor) Person(account string) (task.Person, bool) { return a.floor.Person(account) }

// Challenge are the headers by which a 401 asks for a password.
func (a *taskActor) Challenge(domain string, r *signal.Request) signal.Headers {
	return a.floor.Challenge(domain, r)
}

// NonceKey is the secret of nonces.
func (a *taskActor) NonceKey() []byte { return a.floor.NonceKey }

// System is what SystemInfo tells.
func (a *taskActor) System(what string) object.Value { return a.floor.System(what) }

var _ task.World = (*taskActor)(nil)
