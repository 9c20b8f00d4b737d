package task

import (
	"log/slog"
	"time"

	"tandem/actors/msg"
	"tandem/actors/pbx/cgpl"
	"tandem/signal"
	"tandem/ximss/object"
)

// Task is the pure machine of one PBX Task. Each method takes an event with the time at which it happened;
// what must be done is collected, and taken by the shell with Effects.
type Task struct {
	log     *slog.Logger
	limits  Limits
	world   World
	now     time.Time
	out     []Effect
	machine *cgpl.Machine
	mode    mode

	work   *msg.TaskStart // nil when it has begun: the INVITE in it may be long
	start  origin
	who    identity
	input  input
	wait   wait
	timers [Timers]int // generation by kind
	serial uint64      // operations, tickets, sounds: one numbering for all
	status object.Value
	linked []string // Tasks whose end is an event
	says   says
	spools []Effect // what to say of recordings on the disk when the program ends well
	fault  string   // the exception that ended it

	party  party
	dial   dial
	sound  sound
	music  *music // nil: there is none
	bridge bridge
	mixing *mixing   // nil unless parties are attached
	option *option   // nil while all are at their defaults
	queue  *queueing // nil while its caller is in none
	// attended is the leg whose call the party attends; "" is none.
	attended string
}

// origin is what a Task was started for.
type origin struct{ program, account, call string }

// identity is in whose name the Task acts: the current account.
type identity struct {
	account  string // "" is none
	domain   string
	language string
	zone     *time.Location
	zoneName string
}

// New makes the Task of a start, with its program compiled. Start must follow.
// leg is the handler of the caller's leg, where a call starts it.
func New(start *msg.TaskStart, leg string, program *cgpl.Module, w World, limits Limits, log *slog.Logger) *Task {
	t := &Task{log: log, limits: limits, world: w, work: start,
		start: origin{start.Program, start.Account, start.Call}}
	t.party.leg = leg
	t.impersonate(start.Account)
	t.machine = cgpl.New(program, t.module, t, limits.Program)
	t.input.interrupts = true
	return t
}

// module finds a module of the environment in the language that is selected now.
func (t *Task) module(name string) (*cgpl.Module, error) {
	return t.world.Module(t.home(), t.who.language, name)
}

// home is the domain whose environment the Task uses.
func (t *Task) home() string { return signal.AOR(t.start.account).Domain() }

// Start runs the program from its entry until it has to wait.
func (t *Task) Start(now time.Time) {
	t.now = now
	m := t.work
	t.work = nil
	if t.party.leg != "" {
		t.mode = incoming
		t.party.incoming(m)
		t.do(Watch{t.party.leg})
	}
	vars := object.NewFolded()
	if m.Parameter != "" {
		if v, err := t.read(m.Parameter); err == nil {
			vars.Set("startParameter", v)
		}
	} else if len(m.Params) > 0 {
		list := object.NewArray()
		for _, p := range m.Params {
			list.Append(object.String(p))
		}
		vars.Set("startParameter", list.Value())
	}
	if m.Dial != nil {
		vars.Set("startParameter", t.dialBack(m.Dial))
	}
	entry := m.Entry
	if entry == "" {
		entry = "main"
	}
	t.log.Info("task", "from", "start", "to", t.mode.String(), "program", t.start.program, "entry", entry,
		"account", t.start.account)
	t.do(Publish{})
	if err := t.machine.Start(entry, vars); err != nil {
		t.fails(&cgpl.Exception{Text: err.Error()})
		return
	}
	t.turn()
}

// turn lets the program run until it has to wait, ends, or has used up its slice.
func (t *Task) turn() {
	switch o := t.machine.Run(); o.State {
	case cgpl.Blocked:
		if !t.wait.active() { // a builtin that suspends says what it waits for
			t.fails(&cgpl.Exception{Text: "a function waits for nothing"})
		}
	case cgpl.Sliced:
		t.do(Again{})
	case cgpl.Done, cgpl.Stopped:
		t.end("", "program has ended")
	case cgpl.Failed:
		t.fails(o.Err)
	}
}

// Continue goes on after Again.
func (t *Task) Continue(now time.Time) {
	t.now = now
	if t.mode != over && !t.wait.active() {
		t.turn()
	}
}

// resume gives the blocked call its result and goes on.
func (t *Task) resume(v object.Value) {
	if t.mode == over {
		return
	}
	t.wait = wait{}
	t.machine.Resume(v)
	t.turn()
}

