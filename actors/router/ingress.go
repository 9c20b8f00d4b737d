package router

import (
	"crypto/rand"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/asynkron/protoactor-go/actor"

	"tandem/actors/cluster"
	"tandem/actors/msg"
	"tandem/signal"
	"tandem/sip/border"
	"tandem/sip/farm"
)

// Ingress is where the SIP edge hands requests in: it implements signal.Receiver. Its methods run on
// the goroutines that read from the network and never wait.
type Ingress struct {
	member    *cluster.Member
	name      string // of the member
	remote    Remote
	others    bool // there may be other members
	fronts    fronts
	losses    losses
	directory signal.Directory
	policy    atomic.Pointer[signal.Policy]
	edges     []*actor.PID // requests of one Call-ID use one of them, so their order is kept
	invites   *invites
	errands   Errands
	standings standings
	log       *slog.Logger
}

// NewIngress makes the ingress; the member must host the kinds "edge", "signal", "account", "lamp",
// "presence" and "keylamp".
func NewIngress(m *cluster.Member, d signal.Directory, p *signal.Policy, log *slog.Logger) *Ingress {
	in := &Ingress{member: m, name: m.Name(), remote: alone, directory: d, invites: &invites{}, log: log}
	in.fronts.front, in.fronts.invites = newFront(maxFronted), in.invites
	in.policy.Store(p)
	return in
}

// SetPolicy changes what is let in; acts on the next request.
func (in *Ingress) SetPolicy(p *signal.Policy) { in.policy.Store(p) }

// Table is the routing table in force.
func (in *Ingress) Table() *signal.Table { return in.policy.Load().Table }

// Edge is the edge actor for a Call-ID.
func (in *Ingress) Edge(callID string) *actor.PID {
	return in.edges[in.number(callID)]
}

// EdgeAt is the edge actor for a Call-ID on a member; nil: it can not be reached.
func (in *Ingress) EdgeAt(member, callID string) *actor.PID {
	if member == in.name {
		return in.Edge(callID)
	}
	return in.remote(member, 1+in.number(callID))
}

// number is the place of a Call-ID's edge actor among those of a member: the same, whichever member asks, so that
// what belongs to one call keeps its order.
func (in *Ingress) number(callID string) uint64 {
	return farm.OrderOf(signal.Flow{}, []byte(callID)) % Edges
}

// EdgeOf is the edge actor for a Call-ID on the member that holds a flow. It is the one place that says where a
// device's connection ends. Where that member is gone, a device that was reached by datagrams is reached by its
// address from here, unless it is behind a NAT; one that had a connection is not reached at all, and the edge is nil.
// A session is its own edge.
func (in *Ingress) EdgeOf(flow signal.Flow, callID string) *actor.PID {
	if flow.Session != "" {
		return in.session(flow)
	}
	if in.holds(flow) {
		return in.Edge(callID)
	}
	if pid := in.remote(flow.Edge, 1+in.number(callID)); pid != nil {
		return pid
	}
	if flow.Conn == 0 {
		return in.Edge(callID)
	}
	in.log.Debug("a connection is gone with its member", "edge", flow.Edge, "transport", flow.Transport)
	return nil
}

// holds tells whether a flow is this member's, or none, which any member can find.
func (in *Ingress) holds(flow signal.Flow) bool { return flow.Edge == "" || flow.Edge == in.name }

// Admit judges a request outside any dialog, which Recognize has seen.
func (in *Ingress) Admit(r *signal.Request) signal.Verdict {
	p := in.policy.Load()
	if trunk, _ := p.Table.Trunks().Trunk(r.Origin.Trunk); r.Origin.Flow.Session == "" && !r.Origin.Trusted && !trunk.Trusted {
		r.Headers = border.Strange(r.Headers)
	}
	return p.Admit(r, in.directory)
}

// Emergency implements signal.Receiver.
func (in *Ingress) Emergency(u signal.URI) bool { return in.Table().Emergency(u) }

// CallsForHelp tells whether a call that a leg or a Task makes is one for help: some of those whom it wants has a number for that.
func (in *Ingress) CallsForHelp(m *msg.SignalStart) bool {
	t := in.Table()
	return t.Emergency(m.Request.Uri.Signal()) || slices.ContainsFunc(m.Targets, func(u *msg.URI) bool { return t.Emergency(u.Signal()) })
}

// Recognize implements signal.Receiver: a call has the trunk that it comes from, and calls for help where the number that
// is called does.
func (in *Ingress) Recognize(r *signal.Request) {
	if r.Method != signal.INVITE {
		return
	}
	p, called := in.policy.Load(), r.URI
	if r.Origin.Flow.Session == "" {
		r.Origin.Trunk = p.FromTrunk(r, in.directory, in.Learned)
	}
	if r.Origin.Trunk != "" { // what it has proved is which trunk it is: it has no rights of an account
		r.Origin.Account = ""
		called, _ = p.Table.Trunks().Enter(r, p.Table.Domain(), in.directory)
	}
	r.Urgent = p.Table.Emergency(called)
}

