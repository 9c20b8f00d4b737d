package leg

import (
	"time"

	"tandem/actors/msg"
)

// A junction is how audio passes where the partner, or the mixer, lives on another member (actors/junction). For the machine
// a stream there is as good as one here, but for what follows: the other member may ask for audio before our party is
// told whose it is, and it may turn out that there is none to be had.

// answer is what becomes of a wish for a junction.
type answer int

const (
	// refuses: the party is gone.
	refuses answer = iota
	// waits: the wish comes before, or behind, the word that makes the asking leg our partner.
	waits
	// gives: the junction is opened.
	gives
)

// Asked: the leg of that stream, on another member, wants audio between its party and ours. Its party may hear the
// early media of a phone that rings before that is its partner.
func (l *Leg) Asked(stream string, now time.Time) answer {
	l.now = now
	switch {
	case l.state >= ending:
		return refuses
	case l.hearing.hasPartner:
		if l.hearing.partner != stream {
			return waits
		}
		if !l.params.Held && !l.transfers.rings && !l.hearing.partnerHeld && !l.hearing.waits {
			l.do(bridge{stream})
		}
		return gives
	case l.outgoing && !l.service.on && !l.program.running():
		l.do(bridge{stream})
		return gives
	}
	return waits
}

// NoJunction: no audio can pass between our party and that of a stream on another member. A Task is told that its party
// is parted from the other one, and so is the partner; a call that nobody has an eye on ends. Of early media nobody
// needs to hear.
func (l *Leg) NoJunction(stream string, status int32, reason string, now time.Time) {
	l.now = now
	h := &l.hearing
	if !h.hasPartner || h.partner != stream || l.state != answered {
		return
	}
	l.log.Warn("no audio from another member", "partner", stream, "status", status, "reason", reason)
	if !l.transfers.searching() { // else the party is on its way to somebody else
		l.unjoin(status, reason, "no audio from the partner's member")
	}
}

// unjoin ends that our party is joined with its partner, since they can not talk.
func (l *Leg) unjoin(status int32, reason, because string) {
	if l.service.on {
		l.do(tellPartner{&msg.LegParted{Status: status, Reason: reason}})
		l.parted(status, reason)
		return
	}
	l.setCause(int(status), reason, byFailure)
	l.hangup(0, "", because)
}
