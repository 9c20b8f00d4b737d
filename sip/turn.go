package sip

import (
	"sync/atomic"
	"time"

	"github.com/emiago/sipgo/sip"

	"tandem/signal"
	"tandem/sip/dialog"
	"tandem/sip/resolve"
)

// mostTurn bounds the time that a target has for its first word, or for taking a connection, while there are others: the
// patience of a trunk, 4 s, is to be enough for the second one.
const mostTurn = 2 * time.Second

// What was heard from a target.
const (
	unheard int32 = iota // nothing yet
	heard                // an answer, in time
	passed               // nothing in its turn: another target has the request
)

// attempt is a request on its way to one target.
type attempt struct {
	target resolve.Target
	last   bool
	word   atomic.Int32 // unheard, heard or passed
}

// takesTurns tells whether targets of a request make room for each other before their transaction is over. One that is sent
// twice must do no harm: so no more than questions, and calls, which can be cancelled.
func takesTurns(r *signal.Request) bool {
	return !r.InDialog() && (r.Method == signal.INVITE || r.Method == signal.OPTIONS)
}

// turn is how long a target may be silent: the request has gone three times by then, by UDP.
func (p *pursuit) turn() time.Duration { return min(4*p.server.live.Load().T1, mostTurn) }

// connectTime is how long opening a connection to a target may take.
func (p *pursuit) connectTime(last bool) time.Duration {
	if p.turns && !last {
		return mostTurn
	}
	return connectTime
}

// await ends the turn of a target in time.
func (p *pursuit) await(a *attempt) {
	if p.turns {
		time.AfterFunc(p.turn(), func() { p.server.work.start(func() { p.silent(a) }) })
	}
}

// silent is the end of a turn. A target that has said nothing is tried last from now on, and the next one has the request,
// unless nobody wants it any more. Should this one speak yet, its call is cancelled.
func (p *pursuit) silent(a *attempt) {
	s := p.server
	switch {
	case s.ctx.Err() != nil:
	case a.last || p.cancelled.Load():
		if a.word.Load() == unheard {
			s.sick.Failed(a.target, time.Now())
		}
	case a.word.CompareAndSwap(unheard, passed):
		s.sick.Failed(a.target, time.Now())
		p.left.Store(true)
		s.txns.Cancel(p.request.ID, "")
		p.next(nil)
	}
}

// merged is an answer as the author of the request is to hear it. 482 says that the request has come to the same place by
// another target (RFC 3261 section 8.2.2.2), which was silent in its turn: nothing is known of the callee then, and somebody
// else may do better.
func (p *pursuit) merged(r *signal.Response) *signal.Response {
	if r.Status != sip.StatusLoopDetected || !p.left.Load() {
		return r
	}
	none := *r
	none.Status, none.Reason, none.Local = sip.StatusRequestTimeout, "", true
	return &none
}

// late takes what a target says after its turn, of which the author of the request does not hear: another target has it. A
// call that was answered all the same, before the CANCEL came, is acknowledged and ended (RFC 3261 section 13.2.2.4).
func (p *pursuit) late(r *signal.Response) {
	if p.request.Method != signal.INVITE || !r.Success() {
		return
	}
	answered, id := dialog.ClientShadow(p.request, r), p.request.ID+".late"
	p.server.Send(answered.ACK(id+"-ack", p.request), signal.Flow{}, nil)
	p.server.Send(answered.BYE(id+"-bye", ""), signal.Flow{}, nil)
}
