package dialog

import (
	"math/rand/v2"
	"time"
)

// timerKind tells the timers of a dialog apart. At most one of each kind is alive.
type timerKind int

const (
	timerRepeat  timerKind = iota // resend the 2xx that waits for its ACK
	timerGlare                    // try our re-INVITE again after 491
	timerGuard                    // stop waiting for the answer to CANCEL or BYE
	timerRinging                  // resend the last 1xx, so that proxies go on waiting
	timerPRACK                    // resend the 1xx that waits for its PRACK
	timerRefresh                  // refresh the call (RFC 4028)
	timerExpiry                   // nobody has refreshed it
	timerKinds
)

var timerNames = [timerKinds]string{"repeat", "glare", "guard", "ringing", "prack", "refresh", "expiry"}

// ringInterval is how often a 1xx is resent (RFC 3261 section 13.3.1.1): proxies give an INVITE up
// after three minutes without one.
const ringInterval = time.Minute

// timers remembers which running of each kind is the valid one; 0 means none.
type timers struct {
	last  uint64
	alive [timerKinds]uint64
}

// arm asks for a timer; an older one of the same kind becomes void.
func (d *Dialog) arm(k timerKind, after time.Duration) {
	d.timers.last++
	d.timers.alive[k] = d.timers.last
	d.emit(StartTimer{ID: TimerID{Kind: timerNames[k], Seq: d.timers.last}, After: after})
}

// disarm makes the running timer of a kind void.
func (d *Dialog) disarm(k timerKind) { d.timers.alive[k] = 0 }

// armed reports whether a timer of the kind is running.
func (d *Dialog) armed(k timerKind) bool { return d.timers.alive[k] != 0 }

// TimerFired takes a timer that StartTimer asked for. One that has become void is ignored.
func (d *Dialog) TimerFired(id TimerID, now time.Time) []Effect {
	d.now = now
	for k, seq := range d.timers.alive {
		if seq == 0 || seq != id.Seq || timerNames[k] != id.Kind {
			continue
		}
		d.timers.alive[k] = 0
		switch timerKind(k) {
		case timerRepeat:
			d.repeatAcceptance()
		case timerGlare:
			d.sendWaiting()
		case timerGuard:
			d.end(d.cause, "no answer to CANCEL or BYE")
		case timerRinging:
			d.repeatProgress()
		case timerPRACK:
			d.repeatUnsure()
		case timerRefresh:
			d.refresh()
		case timerExpiry:
			d.expire()
		}
	}
	return d.take()
}

// patience is how long a message may be unanswered: 64*T1, timers B, F, H of RFC 3261.
func (d *Dialog) patience() time.Duration { return 64 * d.local.Timers.T1 }

// glareDelay draws the pause after 491, in steps of 10 ms (RFC 3261 section 14.1): 2.1 to 4 s for
// the side that owns the Call-ID, up to 2 s for the other.
func (d *Dialog) glareDelay() time.Duration {
	const step = 10 * time.Millisecond
	if d.isServer() {
		return time.Duration(d.draw(201)) * step
	}
	return 2100*time.Millisecond + time.Duration(d.draw(191))*step
}

// draw returns a number from 0 to n-1 out of the dialog's own seeded sequence.
func (d *Dialog) draw(n int) int {
	if d.random == nil {
		d.random = rand.New(rand.NewPCG(d.local.Seed, d.local.Seed^0x9e3779b97f4a7c15))
	}
	return d.random.IntN(n)
}
