package actors

import (
	"context"
	"errors"
	"time"

	"tandem/actors/ledger"
	"tandem/ximss/object"
)

// longestNap is how long the clock of scheduled tasks sleeps at most: somebody may set the time of this machine.
const longestNap = time.Hour

// othersNap is when it looks again after tasks that were due and another member's to start, or anybody's while this one
// is drained.
const othersNap = 2 * time.Second

// openSchedule starts the clock that starts scheduled tasks. What was due while nobody ran is started once, and
// then goes on in its period.
func (h *House) openSchedule(ctx context.Context) error {
	wake := make(chan struct{}, 1)
	stop := h.ledger.FollowSchedule(func() {
		select {
		case wake <- struct{}{}:
		default:
		}
	})
	h.beside(ctx, func(life context.Context) { h.followSchedule(life, wake) })
	h.closes(stopper(stop)) // is undone first
	return nil
}

// followSchedule starts what is due, again and again, until life ends.
func (h *House) followSchedule(life context.Context, wake <-chan struct{}) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-timer.C:
		case <-wake:
		case <-life.Done():
			return
		}
		nap := longestNap
		if h.draining.Load() {
			timer.Reset(othersNap)
			continue
		}
		for _, s := range h.ledger.Scheduled() {
			if wait := time.Until(s.When); wait > 0 {
				nap = min(nap, wait)
			} else if !h.owns("schedule", string(s.Account)) {
				nap = min(nap, othersNap)
			} else if next, ok := h.startScheduled(life, s, time.Now()); ok {
				nap = min(nap, time.Until(next))
			}
		}
		timer.Reset(max(nap, 0))
	}
}

// owns tells whether a name is this member's at the moment.
func (h *House) owns(kind, name string) bool {
	_, ours := h.member.Epoch(kind, name)
	return ours
}

// startScheduled starts one task, unless another member does. again: there is a next time.
func (h *House) startScheduled(ctx context.Context, s ledger.Scheduled, now time.Time) (next time.Time, again bool) {
	next, again, err := h.ledger.TakeScheduled(ctx, s, now)
	if errors.Is(err, ledger.ErrNotDue) {
		return next, false // the change wakes the clock
	}
	log := h.log.With("account", string(s.Account), "task", s.ID, "program", s.Program)
	if err != nil {
		log.Error("a scheduled task is put off: its next time can not be written", "err", err)
		return now.Add(time.Minute), true
	}
	parameter := object.NewArray(object.String(s.ID), object.Date(now.Unix()), s.Parameter)
	handler, err := h.StartTask(s.Account, s.Program, "", parameter.Value())
	if err != nil {
		log.Warn("a scheduled task is not started", "err", err)
		return next, again
	}
	log.Info("a scheduled task is started", "id", handler)
	return next, again
}
