package presence

import (
	"crypto/rand"
	"log/slog"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/asynkron/protoactor-go/actor"

	"tandem/actors/cluster"
	"tandem/actors/msg"
	"tandem/actors/notify"
	"tandem/signal"
	"tandem/sip/subscription"
)

// Floor is what the presentities of a member stand on.
type Floor struct {
	notify.Way
	Roster   func(signal.AOR) []*msg.PresenceItem
	Contacts func(signal.AOR) []signal.Contact // the devices that an account can be reached at
	Open     func() bool                       // accounts of one domain see each other
	Log      *slog.Logger

	living sync.Map // AORs of those that live here: who is told of a changed roster
}

// presenceActor is the shell of one account's presence.
type presenceActor struct {
	floor      *Floor
	log        *slog.Logger
	aor        signal.AOR
	presentity *Presentity
	sessions   map[Session]*actor.PID // that have any part in it; all are watched
	alarm      cluster.Alarm
	busy       atomic.Bool
}

// Messages that never leave the member.
type (
	look   struct{} // something may be over, or have waited long enough
	reread struct{} // the roster may have changed, or who may see whom
)

// Make makes presentities.
func (f *Floor) Make() actor.Actor {
	return &presenceActor{floor: f, log: f.Log, sessions: map[Session]*actor.PID{}}
}

// RosterChanged is to be told of every account whose roster may have changed, on whatever member.
func (f *Floor) RosterChanged(aor signal.AOR) {
	if _, lives := f.living.Load(aor); !lives {
		return // it reads the roster when it begins
	}
	if err := f.Member.Tell("presence", string(aor), &reread{}); err != nil {
		f.Log.Debug("presence is not told of a roster", "account", string(aor), "err", err)
	}
}

// RulesChanged is to be told when other accounts may see each other.
func (f *Floor) RulesChanged() { f.Member.Broadcast("presence", &reread{}) }

// Receive is the table of contents.
func (a *presenceActor) Receive(ctx actor.Context) {
	now := time.Now()
	switch m := ctx.Message().(type) {
	case *cluster.Named:
		a.onNamed(ctx, m, now)
	case *msg.SignalRequest:
		a.perform(ctx, m.Edge, a.presentity.Request(m.Request.Signal(), now))
	case *msg.SignalResponse:
		a.perform(ctx, nil, a.presentity.Answered(m.Response.Signal(), now))
	case *msg.PresenceSet:
		a.onSet(ctx, m, now)
	case *msg.PresenceWatch:
		a.perform(ctx, nil, a.presentity.Watch(a.know(ctx, m.Watcher), signal.AOR(m.Account), now))
	case *msg.PresenceUnwatch:
		a.presentity.Unwatch(session(m.Watcher))
		a.perform(ctx, nil, nil)
	case *msg.PresenceAsk:
		a.perform(ctx, nil, a.presentity.Ask(signal.AOR(m.Account), now))
	case *msg.PresenceRefuse:
		a.perform(ctx, nil, a.presentity.Refuse(signal.AOR(m.Account), now))
	case *msg.PresenceFind:
		a.onFind(ctx)
	case *reread:
		a.perform(ctx, nil, a.presentity.Reread(a.roster(), a.floor.Open(), now))
	case *look:
		if a.alarm.Rang(now) {
			a.perform(ctx, nil, a.presentity.Elapsed(now))
		}
	case *actor.Terminated:
		a.perform(ctx, nil, a.presentity.Gone(session(m.Who), now))
	case *actor.Stopping:
		a.onStopping(ctx, now)
	}
}

func (a *presenceActor) onNamed(ctx actor.Context, m *cluster.Named, now time.Time) {
	a.aor = signal.AOR(m.Name)
	a.log = a.log.With("kind", "presence", "id", m.Name)
	a.presentity = New(a.aor, a.floor.Member.Handler(ctx.Self()), DefaultLimits, rand.Text, now)
	a.presentity.shared = func(from netip.AddrPort) bool { return shares(a.floor.Contacts(a.aor), from) }
	a.floor.living.Store(a.aor, ctx.Self()) // before the roster is read: a change is not missed
	a.presentity.Began(a.roster(), a.floor.Open())
	a.log.Debug("presence begins")
}

