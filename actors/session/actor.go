package session

import (
	"context"
	"log/slog"
	"net/netip"
	"time"

	"github.com/asynkron/protoactor-go/actor"

	"tandem/actors/cluster"
	"tandem/actors/guard"
	"tandem/actors/msg"
	"tandem/actors/session/phone"
	"tandem/signal"
	"tandem/ximss"
	"tandem/ximss/object"
)

// Floor is what the sessions of a member stand on.
type Floor struct {
	Member   *cluster.Member
	Services Services
	Table    *Table
	Key      []byte                  // of the names in URLs: a secret of the cluster
	Alone    bool                    // there are no other members
	Known    func(signal.AOR) bool   // there is such an account here
	Calls    Calls                   // without a Begin there are no telephones
	AgentOf  func(signal.AOR) string // the agent to whom an account belongs; no function, or "": none
	Board    *Board                  // how queues stand; nil: nobody can watch them
	Stats    func() StatStream       // begins to hear of statistics; nil: nobody can
	// ShowAgent is what an account may know of an agent whom it watches, ShowsQueue whether it may know how a queue stands:
	// rights may have gone since it began to. nil, false: nothing. They must answer at once.
	ShowAgent  func(signal.AOR, *msg.AgentChanged) *msg.AgentChanged
	ShowsQueue func(aor signal.AOR, queue string) bool
	Limits     func() Limits
	Workers    chan struct{} // places for errands under way
	Log        *slog.Logger
}

// sessionActor is the shell of one session.
type sessionActor struct {
	floor   *Floor
	log     *slog.Logger
	machine *Session

	connection *actor.PID // of the client; nil: none
	coming     *actor.PID // the one that takes over
	left       *actor.PID // the one that was lost last
	from       netip.Addr // where requests over HTTP may come from; not valid: from anywhere
	asks       map[int]*actor.PID
	lastAsk    int
	started    time.Time
	alarm      cluster.Alarm
	phone      telephone
	stats      heardStats
	watched    map[string]bool    // queues, on the Board
	context    context.Context    // of errands; nil until there was one
	cancel     context.CancelFunc // of context
}

// Messages that never leave the member.
type (
	// take is SessionTake for a session of the same member.
	take struct {
		connection *actor.PID
		request    *object.XML
	}
	// over is the time when nobody asks any more.
	over struct{}
	// look is the time to see what is due.
	look struct{}
	// served is what came of an errand; nil after a fault.
	served struct{ said Result }
	// gone marks the place in the mailbox where an actor that was watched has really ended: Terminated
	// overtakes what it had said before.
	gone struct {
		who  *actor.PID
		lost bool // with its member
	}
)

// Make makes sessions.
func (f *Floor) Make() actor.Actor { return &sessionActor{floor: f, log: f.Log} }

// Receive is the table of contents.
func (a *sessionActor) Receive(ctx actor.Context) {
	now := time.Now()
	if first, ok := ctx.Message().(*msg.SessionStart); ok && a.machine == nil {
		a.onStart(ctx, first, now)
	}
	if a.machine == nil {
		return
	}
	switch m := ctx.Message().(type) {
	case *take:
		a.onTake(m, now)
	case *msg.SessionTake:
		a.onTakeText(m, now)
	case *msg.SessionAttach:
		a.onAttach(ctx, m, now)
	case *msg.SessionLeave:
		a.onLeave(m.Connection, m.Reason, now)
	case *msg.SessionUnsaid:
		if same(m.Connection, a.left) {
			a.machine.Unsaid(m.Documents, now)
		}
	case *msg.SessionPost:
		a.onPost(ctx, m, now)
	case *msg.SessionPoll:
		a.onPoll(ctx, m, now)
	case *msg.SessionEnd:
		a.machine.End(m.Reason, now)
	case *msg.TaskEvent:
		a.machine.TaskEvent(m.Name, m.Parameter, a.handler(m.Sender), now)
	case *msg.MeetingAnswer:
		a.machine.Met(m.Operation, Meeting{m.Error, m.Found, m.Parameter, a.handler(m.Task)}, now)
	case *msg.SignalSend, *msg.SignalCancel, *msg.SignalRespond, *rang:
		a.onSignal(m, now)
	case *msg.PresenceChanged, *msg.PresenceAsked, *msg.PresenceRosterItems:
		a.onPresence(m, now)
	case *msg.AgentChanged:
		a.onAgent(m, now)
	case *queueStands:
		a.onQueue(m, now)
	case *statsWait:
		a.machine.StatsWait(now)
	case *msg.SessionHeard:
		if same(m.Connection, a.connection) {
			a.machine.StatsHeard(now)
		}
	case *served:
		a.machine.Served(m.said, now)
	case *look:
		if a.alarm.Rang(now) {
			a.machine.Elapsed(now)
		}
	case *over:
		ctx.Stop(ctx.Self())
	case *actor.Terminated:
		ctx.Send(ctx.Self(), &gone{m.Who, m.Why == actor.TerminatedReason_AddressTerminated})
	case *gone:
		a.onLeave(m.who, "the connection's member is lost", now)
		a.onLegGone(m, now)
	case *actor.Stopping:
		a.onStopping(now)
	}
	a.perform(ctx)
	a.wake(ctx)
}

