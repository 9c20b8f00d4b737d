package stat

import (
	"context"
	"time"
)

// maxWaiting is how many wait at most for the hall to get somewhere.
const maxWaiting = 10_000

// waiter waits until the hall has taken a position of the journal, and a moment has come.
type waiter struct {
	position uint64
	at       int64     // the moment, in ms since 1970
	looks    bool      // the position is where the journal ends, which a look must tell that begins later, and behind the moment
	since    time.Time // it is known that the position is in the journal
	done     chan struct{}
}

// reach waits until the hall has taken a position of the journal and all that was in it when reach was called, by whatever
// member, and a moment, in milliseconds, has come.
func (h *Hall) reach(ctx context.Context, position uint64, at int64) error {
	return h.wait(ctx, &waiter{position: position, at: at, looks: true})
}

// taken waits until the hall has taken a position that is known to be in the journal.
func (h *Hall) taken(ctx context.Context, position uint64) error {
	return h.wait(ctx, &waiter{position: position})
}

func (h *Hall) wait(ctx context.Context, w *waiter) error {
	w.since, w.done = time.Now(), make(chan struct{})
	h.mu.Lock()
	switch {
	case !w.looks && w.position <= h.position:
		h.mu.Unlock()
		return nil
	case len(h.waiting) >= maxWaiting:
		h.mu.Unlock()
		return ErrNotYet
	}
	looks := w.looks
	h.waiting = append(h.waiting, w)
	h.mu.Unlock()
	if looks {
		select {
		case h.eager <- struct{}{}:
		default:
		}
	} else {
		h.rouse()
	}
	select {
	case <-w.done:
		return nil
	case <-ctx.Done():
		h.leave(w)
		return ErrNotYet
	}
}

// leave takes a waiter away.
func (h *Hall) leave(w *waiter) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for i, x := range h.waiting {
		if x == w {
			h.waiting = append(h.waiting[:i], h.waiting[i+1:]...)
			return
		}
	}
}

// release lets those go on who have what they waited for, after a round that has begun at some time. Where the journal was read
// in it all is taken that was known to be there by then, but for what can not be read.
func (h *Hall) release(now int64, began time.Time, read bool) {
	left := h.waiting[:0]
	for _, w := range h.waiting {
		if !w.looks && w.at <= now && (w.position <= h.position || read && w.since.Before(began)) {
			close(w.done)
		} else {
			left = append(left, w)
		}
	}
	clear(h.waiting[len(left):])
	h.waiting = left
}
