package router

import (
	"log/slog"
	"time"

	"github.com/asynkron/protoactor-go/actor"
	"google.golang.org/protobuf/proto"

	"tandem/actors/cluster"
	"tandem/actors/msg"
	"tandem/conf"
	"tandem/signal"
)

// signalActor is the shell of a Signal or of a Relay.
type signalActor struct {
	in        *Ingress
	limits    func() conf.Routing
	lastWords func() time.Duration
	log       *slog.Logger

	request  *signal.Request // when no leg made it: somebody must answer it
	machine  *Signal
	relay    *Relay
	edge     *actor.PID
	call     string
	self     *actor.PID
	caller   *actor.PID
	early    []proto.Message // for the caller's leg, until it is known
	branches map[signal.BranchID]*branchRef
	task     *actor.PID
	sessions map[string]*actor.PID // that have a message and have not answered, by request
	timers   []*time.Timer
	entry    entry
}

// branchRef is a branch's leg as far as it is known.
type branchRef struct {
	pid   *actor.PID
	early []proto.Message
	trunk string // over which it goes, if over any
}

// Messages that never leave the Signal.
type (
	// timeout is one of the fork's timers.
	timeout struct{ timer int }
	// gone marks the place in the mailbox where a terminated leg is really gone: Terminated overtakes
	// what it had said before.
	gone struct {
		who  *actor.PID
		lost bool // with its member
	}
	// relayLate: who was to send a MESSAGE has neither an answer nor that there is none.
	relayLate struct{}
	// taskLate: who keeps the name of a Named Task has not answered.
	taskLate struct{}
)

// taskWait is how long a call waits for a Named Task to be found or made.
const taskWait = 5 * time.Second

// MakeSignal makes Signal actors. lastWords is how long a MESSAGE waits for answers: longer than 64*T1, in which the edge that
// sends it has one or says that there is none (RFC 3261 section 17.1.2.2).
func (in *Ingress) MakeSignal(limits func() conf.Routing, lastWords func() time.Duration, log *slog.Logger) func() actor.Actor {
	return func() actor.Actor {
		return &signalActor{in: in, limits: limits, lastWords: lastWords, log: log, branches: map[signal.BranchID]*branchRef{}}
	}
}

// Receive is the table of contents.
func (a *signalActor) Receive(ctx actor.Context) {
	switch m := ctx.Message().(type) {
	case *msg.SignalStart:
		a.onStart(ctx, m)
	case *msg.SignalCancelled:
		a.onCancelled(ctx, m)
	case *msg.SignalResponse:
		a.onResponse(ctx, m)
	case *msg.Spawned:
		a.onSpawned(ctx, m)
	case *msg.LegReady:
		a.onCaller(ctx, m.Leg)
		a.perform(ctx, a.machine.Ready(m.Codecs))
	case *msg.LegProgressed:
		a.onBranch(ctx, m.Branch, m.Leg)
		a.perform(ctx, a.machine.Progressed(signal.BranchID(m.Branch), m))
	case *msg.LegAnswered:
		a.onAnswered(ctx, m)
	case *msg.LegRefused:
		a.onRefused(ctx, m)
	case *msg.LegEnded:
		a.onEnded(ctx, m)
	case *timeout:
		a.perform(ctx, a.machine.Timeout(m.timer))
	case *actor.Terminated:
		ctx.Send(ctx.Self(), &gone{m.Who, m.Why == actor.TerminatedReason_AddressTerminated})
	case *gone:
		a.onGone(ctx, m)
	case *taskLate:
		a.onTaskLate(ctx)
	case *relayLate:
		a.onRelayLate(ctx)
	case *msg.TrunkSeized:
		a.onSeized(ctx, m)
	case *seizeLate:
		a.onSeizeLate(ctx, m)
	case *actor.Stopping:
		a.stopTimers()
	}
}

func (a *signalActor) stopTimers() {
	for _, t := range a.timers {
		t.Stop()
	}
}

// Crashed: a leg hears by itself that its owner is gone, but who called must not wait for an answer.
// Where there is one already, this one is too late and goes nowhere.
func (a *signalActor) Crashed(ctx actor.Context, _ any) {
	if a.request != nil {
		a.respond(ctx, answer(a.request, 500, ""))
	}
}

