package leg

import (
	"time"

	"tandem/actors/msg"
	"tandem/sip/dialog"
)

// Redirect sends our party elsewhere, by somebody's order. A partner does it in our place, as if its phone had asked for a
// transfer, so that its Task, and a queue, know what has become of the call. A party that is alone with its Task goes by
// itself: when somebody takes its call, the Task has lost it; else it stays.
func (l *Leg) Redirect(m *msg.LegRedirect, now time.Time) (status int, reason string) {
	l.now = now
	t := &l.transfers
	switch {
	case l.state != answered:
		return 480, "The call is not up"
	case t.search || t.put != nil || t.asked != "":
		return 491, "The call is being transferred already"
	case l.hearing.hasPartner:
		l.do(tellPartner{&msg.LegRedirect{Refer: m.Refer, Target: m.Target, Account: m.Account}})
	case l.service.on || l.program.running():
		l.Transfer(&msg.LegTransfer{Refer: m.Refer, Target: m.Target, Account: m.Account, ReferredBy: l.referrer()}, now)
	default:
		return 481, "Nobody is there to be sent away from"
	}
	l.log.Info("redirected by order", "target", m.Target.Signal().String(), "author", m.Account)
	return 202, ""
}

// SendAway: our partner is to be sent elsewhere by somebody's order, which our phone might have given as well.
func (l *Leg) SendAway(m *msg.LegRedirect, now time.Time) {
	l.now = now
	t := &l.transfers
	if l.state != answered || !l.hearing.hasPartner || t.asked != "" || t.put != nil {
		l.log.Info("an order to send the partner away comes too late", "target", m.Target.Signal().String())
		return
	}
	t.order, t.behalf = m.Refer, m.Account
	t.onReferred(dialog.Referred{ID: m.Refer, Target: m.Target.Signal()})
}

// accepts tells our phone that what it asked for is tried; of an order it knows nothing.
func (t *transfers) accepts(id string) bool {
	return id == t.order || t.leg.try(t.leg.dialog.AcceptRefer(id, t.leg.now))
}

// refuses tells our phone that it is not.
func (t *transfers) refuses(id string, status int, reason string) {
	if id == t.order {
		t.leg.log.Info("an order to send the partner away is refused", "status", status, "reason", reason)
		return
	}
	t.leg.try(t.leg.dialog.RefuseRefer(id, status, reason, t.leg.now))
}
