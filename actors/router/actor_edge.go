package router

import (
	"fmt"

	"github.com/asynkron/protoactor-go/actor"

	"tandem/actors/msg"
	"tandem/signal"
)

// Edges is how many edge actors a member has: enough that one of them is never what a call waits
// for, few enough to cost nothing. On every member they are the first of their kind: 1 to Edges.
const Edges = 4

// StartEdges gives the ingress its edge actors. Until then it can take nothing.
func (in *Ingress) StartEdges() error {
	for range Edges {
		pid, err := in.member.Spawn("edge", &msg.SignalCancel{})
		if err != nil {
			return fmt.Errorf("router: edge: %w", err)
		}
		in.edges = append(in.edges, pid)
	}
	return nil
}

// edgeActor lets a leg on any member use this member's transports.
type edgeActor struct {
	in   *Ingress
	edge func() signal.Edge
}

// MakeEdge makes an edge actor. The edge is asked for when it is used: it and the ingress need each
// other, so one of them comes later.
func (in *Ingress) MakeEdge(edge func() signal.Edge) func() actor.Actor {
	in.fronts.edge = edge
	return func() actor.Actor { return &edgeActor{in, edge} }
}

// Receive is the table of contents.
func (a *edgeActor) Receive(ctx actor.Context) {
	switch m := ctx.Message().(type) {
	case *msg.SignalSend:
		a.onSend(ctx, m)
	case *msg.SignalCancel:
		a.onCancel(m)
	case *msg.SignalRespond:
		a.onRespond(ctx, m)
	case *msg.SignalPacket:
		a.onPacket(m)
	case *msg.SignalShadow:
		a.onShadow(ctx, m)
	case *watchLeg:
		ctx.Watch(m.leg)
	case *actor.Terminated:
		ctx.Send(ctx.Self(), &legGone{m.Who, m.Why == actor.TerminatedReason_AddressTerminated})
	case *legGone:
		a.in.fronts.gone(m.leg, m.lost)
	}
}

// onSend sends a request over a flow of ours. One over another member's is that one's to send, as long as it lives.
func (a *edgeActor) onSend(ctx actor.Context, m *msg.SignalSend) {
	r, flow, in := m.Request.Signal(), m.Flow.Signal(), a.in
	if !in.holds(flow) {
		to := in.EdgeOf(flow, r.CallID)
		if to == nil {
			a.unreachable(ctx, m, r)
			return
		}
		if in.elsewhere(to) {
			ctx.Send(to, m)
			return
		}
		flow = signal.Flow{}
	}
	far := in.elsewhere(m.Owner)
	if far && in.fronts.sent(m.Owner, r, flow) {
		ctx.Watch(m.Owner)
	}
	owner := m.Owner
	a.edge().Send(r, flow, func(res *signal.Response) {
		if far {
			in.fronts.heard(owner, res)
		}
		in.member.Send(owner, &msg.SignalResponse{Response: msg.FromResponse(res)})
	})
}

// unreachable answers for a device whose connection is gone.
func (a *edgeActor) unreachable(ctx actor.Context, m *msg.SignalSend, r *signal.Request) {
	if r.Method == signal.ACK || m.Owner == nil {
		return
	}
	res := answer(r, 503, "")
	res.Local = true
	ctx.Send(m.Owner, &msg.SignalResponse{Response: msg.FromResponse(res)})
}

func (a *edgeActor) onCancel(m *msg.SignalCancel) {
	if m.Request != "" { // the first message of an edge actor names none
		a.edge().Cancel(m.Request, m.Reason)
	}
}

func (a *edgeActor) onRespond(ctx actor.Context, m *msg.SignalRespond) {
	r := m.Response.Signal()
	a.in.invites.done(r)
	if a.in.others {
		if invite := a.in.fronts.answered(r); invite != nil {
			a.keep(ctx, invite, r)
		}
	}
	a.edge().Respond(r)
}

// keep has a shadow kept of a dialog that begins, or has a new target, where the peer's flow is not held by the member
// on which the leg lives: here, or by the member that holds it.
func (a *edgeActor) keep(ctx actor.Context, invite *signal.Request, r *signal.Response) {
	in, flow := a.in, invite.Origin.Flow
	leg, err := in.member.Parse(r.To.Tag())
	if err != nil {
		return
	}
	if in.holds(flow) {
		if in.elsewhere(leg) && in.fronts.hold(leg, invite, r) {
			ctx.Watch(leg)
		}
		return
	}
	to := in.remote(flow.Edge, 1+in.number(invite.CallID))
	if to == nil || to.Address == leg.Address {
		return
	}
	bare, short := *invite, *r
	bare.Body, short.Body = nil, nil
	ctx.Send(to, &msg.SignalShadow{Leg: leg, Invite: msg.FromRequest(&bare), Answer: msg.FromResponse(&short)})
}

// onShadow keeps a shadow for another member's edge.
func (a *edgeActor) onShadow(ctx actor.Context, m *msg.SignalShadow) {
	if a.in.elsewhere(m.Leg) && a.in.fronts.hold(m.Leg, m.Invite.Signal(), m.Answer.Signal()) {
		ctx.Watch(m.Leg)
	}
}

func (a *edgeActor) onPacket(m *msg.SignalPacket) {
	if p, ok := a.edge().(Packets); ok {
		p.Inject(fromMessage(m))
	}
}