func (a *signalActor) onStart(ctx actor.Context, m *msg.SignalStart) {
	r := m.Request.Signal()
	a.self, a.edge, a.call = ctx.Self(), m.Edge, m.Call
	if m.Caller == nil && m.Edge != nil {
		a.request = r
	}
	a.log = a.log.With("kind", "signal", "id", ctx.Self().Id, "call", m.Call)
	limits := a.limits()
	ring := limits.RingTimeout
	if m.RingMs > 0 {
		ring = time.Duration(min(m.RingMs, maxRing.Milliseconds())) * time.Millisecond
	}
	a.machine = newSignal(r, a.in.Table(), a.in.directory, signal.ForkLimits{
		Branches: branchesOf(r, limits.MaxForks), Forwards: limits.MaxForwards, Ring: ring}, time.Now, a.log)
	if r.Method == signal.MESSAGE {
		a.relayMessage(ctx, m, r, limits.MaxForks)
		return
	}
	if r.Origin.Trunk != "" && m.Caller == nil {
		a.enter(ctx, m)
		return
	}
	a.start(ctx, m)
}

// urgentBranches are as many as a call for help may have at least: all targets of some trunks are tried for it.
const urgentBranches = 100

func branchesOf(r *signal.Request, most int) int {
	if r.Urgent {
		return max(most, urgentBranches)
	}
	return most
}

// start has the machine look for somebody.
func (a *signalActor) start(ctx actor.Context, m *msg.SignalStart) {
	if m.Caller != nil {
		a.onCaller(ctx, m.Caller)
	}
	a.perform(ctx, a.machine.Start(terms{adopted: m.Caller != nil, task: m.Caller != nil && m.Task,
		targets: targets(m.Targets, a.limits().MaxForks), plain: m.NoServices, codecs: m.Codecs}))
}

func (a *signalActor) onCancelled(ctx actor.Context, m *msg.SignalCancelled) {
	if a.entry.waits {
		a.endEntry(ctx, 487, "")
		return
	}
	a.perform(ctx, a.machine.Cancelled(m.Reason))
}

// maxRing is the longest time that a caller may let others ring.
const maxRing = time.Hour

// targets are the addresses to call at once, as many as may be.
func targets(uris []*msg.URI, limit int) []signal.URI {
	var out []signal.URI
	for _, u := range uris[:min(len(uris), limit)] {
		out = append(out, u.Signal())
	}
	return out
}

// relayMessage sends a MESSAGE to the devices of its account, or leaves it to who takes messages for
// other names.
func (a *signalActor) relayMessage(ctx actor.Context, m *msg.SignalStart, r *signal.Request, limit int) {
	target := a.in.Table().Route(r.URI, a.in.directory)
	if take := a.in.errands.TakeMessage; target.Kind != signal.ToAccount && take != nil && take(m) {
		ctx.Stop(ctx.Self())
		return
	}
	contacts, _ := signal.OneFlow(signal.Taking(signal.MESSAGE, a.in.directory.Contacts(target.Account.AOR)))
	if target.Kind != signal.ToAccount || len(contacts) == 0 {
		status := target.Status
		if status == 0 {
			status = 480
		}
		a.respond(ctx, answer(r, status, target.Reason))
		ctx.Stop(ctx.Self())
		return
	}
	var copies []copyTo
	a.relay, copies = newRelay(r, a.machine.identity(), contacts, limit)
	for _, c := range copies {
		send := &msg.SignalSend{Request: msg.FromRequest(c.request), Flow: msg.FromFlow(c.flow), Owner: ctx.Self()}
		if edge := a.in.EdgeOf(c.flow, c.request.CallID); edge != nil {
			a.watchSession(ctx, c, edge)
			ctx.Send(edge, send)
			continue
		}
		ctx.Send(ctx.Self(), msg.Unsent(c.request))
	}
	a.timers = append(a.timers, cluster.After(ctx, a.lastWords(), &relayLate{}))
}

// onRelayLate answers for devices that nobody asks any more: the member of their edge may have died.
func (a *signalActor) onRelayLate(ctx actor.Context) {
	if r := a.relay.Late(); r != nil {
		a.respond(ctx, r)
		ctx.Stop(ctx.Self())
	}
}

func (a *signalActor) onResponse(ctx actor.Context, m *msg.SignalResponse) {
	if a.relay == nil {
		return
	}
	delete(a.sessions, m.Response.Request)
	if res, done := a.relay.Answered(m.Response.Signal()); done {
		a.respond(ctx, res)
		ctx.Stop(ctx.Self())
	}
}