func (a *sessionActor) onStart(ctx actor.Context, m *msg.SessionStart, now time.Time) {
	f := a.floor
	who := Who{AOR: signal.AOR(m.Account), RealName: m.RealName, URLID: f.urlID(ctx.Self()),
		Handler: f.Member.Handler(ctx.Self()), Random: m.Random, Version: m.Version, Method: m.Method,
		Phone: a.phoneOf(ctx.Self(), m.Client), Agent: f.agentOf(signal.AOR(m.Account))}
	a.log = a.log.With("kind", "session", "id", who.Handler)
	a.started = now
	a.watched = map[string]bool{}
	a.connection = m.Connection
	if remote, err := netip.ParseAddrPort(m.Client.GetRemote()); err == nil && !m.AnyAddress {
		a.from = remote.Addr()
	}
	a.machine = New(who, client(m.Client), a.connection != nil, f.Limits(), now, a.log)
	if a.connection != nil {
		a.watch(ctx)
		a.machine.Greet(m.Request, now)
	}
}

// watch looks after the connection, if it is another member's; see connectionActor.onBound.
func (a *sessionActor) watch(ctx actor.Context) {
	if !a.floor.Member.Here(a.connection) {
		ctx.Watch(a.connection)
	}
}

// agentOf tells, at any moment, which agent an account belongs to.
func (f *Floor) agentOf(aor signal.AOR) func() string {
	if f.AgentOf == nil {
		return nil
	}
	return func() string { return f.AgentOf(aor) }
}

func client(m *msg.SessionClient) Client {
	return Client{Binding: ximss.Binding(m.GetBinding()), Remote: m.GetRemote(), Secure: m.GetSecure(), Version: m.GetVersion()}
}

// same tells whether two addresses are of one actor.
func same(a, b *actor.PID) bool { return a != nil && b != nil && a.Equal(b) }

func (a *sessionActor) onTake(m *take, now time.Time) {
	if same(m.connection, a.connection) {
		a.machine.Take(m.request, now)
	}
}

func (a *sessionActor) onTakeText(m *msg.SessionTake, now time.Time) {
	if !same(m.Connection, a.connection) {
		return
	}
	x, err := object.ParseXML(m.Document)
	if err != nil {
		a.machine.Garbled(now)
		return
	}
	a.machine.Take(x, now)
}

// onAttach gives the session to another connection, if that proves that it may have it.
func (a *sessionActor) onAttach(ctx actor.Context, m *msg.SessionAttach, now time.Time) {
	answer := &msg.SessionAttached{Account: string(a.machine.AOR), RealName: a.machine.RealName, Version: a.machine.Version}
	switch {
	case a.machine.Ended():
		answer.Error, answer.Text = int32(ximss.ErrGone.Num), ximss.ErrGone.Text
	case !a.machine.Proves(m.Random):
		a.log.Warn("session is not resumed: wrong proof", "remote", m.Client.GetRemote())
		answer = &msg.SessionAttached{Error: int32(ximss.ErrCredentials.Num), Text: ximss.ErrCredentials.Text}
	}
	a.floor.Member.Send(ctx.Sender(), answer)
	switch {
	case answer.Error != 0:
	case m.Connection == nil:
		a.machine.Asked(now)
	default:
		a.coming = m.Connection
		a.machine.Attach(m.Request, client(m.Client), now)
	}
}

// onLeave: a connection is lost. One that the session has no more means nothing.
func (a *sessionActor) onLeave(who *actor.PID, reason string, now time.Time) {
	if same(who, a.connection) {
		a.left = who
		a.machine.Leave(reason, now)
	}
}

// welcome tells whether requests over HTTP may come from an address.
func (a *sessionActor) welcome(from string) bool {
	address, err := netip.ParseAddr(from)
	return !a.from.IsValid() || err == nil && address == a.from
}

func (a *sessionActor) onPost(ctx actor.Context, m *msg.SessionPost, now time.Time) {
	if !a.welcome(m.From) || a.machine.Ended() {
		a.floor.Member.Send(ctx.Sender(), &msg.SessionPosted{Gone: true})
		return
	}
	var requests []*object.XML
	for _, text := range m.Documents {
		x, err := object.ParseXML(text)
		if err != nil {
			x = object.NewXML("malformed") // it was written by another member, from an element
		}
		requests = append(requests, x)
	}
	a.machine.Post(a.ask(ctx), m.Seq, requests, m.Async, m.Fetch, now)
}

func (a *sessionActor) onPoll(ctx actor.Context, m *msg.SessionPoll, now time.Time) {
	if !a.welcome(m.From) || a.machine.Ended() && !a.machine.Owes(m.Acked) {
		a.floor.Member.Send(ctx.Sender(), &msg.SessionBatch{Gone: true})
		return
	}
	a.machine.Poll(a.ask(ctx), m.Acked, time.Duration(m.MostMs)*time.Millisecond, now)
}