func (a *presenceActor) onSet(ctx actor.Context, m *msg.PresenceSet, now time.Time) {
	state, _ := signal.ParsePresence(m.State)
	a.perform(ctx, nil, a.presentity.Set(a.know(ctx, m.Source), State{state, m.Status}, m.Attend, now))
}

func (a *presenceActor) onFind(ctx actor.Context) {
	s := a.presentity.State()
	ctx.Respond(&msg.PresenceFound{State: string(s.Presence), Status: s.Status, Sources: int32(a.presentity.Sources())})
}

func (a *presenceActor) onStopping(ctx actor.Context, now time.Time) {
	if a.presentity == nil {
		return
	}
	if pid, ok := a.floor.living.Load(a.aor); ok && pid.(*actor.PID).Equal(ctx.Self()) {
		a.floor.living.Delete(a.aor)
	}
	for _, e := range a.presentity.Leave(now) {
		if e, ok := e.(subscription.Send); ok {
			a.floor.Perform(ctx, nil, e)
		}
	}
}

// session names a session towards the machine.
func session(pid *actor.PID) Session { return Session(pid.GetAddress() + "/" + pid.GetId()) }

// know names a session that may come to have a part in it, and watches it.
func (a *presenceActor) know(ctx actor.Context, pid *actor.PID) Session {
	s := session(pid)
	if a.sessions[s] == nil {
		a.sessions[s] = pid
		ctx.Watch(pid)
	}
	return s
}

// roster is the account's roster as the store has it here.
func (a *presenceActor) roster() (all []Item) {
	for _, i := range a.floor.Roster(a.aor) {
		wanted := Nothing
		switch {
		case i.Wanted && i.Agreed:
			wanted = Seeing
		case i.Wanted:
			wanted = Asking
		}
		all = append(all, Item{Peer: signal.AOR(i.Peer), Name: i.Name, Groups: i.Groups, Sees: i.Sees, Wanted: wanted})
	}
	return all
}

// perform does what the machine wants; edge is that of the request that is answered.
func (a *presenceActor) perform(ctx actor.Context, edge *actor.PID, effects []Effect) {
	for _, e := range effects {
		switch e := e.(type) {
		case subscription.Respond, subscription.Send:
			a.floor.Perform(ctx, edge, e)
		case Tell:
			a.log.Debug("presence is told", "to", string(e.To), "state", string(e.State.Presence), "standing", int(e.Standing))
			a.floor.Member.Send(a.sessions[e.To], &msg.PresenceChanged{Account: string(a.aor), State: string(e.State.Presence),
				Status: e.State.Status, Standing: msg.PresenceStanding(e.Standing)})
		case Asked:
			a.floor.Member.Send(a.sessions[e.To], &msg.PresenceAsked{Account: string(e.From)})
		case Changed:
			a.floor.Member.Send(a.sessions[e.To], &msg.PresenceRosterItems{Items: items(e.Items), Whole: e.Whole})
		}
	}
	a.settle(ctx)
}

// settle looks after what follows from every event: sessions that have no part any more, the timer, and whether the
// actor may be put away.
func (a *presenceActor) settle(ctx actor.Context) {
	for s, pid := range a.sessions {
		if !a.presentity.Knows(s) {
			delete(a.sessions, s)
			ctx.Unwatch(pid)
		}
	}
	a.busy.Store(!a.presentity.Empty())
	a.alarm.Set(ctx, a.presentity.Next(), &look{})
}

// items are roster items for sessions.
func items(all []Item) (out []*msg.PresenceItem) {
	for _, i := range all {
		out = append(out, &msg.PresenceItem{Peer: string(i.Peer), Name: i.Name, Groups: i.Groups, Sees: i.Sees,
			Wanted: i.Wanted != Nothing, Agreed: i.Wanted == Seeing, Gone: i.Gone})
	}
	return out
}

// Busy keeps the presentity from being put away while somebody says or watches something. It is asked from outside.
func (a *presenceActor) Busy() bool { return a.busy.Load() }