// onSpawned takes the host's answer: operation "caller", or the number of a branch.
func (a *signalActor) onSpawned(ctx actor.Context, m *msg.Spawned) {
	var refused *signal.Refusal
	if m.Pid == nil { // why is for our log, not for the caller
		a.log.Warn("no leg or Task", "operation", m.Operation, "because", m.Reason)
		refused = &signal.Refusal{Status: int(m.Status), Headers: retryLater}
	}
	if m.Operation == callerOperation {
		if a.request != nil && m.Pid != nil {
			a.in.adopted(m.Pid, a.request, a.edge)
		}
		a.held(a.machine.request.Origin.Trunk, a.entry.channel, m.Pid, true)
		a.onCaller(ctx, m.Pid)
		a.perform(ctx, a.machine.CallerPlaced(refused))
		return
	}
	if m.Operation == taskOperation {
		a.task = m.Pid // when it ends, that is its leg's concern
		a.perform(ctx, a.machine.TaskPlaced(refused))
		return
	}
	id := branchOf(m.Operation)
	a.onBranch(ctx, uint32(id), m.Pid)
	a.perform(ctx, a.machine.BranchPlaced(id, refused))
}

// onCaller learns the caller's leg, from itself or from the host that had it made, and sends what waited for it.
func (a *signalActor) onCaller(ctx actor.Context, pid *actor.PID) {
	if !a.learns(ctx, a.caller, pid) {
		return
	}
	a.caller = pid
	for _, m := range a.early {
		a.in.member.Send(pid, m)
	}
	a.early = nil
}

// onBranch learns a branch's leg and sends what waited for it.
func (a *signalActor) onBranch(ctx actor.Context, branch uint32, pid *actor.PID) {
	b := a.branch(signal.BranchID(branch))
	if !a.learns(ctx, b.pid, pid) {
		return
	}
	b.pid = pid
	for _, m := range b.early {
		a.in.member.Send(pid, m)
	}
	b.early = nil
}

// learns watches a leg that was not known. A host makes another one where it has not heard that the first was made before that
// one's member died: that one is watched, so that its end is the call's, and the other is not wanted.
func (a *signalActor) learns(ctx actor.Context, known, pid *actor.PID) bool {
	switch {
	case pid == nil, pid.Equal(known):
	case known != nil:
		a.in.member.Dismiss(pid)
	default:
		ctx.Watch(pid)
		return true
	}
	return false
}

func (a *signalActor) branch(id signal.BranchID) *branchRef {
	b, ok := a.branches[id]
	if !ok {
		b = &branchRef{}
		a.branches[id] = b
	}
	return b
}

func (a *signalActor) onAnswered(ctx actor.Context, m *msg.LegAnswered) {
	if m.Branch == 0 {
		a.perform(ctx, a.machine.CallerAnswered())
		return
	}
	a.onBranch(ctx, m.Branch, m.Leg)
	a.perform(ctx, a.machine.Answered(signal.BranchID(m.Branch), m))
}

func (a *signalActor) onRefused(ctx actor.Context, m *msg.LegRefused) {
	if m.Branch == 0 {
		a.perform(ctx, a.machine.CallerEnded("caller's leg refused"))
		return
	}
	a.perform(ctx, a.machine.Refused(signal.BranchID(m.Branch), m))
}

func (a *signalActor) onEnded(ctx actor.Context, m *msg.LegEnded) {
	if m.Branch == 0 {
		a.perform(ctx, a.machine.CallerEnded("caller's leg ended"))
		return
	}
	a.perform(ctx, a.machine.BranchEnded(signal.BranchID(m.Branch), m))
}

// onGone: a leg is gone, and all it had said was heard.
func (a *signalActor) onGone(ctx actor.Context, m *gone) {
	status := 500
	if m.lost {
		status = 503
	}
	if a.relay != nil {
		a.sessionGone(ctx, m.who)
		return
	}
	if a.callerIsGone(m) {
		a.perform(ctx, a.machine.CallerGone(status))
		return
	}
	for id, b := range a.branches {
		if m.who.Equal(b.pid) {
			a.perform(ctx, a.machine.BranchEnded(id, &msg.LegEnded{Status: int32(status)}))
			return
		}
	}
}

// callerIsGone tells whether the caller's leg is: it, or its member with any leg of this call. Of a member that is lost the legs
// are heard of in no order, and a device's alone would have the caller's told to refuse the call, which it can not do any more.
func (a *signalActor) callerIsGone(m *gone) bool {
	return a.caller != nil && (m.who.Equal(a.caller) || m.lost && m.who.Address == a.caller.Address)
}

// onTaskLate: the member that was asked for a Named Task may have died with the question.
func (a *signalActor) onTaskLate(ctx actor.Context) {
	if a.task == nil {
		a.perform(ctx, a.machine.TaskPlaced(&signal.Refusal{Status: 503, Headers: retryLater}))
	}
}