// Receive takes an admitted request outside any dialog.
func (in *Ingress) Receive(r *signal.Request) {
	edge := in.Edge(r.CallID)
	switch r.Method {
	case signal.REGISTER:
		aor := r.Origin.Account
		work := &msg.AccountRegister{Aor: string(aor), Request: msg.FromRequest(r), Edge: edge}
		if err := in.member.Tell("account", string(aor), work); err != nil {
			in.overloaded(edge, r, err)
		}
	case signal.SUBSCRIBE, signal.PUBLISH:
		in.event(edge, r)
	default:
		in.expect(r)
		work := &msg.SignalStart{Request: msg.FromRequest(r), Edge: edge, Call: NewCall()}
		pid, err := in.member.Spawn("signal", work)
		if err != nil {
			in.overloaded(edge, r, err)
			return
		}
		in.invites.own(r, pid)
	}
}

// packages are the kinds of virtual actors that serve the event packages about another account than the one that asks.
var packages = map[string]string{signal.PresencePackage: "presence", signal.DialogPackage: "keylamp"}

// event takes a request of an event package to the virtual actor that serves it: the lamp of the account that asks, or
// the presence or keylamp of the account that is meant (see Policy).
func (in *Ingress) event(edge *actor.PID, r *signal.Request) {
	kind, name := "lamp", r.Origin.Account
	if serves, ok := packages[r.Package()]; ok {
		kind, name = serves, in.Table().Route(r.URI, in.directory).Account.AOR
	}
	if name == "" { // it was an account when the request was admitted
		in.respond(edge, answer(r, 404, ""))
		return
	}
	work := &msg.SignalRequest{Request: msg.FromRequest(r), Edge: edge}
	if err := in.member.Tell(kind, string(name), work); err != nil {
		in.overloaded(edge, r, err)
	}
}

// Deliver takes a request inside a dialog to the leg that its To tag names.
func (in *Ingress) Deliver(r *signal.Request) bool {
	pid, err := in.member.Parse(r.To.Tag())
	if err != nil {
		return false
	}
	edge := in.Edge(r.CallID)
	in.expect(r)
	in.invites.own(r, pid)
	in.owes(pid, r, edge)
	err = in.member.Offer(pid, &msg.SignalRequest{Request: msg.FromRequest(r), Edge: edge})
	switch {
	case err == nil:
		return true
	case err == cluster.ErrOverload, in.elsewhere(pid): // a member that does not answer may yet come back
		if r.Method != signal.ACK {
			in.overloaded(edge, r, err)
		}
		return true
	}
	in.invites.forget(r.ID)
	in.fronts.forget(r.ID)
	return false
}

// Cancelled tells the owner of an INVITE that its sender cancelled it.
func (in *Ingress) Cancelled(id, reason string) {
	if pid := in.invites.owner(id); pid != nil {
		in.member.Send(pid, &msg.SignalCancelled{Request: id, Reason: reason})
	}
}

func (in *Ingress) respond(edge *actor.PID, r *signal.Response) {
	in.member.Send(edge, &msg.SignalRespond{Response: msg.FromResponse(r)})
}

// overloaded refuses what this member can not take on now.
func (in *Ingress) overloaded(edge *actor.PID, r *signal.Request, err error) {
	in.log.Debug("request refused", "method", string(r.Method), "sip_call", r.CallID, "because", err.Error())
	res := answer(r, 503, "")
	res.Headers = retryLater
	in.respond(edge, res)
}

// retryLater goes with each 503 that says that this member is full: seconds, long enough for calls to
// end meanwhile.
var retryLater = signal.Headers{{Name: "Retry-After", Value: "5"}}

// NewCall makes the name of a call: it ties its legs together in lists, logs and records.
func NewCall() string { return rand.Text()[:16] }

// invites knows who owns each INVITE that has no final response yet; as many as there are server
// transactions at most.
type invites struct{ m sync.Map } // request id -> *actor.PID, nil until it is known

// expect notes an INVITE before anybody is given it: who gets it may answer it at once.
func (v *invites) expect(r *signal.Request) {
	if r.Method == signal.INVITE && r.Origin.Flow.Session == "" {
		v.m.Store(r.ID, (*actor.PID)(nil))
	}
}

// own notes who owns an INVITE, unless it is answered already.
func (v *invites) own(r *signal.Request, pid *actor.PID) {
	v.m.CompareAndSwap(r.ID, (*actor.PID)(nil), pid)
}

func (v *invites) owner(id string) *actor.PID {
	if pid, ok := v.m.Load(id); ok {
		return pid.(*actor.PID)
	}
	return nil
}

func (v *invites) forget(id string) { v.m.Delete(id) }

func (v *invites) done(r *signal.Response) {
	if r.Method == signal.INVITE && !r.Provisional() {
		v.forget(r.Request)
	}
}
