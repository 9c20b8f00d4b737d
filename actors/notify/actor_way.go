// Package notify is what the shells of those have in common who tell phones something by NOTIFY (RFC 6665): lamps, the
// lamps of keys, and presence. What is told, and when, is the business of their machines.
package notify

import (
	"github.com/asynkron/protoactor-go/actor"

	"tandem/actors/cluster"
	"tandem/actors/msg"
	"tandem/signal"
	"tandem/sip/subscription"
)

// Way is by what subscribers are reached.
type Way struct {
	Member *cluster.Member
	Edge   func(flow signal.Flow, callID string) *actor.PID // by which a flow is reached; nil: unknown
}

// Perform answers a SUBSCRIBE by the edge that it came by, or has the edge of a phone's connection send a NOTIFY. Where that
// edge is not known nobody is there: the NOTIFY is answered with 503 at once. Other effects are for the caller.
func (w Way) Perform(ctx actor.Context, came *actor.PID, effect any) {
	switch e := effect.(type) {
	case subscription.Respond:
		w.Member.Send(came, &msg.SignalRespond{Response: msg.FromResponse(e.Response)})
	case subscription.Send:
		if edge := w.Edge(e.Flow, e.Request.CallID); edge != nil {
			w.Member.Send(edge, &msg.SignalSend{Request: msg.FromRequest(e.Request), Flow: msg.FromFlow(e.Flow), Owner: ctx.Self()})
			return
		}
		ctx.Send(ctx.Self(), msg.Unsent(e.Request))
	}
}