// ask notes who waits for an answer.
func (a *sessionActor) ask(ctx actor.Context) int {
	if a.asks == nil {
		a.asks = map[int]*actor.PID{}
	}
	a.lastAsk++
	a.asks[a.lastAsk] = ctx.Sender()
	return a.lastAsk
}

func (a *sessionActor) answer(ask int, m any) {
	a.floor.Member.Send(a.asks[ask], m)
	delete(a.asks, ask)
}

// onStopping: the member ends, or the session has panicked.
func (a *sessionActor) onStopping(now time.Time) {
	a.machine.End("the server stops", now)
	if a.cancel != nil {
		a.cancel()
	}
	a.phone.hush()
	a.stats.close()
	for queue := range a.watched {
		a.floor.Board.Unwatch(queue, a.machine.Handler)
	}
	a.floor.Table.drop(a.machine.Handler)
}

// handler is the text form of somebody's address; "" of nobody.
func (a *sessionActor) handler(pid *actor.PID) string {
	if pid == nil {
		return ""
	}
	return a.floor.Member.Handler(pid)
}

// perform does what the machine wants, in order.
func (a *sessionActor) perform(ctx actor.Context) {
	for effects := a.machine.Effects(); len(effects) > 0; effects = a.machine.Effects() {
		for _, e := range effects {
			a.effect(ctx, e)
		}
	}
}

func (a *sessionActor) effect(ctx actor.Context, e Effect) {
	switch e := e.(type) {
	case Say:
		a.say(ctx, e)
	case Turn:
		a.connection, a.coming = a.coming, nil
		a.watch(ctx)
	case Posted:
		a.answer(e.Ask, &msg.SessionPosted{Documents: e.Documents})
	case Polled:
		a.answer(e.Ask, &msg.SessionBatch{Seq: e.Seq, Documents: e.Documents})
	case Publish:
		row := a.machine.row()
		row.Started = a.started
		a.floor.Table.show(&row)
	case Serve:
		a.serve(ctx, e)
	case AskMeeting:
		a.askMeeting(ctx, e)
	case phone.Effect:
		a.call(ctx, e)
	case SayPresence, WatchPeer, UnwatchPeer:
		a.presence(ctx, e)
	case WatchAgent, UnwatchAgent, ShowDevice, WatchQueue, UnwatchQueue:
		a.agentEffect(ctx, e)
	case FollowStat, LeaveStat, SuspendStat, TakeStats, RenewStats, HearNames:
		a.statEffect(ctx, e)
	case Stop:
		a.stop(ctx)
	}
}

const (
	// linger is how long a session that was asked over HTTP says that it has ended, for requests that are under way:
	// nobody answers those that come at the very moment when an actor stops.
	linger = time.Second
	// lingerOwing is how long one does that has something left to say, for the next poll.
	lingerOwing = 5 * time.Second
)

// stop ends the actor.
func (a *sessionActor) stop(ctx actor.Context) {
	a.stats.close()
	a.floor.Table.drop(a.machine.Handler)
	if a.lastAsk > 0 {
		wait := linger
		if a.machine.Owes(0) {
			wait = lingerOwing
		}
		cluster.After(ctx, wait, &over{})
		return
	}
	ctx.Stop(ctx.Self())
}

func (a *sessionActor) say(ctx actor.Context, e Say) {
	a.floor.Member.Send(a.connection, &msg.SessionSay{Documents: e.Documents, Close: e.Close, Reason: e.Reason,
		Heard: e.Heard})
	if e.Close && a.connection != nil {
		if !a.floor.Member.Here(a.connection) {
			ctx.Unwatch(a.connection)
		}
		a.connection = nil
	}
}

// serve does an errand on a goroutine of its own, when there is a place.
func (a *sessionActor) serve(ctx actor.Context, e Serve) {
	if a.cancel == nil {
		a.context, a.cancel = context.WithCancel(context.Background())
	}
	f, self, stopped := a.floor, ctx.Self(), a.context
	go func() {
		limited, cancel := context.WithTimeout(stopped, errandTime)
		defer cancel()
		var said Result
		select {
		case f.Workers <- struct{}{}:
			defer func() { <-f.Workers }()
			guard.Run(f.Log, "an operation of a session has failed by a fault of the program",
				func() { said = e.Do(limited, f.Services) })
		case <-limited.Done():
		}
		f.Member.Send(self, &served{said})
	}()
}

func (a *sessionActor) askMeeting(ctx actor.Context, e AskMeeting) {
	err := a.floor.Member.Tell("meeting", string(a.machine.AOR), &msg.MeetingAsk{Operation: e.Number, Asker: ctx.Self(),
		What: e.What, Set: e.Set, Key: e.Key, Parameter: e.Parameter})
	if err != nil {
		ctx.Send(ctx.Self(), &msg.MeetingAnswer{Operation: e.Number, Error: "meetings can not be reached"})
	}
}

// wake sets the alarm to when the machine wants to be told the time.
func (a *sessionActor) wake(ctx actor.Context) { a.alarm.Set(ctx, a.machine.Next(), &look{}) }
