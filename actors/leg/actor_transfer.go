package leg

import (
	"time"

	"github.com/asynkron/protoactor-go/actor"

	"tandem/actors/msg"
)

// onReplace takes the wish of another leg to have our place; nobody can be joined with itself.
func (a *legActor) onReplace(m *msg.LegReplace) {
	a.replaceAsker, a.replacer = m.Asker, m.By
	if m.By == nil || m.By.Equal(a.self) || a.isPartner(m.By) {
		a.floor.Member.Send(m.Asker, &msg.LegTransferred{Refer: m.Refer, Status: 481})
		return
	}
	a.machine.Replace(m, time.Now())
}

// onRedirect takes the order to send our party elsewhere, or the partner's word that we are to send it.
func (a *legActor) onRedirect(ctx actor.Context, m *msg.LegRedirect) {
	if m.From != nil {
		if a.isPartner(m.From) {
			a.machine.SendAway(m, time.Now())
		}
		return
	}
	if !a.machine.transfers.search {
		a.asker = nil
	}
	status, reason := a.machine.Redirect(m, time.Now())
	if ctx.Sender() != nil {
		ctx.Respond(&msg.LegRedirected{Status: int32(status), Reason: reason})
	}
}

// find starts the Signal that looks for a new party for ours.
func (a *legActor) find(ctx actor.Context, start *msg.SignalStart) {
	start.Caller, start.Edge = ctx.Self(), a.edge
	start.Request.Urgent = a.floor.CallsForHelp != nil && a.floor.CallsForHelp(start)
	pid, err := a.floor.Member.Spawn("signal", start)
	if err != nil {
		a.log.Warn("no signal for a transfer", "err", err)
		ctx.Send(ctx.Self(), &msg.LegReject{Status: 503, By: ctx.Self()})
		return
	}
	a.finder = pid
	ctx.Watch(pid)
}

// dismissFinder tells the Signal that looks for a party that nobody is wanted; what it still says does not
// concern the leg.
func (a *legActor) dismissFinder(ctx actor.Context, status int32) {
	if a.finder == nil {
		return
	}
	ctx.Unwatch(a.finder)
	a.floor.Member.Send(a.finder, &msg.LegEnded{Leg: ctx.Self(), Status: status})
	a.finder = nil
}

// replace asks the leg of that handler for its place, for us or for our partner.
func (a *legActor) replace(ctx actor.Context, e replace) {
	pid, err := a.floor.Member.Parse(e.tag)
	e.request.Asker, e.request.By = ctx.Self(), ctx.Self()
	if e.by == ourPartner {
		e.request.By = a.partner
	}
	if err == nil {
		err = a.floor.Member.Offer(pid, e.request)
	}
	if err != nil {
		ctx.Send(ctx.Self(), &msg.LegTransferred{Refer: e.request.Refer, Status: 481})
	}
}

// giveUp joins our partner, or our application, with the one who takes our place.
func (a *legActor) giveUp(run *msg.LegRun) {
	member := a.floor.Member
	if a.partner == nil {
		member.Send(a.replacer, run)
		return
	}
	codec := a.machine.params.Codec.Name
	member.Send(a.partner, &msg.LegAccept{Partner: a.replacer, Stream: member.Handler(a.replacer), Codec: codec,
		Given: true})
	member.Send(a.replacer, &msg.LegAccept{Partner: a.partner, Stream: member.Handler(a.partner), Codec: codec,
		Given: true})
}
