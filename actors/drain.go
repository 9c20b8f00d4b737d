package actors

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"tandem/actors/msg"
	"tandem/web"
)

// drain is what makes a member take nothing new: an administrator's word, which can be taken back, or its end.
type drain struct {
	mu     sync.Mutex
	ending string             // why it is for good; "": it is not
	cancel context.CancelFunc // gives up waiting for the last call; nil: nobody waits
}

// longestDrain is how long a drained member waits for its last call where nobody said less.
const longestDrain = 24 * time.Hour

// Drain implements desk.Drained: new calls, legs and Tasks are refused from now on, but for calls for help, and
// readiness says so. What
// goes on may do so until the limit, 0 for longestDrain; then it is hung up, but for calls for help. The member lives on, and
// keeps its names until it stops. Said again, the limit counts anew. How long a stop waits (conf.Member.Drain) is
// another matter: it may be no time at all, and who drains a member wants to end no call.
func (h *House) Drain(limit time.Duration, author string) error {
	if limit == 0 {
		limit = longestDrain
	}
	d := &h.drain
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.ending != "" {
		return web.Conflict("%s takes nothing new any more: %s", h.Name(), d.ending)
	}
	h.stopWaiting()
	until := time.Now().Add(limit)
	h.refuseNew(until)
	h.moveTrunks()
	h.member.Drain()
	ctx, cancel := context.WithCancel(context.Background())
	d.cancel = cancel
	h.log.Info("draining", slog.String("author", author), slog.Duration("limit", limit), slog.Int("legs", h.member.Alive("leg")))
	h.tell("draining", "by "+author)
	h.aside(func() {
		h.awaitLegs(ctx, limit)
		if ctx.Err() == nil {
			h.hangUp(ctx, &msg.LegHangup{Status: 503, Reason: `SIP;cause=503;text="Server is drained"`, SpareUrgent: true})
		}
	})
	return nil
}

// Undrain implements desk.Drained.
func (h *House) Undrain(author string) error {
	d := &h.drain
	d.mu.Lock()
	defer d.mu.Unlock()
	switch {
	case d.ending != "":
		return web.Conflict("%s takes nothing new any more: %s", h.Name(), d.ending)
	case !h.draining.Load():
		return web.Conflict("%s is not drained", h.Name())
	}
	h.stopWaiting()
	h.draining.Store(false)
	h.member.Undrain()
	h.member.Describe(func(m *msg.Member) { m.Draining, m.DrainUntil = false, 0 })
	h.log.Info("draining is over", slog.String("author", author))
	h.tell("undrained", "by "+author)
	return nil
}

// drainForGood refuses what is new until the process ends.
func (h *House) drainForGood(why string, limit time.Duration) {
	d := &h.drain
	d.mu.Lock()
	defer d.mu.Unlock()
	d.ending = why
	h.stopWaiting()
	h.member.DrainForGood()
	h.refuseNew(time.Now().Add(limit))
}

// stopWaiting: the limit that was said does not count any more. Lock held.
func (h *House) stopWaiting() {
	if h.drain.cancel != nil {
		h.drain.cancel()
		h.drain.cancel = nil
	}
}

func (h *House) refuseNew(until time.Time) {
	h.draining.Store(true)
	legs := uint32(h.member.Alive("leg")) // those of the last look at the vitals may be too few: who waits for none is told wrong
	h.member.Describe(func(m *msg.Member) { m.Draining, m.DrainUntil, m.Legs = true, until.UnixMilli(), legs })
}

// hangUp ends the calls here, all or those that the word is for. A party that does not answer its BYE is not waited for longer
// than goodbye.
func (h *House) hangUp(ctx context.Context, word *msg.LegHangup) {
	h.member.Broadcast("leg", word)
	h.awaitLegs(ctx, goodbye)
	if h.member.Alive("leg") > 0 && ctx.Err() == nil {
		h.member.Broadcast("leg", &msg.LegHangup{Status: word.Status, Reason: word.Reason, SpareUrgent: word.SpareUrgent, Last: true})
	}
}
