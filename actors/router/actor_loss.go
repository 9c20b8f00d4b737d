package router

import (
	"errors"
	"sync"
	"time"

	"github.com/asynkron/protoactor-go/actor"
	"google.golang.org/protobuf/proto"

	"tandem/actors/cluster"
	"tandem/actors/msg"
	"tandem/signal"
)

// Lost tells the accounts whose devices were reached by a flow that this has ended.
func (in *Ingress) Lost(f signal.Flow) {
	for _, aor := range in.directory.FlowOwners(f) {
		if err := in.member.Tell("account", string(aor), &msg.AccountLost{Flow: msg.FromFlow(f)}); err != nil {
			in.log.Warn("a lost device stays registered", "account", string(aor), "err", err)
		}
	}
}

// lossMemory is how long a dead member is remembered: the names that it owned have another owner by then.
const lossMemory = 2 * time.Minute

// losses are members that have died lately, and when.
type losses struct {
	mu    sync.Mutex
	known map[string]time.Time
}

// MemberLost tells the accounts whose devices were reached by connections of a member that these are gone with it. Each
// member tells those accounts that it owns; names that the dead one owned are told by Sweep, when they have an owner
// again. To be called when a life of a member has ended.
func (in *Ingress) MemberLost(name string) { in.memberLost(name, time.Now()) }

func (in *Ingress) memberLost(name string, at time.Time) {
	l := &in.losses
	l.mu.Lock()
	if l.known == nil {
		l.known = map[string]time.Time{}
	}
	l.known[name] = at
	l.mu.Unlock()
	in.lostWith(name, at)
}

// Sweep tells again what MemberLost could not. To be called now and then.
func (in *Ingress) Sweep(now time.Time) {
	l := &in.losses
	l.mu.Lock()
	known := make(map[string]time.Time, len(l.known))
	for name, at := range l.known {
		if known[name] = at; now.Sub(at) > lossMemory {
			delete(l.known, name)
		}
	}
	l.mu.Unlock()
	for name, at := range known {
		in.lostWith(name, at)
	}
}

func (in *Ingress) lostWith(name string, at time.Time) {
	lost := &msg.AccountLost{Flow: &msg.Flow{Edge: name}, BeforeMs: at.UnixMilli()}
	for _, aor := range in.directory.FlowOwners(signal.Flow{Edge: name}) {
		if _, mine := in.member.Epoch("account", string(aor)); !mine {
			continue
		}
		if err := in.member.Tell("account", string(aor), lost); err != nil {
			in.log.Warn("a lost device stays registered", "account", string(aor), "err", err)
		}
	}
}

// Unheard answers for a message of another member's that found nobody; see cluster.Member.Unheard. kind is that of the
// actor that was meant.
func (in *Ingress) Unheard(kind string, message proto.Message, err error) {
	switch m := message.(type) {
	case *msg.SignalRequest:
		in.unanswered(m.Request.Signal(), m.Edge, err)
	case *msg.SignalStart:
		in.unanswered(m.Request.Signal(), m.Edge, err)
	case *msg.AccountRegister:
		in.unanswered(m.Request.Signal(), m.Edge, err)
	case *msg.NamedMessage:
		in.unanswered(m.Request.Signal(), m.Edge, err)
	case *msg.MeetingAsk:
		in.member.Send(m.Asker, &msg.MeetingAnswer{Operation: m.Operation, Error: err.Error(), Position: -1, Unheard: true})
	case *msg.NamedPlace:
		in.member.Send(m.Owner, &msg.Spawned{Operation: m.Operation, Status: 503, Reason: err.Error()})
	default:
		in.log.Debug("message of another member found nobody", "kind", kind,
			"type", string(message.ProtoReflect().Descriptor().Name()), "because", err.Error())
	}
}

// unanswered refuses a request that reached nobody: in a dialog whose owner is gone there is none any more.
func (in *Ingress) unanswered(r *signal.Request, edge *actor.PID, err error) {
	switch {
	case edge == nil || r.Method == signal.ACK:
	case r.InDialog() && errors.Is(err, cluster.ErrGone):
		in.respond(edge, answer(r, 481, ""))
	default:
		in.overloaded(edge, r, err)
	}
}
