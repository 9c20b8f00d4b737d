package router

import (
	"fmt"

	"github.com/asynkron/protoactor-go/actor"

	"tandem/actors/cluster"
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
	member  *cluster.Member
	edge    func() signal.Edge
	invites *invites
}

// MakeEdge makes an edge actor. The edge is asked for when it is used: it and the ingress need each
// other, so one of them comes later.
func (in *Ingress) MakeEdge(edge func() signal.Edge) func() actor.Actor {
	return func() actor.Actor { return &edgeActor{in.member, edge, in.invites} }
}

// Receive is the table of contents.
func (a *edgeActor) Receive(ctx actor.Context) {
	switch m := ctx.Message().(type) {
	case *msg.SignalSend:
		a.onSend(m)
	case *msg.SignalCancel:
		a.onCancel(m)
	case *msg.SignalRespond:
		a.onRespond(m)
	case *msg.SignalPacket:
		a.onPacket(m)
	}
}

func (a *edgeActor) onSend(m *msg.SignalSend) {
	a.edge().Send(m.Request.Signal(), m.Flow.Signal(), func(r *signal.Response) {
		a.member.Send(m.Owner, &msg.SignalResponse{Response: msg.FromResponse(r)})
	})
}

func (a *edgeActor) onCancel(m *msg.SignalCancel) {
	if m.Request != "" { // the first message of an edge actor names none
		a.edge().Cancel(m.Request, m.Reason)
	}
}

func (a *edgeActor) onRespond(m *msg.SignalRespond) {
	r := m.Response.Signal()
	a.invites.done(r)
	a.edge().Respond(r)
}

func (a *edgeActor) onPacket(m *msg.SignalPacket) {
	if p, ok := a.edge().(Packets); ok {
		p.Inject(fromMessage(m))
	}
}