// perform does what the machine wants, in order.
func (a *signalActor) perform(ctx actor.Context, effects []effect) {
	for _, e := range effects {
		switch e := e.(type) {
		case respond:
			a.respond(ctx, e.response)
		case placeCaller:
			a.placeCaller(ctx, e)
		case placeBranch:
			a.placeBranch(ctx, e)
		case tellCaller:
			a.tellCaller(e.message)
		case tellBranch:
			a.tellBranch(e.id, e.message)
		case showEarly:
			e.progress.Partner = a.branch(e.id).pid
			a.tellCaller(e.progress)
		case join:
			a.join(e)
		case placeTask:
			a.placeTask(ctx, e)
		case seize:
			a.seize(ctx, e)
		case serve:
			a.tellCaller(&msg.LegServe{Task: a.task, Program: e.program})
		case dismiss:
			a.in.member.Send(a.task, &msg.TaskKill{})
		case errand:
			a.in.run(e.note, a.machine.request)
		case startTimer:
			a.timers = append(a.timers, cluster.After(ctx, e.timer.After, &timeout{e.timer.ID}))
		case stop:
			ctx.Poison(ctx.Self()) // what the legs still say is heard and ignored
		}
	}
}

// respond answers the request, where somebody waits for that.
func (a *signalActor) respond(_ actor.Context, r *signal.Response) {
	a.in.member.Send(a.edge, &msg.SignalRespond{Response: msg.FromResponse(r)})
}

func (a *signalActor) tellCaller(m proto.Message) {
	sign(a.self, m)
	if a.caller == nil {
		a.early = append(a.early, m)
		return
	}
	a.in.member.Send(a.caller, m)
}

// sign says who speaks: a leg that was told to look for somebody else hears its former Signal no more.
func sign(self *actor.PID, m proto.Message) {
	switch m := m.(type) {
	case *msg.LegProgress:
		m.By = self
	case *msg.LegAccept:
		m.By = self
	case *msg.LegReject:
		m.By = self
	case *msg.LegRun:
		m.By = self
	case *msg.LegServe:
		m.By = self
	}
}

func (a *signalActor) tellBranch(id signal.BranchID, m proto.Message) {
	b := a.branch(id)
	if b.pid == nil {
		b.early = append(b.early, m)
		return
	}
	a.in.member.Send(b.pid, m)
}

func (a *signalActor) placeCaller(ctx actor.Context, e placeCaller) {
	a.in.member.Place("leg", callerOperation, &msg.LegStart{
		Owner: ctx.Self(), Call: a.call,
		Incoming:    &msg.SignalRequest{Request: msg.FromRequest(a.machine.request), Edge: a.edge},
		Application: e.application, Argument: e.argument, Number: e.number,
		Called: string(a.machine.called()), Record: a.machine.recorded(),
		Trunk: a.machine.request.Origin.Trunk, Urgent: a.machine.request.Urgent, Asserted: a.machine.believed(),
	}, ctx.Self(), nil)
}

func (a *signalActor) placeBranch(ctx actor.Context, e placeBranch) {
	a.branch(e.id).trunk = e.trunk
	a.in.member.Place("leg", branchOperation(e.id), &msg.LegStart{
		Owner: ctx.Self(), Branch: uint32(e.id), Call: a.call, Outgoing: e.call,
		Number: e.number, Trunk: e.trunk, Urgent: a.machine.request.Urgent,
	}, ctx.Self(), a.caller)
}

func (a *signalActor) placeTask(ctx actor.Context, e placeTask) {
	start := &msg.TaskStart{
		Program: e.target.Program, Params: e.target.Params, Account: string(e.target.Account.AOR), Leg: a.caller,
		Request: msg.FromRequest(a.machine.request), Call: a.call, Codecs: a.machine.terms.codecs,
		Asserted: a.machine.believed(),
	}
	if e.target.Named == "" {
		a.in.member.Place("task", taskOperation, start, ctx.Self(), a.caller)
		return
	}
	ask := &msg.NamedPlace{Operation: taskOperation, Start: start, Owner: ctx.Self()}
	if err := a.in.member.Tell("named", string(e.target.Named), ask); err != nil {
		ctx.Send(ctx.Self(), &msg.Spawned{Operation: taskOperation, Status: 503, Reason: err.Error()})
		return
	}
	if a.in.others {
		a.timers = append(a.timers, cluster.After(ctx, taskWait, &taskLate{}))
	}
}

// join connects the caller's leg and the branch that won.
func (a *signalActor) join(e join) {
	winner := a.branch(e.id).pid
	a.branchHeld(e.id)
	if a.machine.terms.task {
		a.tellBranch(e.id, &msg.LegServe{Task: a.caller})
	} else {
		a.tellBranch(e.id, &msg.LegBridge{Partner: a.caller})
	}
	a.tellCaller(&msg.LegAccept{Partner: winner, Stream: e.stream, Codec: e.codec, Headers: e.headers})
}
