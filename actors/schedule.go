package actors

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"tandem/actors/store"
	"tandem/ximss/object"
)

// longestNap is how long the clock of scheduled tasks sleeps at most: somebody may set the time of this machine.
const longestNap = time.Hour

// openSchedule starts the clock that starts scheduled tasks. What was due while nobody ran is started once, and
// then goes on in its period.
func (h *House) openSchedule(ctx context.Context) error {
	wake := make(chan struct{}, 1)
	stop := h.store.Bucket(store.Settings).Watch(func(e store.Entry) {
		if strings.HasPrefix(e.Key, scheduleKind) {
			select {
			case wake <- struct{}{}:
			default:
			}
		}
	})
	life, cancel := context.WithCancel(context.WithoutCancel(ctx))
	ended := make(chan struct{})
	go func() { defer close(ended); h.followSchedule(life, wake) }()
	h.closes(func(context.Context) error { stop(); cancel(); <-ended; return nil })
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
		if h.draining.Load() {
			return
		}
		nap := longestNap
		for _, s := range h.scheduled() {
			if wait := time.Until(s.When); wait > 0 {
				nap = min(nap, wait)
			} else if next, ok := h.startScheduled(life, s, time.Now()); ok {
				nap = min(nap, time.Until(next))
			}
		}
		timer.Reset(max(nap, 0))
	}
}

// errNotDue says that somebody else has started a scheduled task already, or has changed it.
var errNotDue = errors.New("not due any more")

// startScheduled starts one task, unless another member does: who writes its next time starts it. So a start
// may be lost in a crash, and is never done twice. ok: there is a next time.
func (h *House) startScheduled(ctx context.Context, s scheduledTask, now time.Time) (next time.Time, ok bool) {
	next, ok = following(s.When, s.Period, now)
	w := store.Write{Author: string(s.Account), Reason: "scheduled task is started"}
	err := commands{h}.changeKey(ctx, store.Settings, scheduleKind+string(s.Account), w, func(old []byte) ([]byte, error) {
		all := dictionaryOf(string(old))
		one := all.Get(s.ID).Dictionary()
		if at, _ := one.Get("when").Seconds(); one == nil || at != s.When.Unix() {
			return nil, errNotDue
		}
		if ok {
			one.Set("when", object.Date(next.Unix()))
		} else {
			all.Delete(s.ID)
		}
		text, err := textOf(all)
		if text == "" {
			return nil, err
		}
		return []byte(text), err
	})
	if errors.Is(err, errNotDue) {
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
		return next, ok
	}
	log.Info("a scheduled task is started", "id", handler)
	return next, ok
}

// following is the first time after now of what was due at when; false: there is none.
func following(when time.Time, period string, now time.Time) (time.Time, bool) {
	if seconds, err := strconv.ParseInt(period, 10, 64); err == nil && seconds >= minPeriod && now.After(when) {
		missed := int64(now.Sub(when)/time.Second) / seconds
		when = when.Add(time.Duration(missed*seconds) * time.Second)
	}
	for {
		next, ok := nextPeriod(when, period)
		if !ok || next.After(now) {
			return next, ok
		}
		when = next
	}
}
