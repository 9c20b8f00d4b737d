package leg

import (
	"time"

	"github.com/asynkron/protoactor-go/actor"

	"tandem/actors/msg"
)

// knows tells whether a Signal's word concerns the leg: not that of a search which was given up.
func (a *legActor) knows(by *actor.PID) bool {
	return by == nil || by.Equal(a.owner) || by.Equal(a.finder) || by.Equal(a.self)
}

func (a *legActor) onAccept(ctx actor.Context, m *msg.LegAccept) {
	if !a.knows(m.By) {
		a.floor.Member.Send(m.Partner, &msg.LegEnded{Leg: ctx.Self(), Status: 487})
		return
	}
	if m.By == nil && !m.Given && !a.isPartner(m.Partner) {
		a.machine.MakeRoom(time.Now())
		a.perform(ctx, a.machine.effects())
	}
	a.setPartner(ctx, m.Partner)
	a.machine.Accept(m, time.Now())
	a.joined(ctx)
}

func (a *legActor) onBridge(ctx actor.Context, m *msg.LegBridge) {
	a.setPartner(ctx, m.Partner)
	a.machine.Bridge(a.floor.Member.Handler(m.Partner), time.Now())
	a.joined(ctx)
}

// joined takes what the partner had said before it was ours: who joins us says so to each of us, in no order.
func (a *legActor) joined(ctx actor.Context) {
	if held := a.held; held != nil && a.isPartner(held.Leg) {
		a.machine.PartnerHeld(held.Held, a.floor.Member.Handler(a.partner), time.Now())
	}
	a.held = nil
	if met := a.scribes.early; met != nil && a.isPartner(met.Leg) {
		a.scribes.early = nil
		a.machine.PartnerMet(met, a.floor.Member.Handler(a.partner), time.Now())
	}
	a.perform(ctx, a.machine.effects())
	a.answerJunction()
}

// onPartner takes the word of the partner, and of nobody else: what a former one still says does not
// concern the call any more.
func (a *legActor) onPartner(m any) {
	now := time.Now()
	switch m := m.(type) {
	case *msg.LegHold:
		if a.isPartner(m.Leg) {
			a.machine.PartnerHeld(m.Held, a.floor.Member.Handler(a.partner), now)
		} else {
			a.held = m
		}
	case *msg.LegMet:
		if a.isPartner(m.Leg) {
			a.machine.PartnerMet(m, a.floor.Member.Handler(a.partner), now)
		} else {
			a.scribes.early = m
		}
	case *msg.LegInfo:
		if a.listens(m.Leg) {
			a.machine.PartnerInfo(m, now)
		}
	case *msg.LegDigit:
		if a.listens(m.Leg) {
			a.machine.PartnerDigit(m.Key, now)
		}
	case *msg.LegMessage:
		if a.isPartner(m.Leg) {
			a.machine.PartnerMessage(m, now)
		}
	case *msg.LegFax:
		if a.isPartner(m.Leg) {
			a.machine.PartnerFax(m, now)
		}
	case *msg.LegEnded:
		if a.isPartner(m.Leg) {
			a.machine.PartnerEnded(m, now)
		}
	case *msg.LegParted:
		switch {
		case a.isPartner(m.Leg):
			a.machine.PartnerEnded(&msg.LegEnded{Status: m.Status, Reason: m.Reason}, now)
		case a.mixer != nil && a.mixer.Equal(m.Leg):
			a.machine.MixerGone(m.Status, m.Reason, now)
		case a.attends(m.Leg):
			a.machine.AttendedGone(m.Status, m.Reason, now)
		}
	case *msg.LegTransfer:
		if a.isPartner(m.Asker) {
			a.asker = m.Asker
			a.machine.Transfer(m, now)
		}
	}
}

func (a *legActor) isPartner(who *actor.PID) bool { return a.partner != nil && a.partner.Equal(who) }

// listens tells whether that leg's keys are for our party: it is the partner, or the caller's leg that hears the early
// media. A leg that never had a partner is known to nobody else.
func (a *legActor) listens(who *actor.PID) bool {
	return a.isPartner(who) || a.partner == nil && a.former == nil
}

// onLeft: an actor that we watched is gone, and all it had said was heard.
func (a *legActor) onLeft(ctx actor.Context, who *actor.PID) {
	a.dropAttendant(who.String())
	switch {
	case a.task != nil && a.task.Equal(who):
		a.onTaskGone(ctx)
	case a.mixer != nil && a.mixer.Equal(who):
		a.machine.MixerGone(500, "The mixer has ended", time.Now())
	case a.attends(who):
		a.machine.AttendedGone(500, "The call is lost", time.Now())
	case a.partner != nil && a.partner.Equal(who):
		a.machine.PartnerEnded(&msg.LegEnded{Status: 500}, time.Now())
	case a.owner != nil && a.owner.Equal(who):
		a.owner = nil
		a.machine.OwnerGone(time.Now())
	case a.front != nil && a.front.Equal(who):
		a.front = nil
		a.machine.FrontLost(time.Now())
	case a.finder != nil && a.finder.Equal(who):
		a.finder = nil
		a.machine.FinderGone(time.Now())
	}
}

// setPartner changes whom the leg talks to; the one before does not concern us any more.
func (a *legActor) setPartner(ctx actor.Context, partner *actor.PID) {
	if a.partner != nil && !a.partner.Equal(a.owner) {
		ctx.Unwatch(a.partner)
	}
	if a.partner != nil {
		a.former = a.partner
	}
	if to := a.junction.far; to != nil && !to.Equal(partner) && !to.Equal(a.mixer) && !a.attends(to) {
		a.closeJunction()
	}
	a.partner, a.heard = partner, nil
	if partner != nil {
		ctx.Watch(partner)
		a.machine.record.Partner = a.floor.Member.Handler(partner)
	}
}