// fails ends the Task by an exception: one record in the log, a pending call gets 500.
func (t *Task) fails(e *cgpl.Exception) {
	t.log.Warn("program exception", "program", t.start.program, "account", t.start.account, "err", e.Error())
	if t.pending() {
		t.toLeg(&msg.LegReject{Status: 500, Reason: "Application fault"})
		t.party.leg = ""
	}
	t.end(e.Error(), "program has failed")
}

// Kill ends the Task as its own stop would.
func (t *Task) Kill(now time.Time) {
	t.now = now
	t.end("", "killed")
}

// end leaves nothing behind: bridges break, mixers end, the party gets BYE or a refusal.
func (t *Task) end(fault, because string) {
	if t.mode == over {
		return
	}
	unanswered := t.pending() || t.mode == waiting && t.bridge.asked.before != connected
	t.leaveMedia()
	t.cancelDial()
	t.refuseTickets()
	switch {
	case t.party.leg == "":
	case unanswered:
		t.toLeg(&msg.LegReject{Status: 480})
	default:
		t.toLeg(&msg.LegHangup{})
	}
	t.party.leg = ""
	t.wait = wait{} // what the queue says now is not for the program
	linger := t.settleQueue()
	t.become(over, because)
	t.finish(fault)
	if !linger {
		t.do(Stop{})
	}
}

// Effects hands over what is to be done, and forgets it.
func (t *Task) Effects() []Effect {
	out := t.out
	t.out = nil
	return out
}

func (t *Task) do(e ...Effect) { t.out = append(t.out, e...) }

// number is a new number for an operation, a ticket or a sound.
func (t *Task) number() uint64 {
	t.serial++
	return t.serial
}

// timer sets a timer; an earlier one of its kind means nothing from then on.
func (t *Task) timer(kind TimerKind, after time.Duration) {
	t.timers[kind]++
	t.do(StartTimer{kind, t.timers[kind], after})
}

// Timer takes a timer; one that was set again or given up means nothing.
func (t *Task) Timer(kind TimerKind, generation int, now time.Time) {
	t.now = now
	switch {
	case t.timers[kind] != generation:
		return
	case t.mode == over:
		if kind != passTimer {
			t.lingered()
		}
		return
	}
	switch kind {
	case passTimer:
		t.notTaken()
	case overallTimer:
		t.event(eventTimer, object.Null, "")
	case waitTimer:
		if w := t.wait; w.active() && w.timeout != nil {
			w.timeout()
		}
	}
}

// Spawned brings the handler of what Spawn or MakeMixer asked for; "" when it could not be made.
func (t *Task) Spawned(operation uint64, handler string, now time.Time) {
	t.now = now
	if t.wait.operation == operation && t.wait.spawned != nil {
		t.wait.spawned(handler)
	}
}

// read makes an object of the text form that messages carry.
func (t *Task) read(text string) (object.Value, error) {
	if text == "" {
		return object.Null, nil
	}
	return object.Parser{Handles: true}.Parse(text)
}

// write makes the text form of an object that leaves the Task. Only a Task handle on its own may leave
// inside of a parameter, or what holds one where handles is set.
func (t *Task) write(v object.Value, handles bool) (string, bool) {
	if v.IsNull() {
		return "", true
	}
	text, err := object.Writer{Handles: handles || v.Kind() == object.KindHandle, Limit: t.limits.Text}.Write(v)
	return text, err == nil
}

// Row is what lists show of a Task.
type Row struct {
	Account, Mode, Waiting, Where, Party, Leg, With, Status string
	Parties                                                 int
}

// Row is what lists show of the Task now.
func (t *Task) Row() Row {
	r := Row{Account: t.who.account, Mode: t.mode.String(), Waiting: t.wait.name, Leg: t.party.leg,
		With: t.bridge.with.task}
	if t.party.leg != "" {
		r.Party = t.party.remote().String()
	}
	if where := t.machine.Where(); len(where) > 0 {
		r.Where = where[0].String()
	}
	if t.mixing != nil {
		r.Parties = len(t.mixing.members)
	}
	if !t.status.IsNull() {
		r.Status = object.Format(t.status)
	}
	return r
}

// Fault is the exception that ended the Task, "" for none.
func (t *Task) Fault() string { return t.fault }

// Mode is the Task's mode, by name.
func (t *Task) Mode() string { return t.mode.String() }

// Now is the time of the present event: what GMTTime tells.
func (t *Task) Now() time.Time { return t.now }

// Zone is the time zone that is selected.
func (t *Task) Zone() *time.Location {
	if t.who.zone == nil {
		return time.Local
	}
	return t.who.zone
}

// Domain is the domain of the current account.
func (t *Task) Domain() string { return t.who.domain }
