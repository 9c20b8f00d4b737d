package stat

import (
	"context"
	"sync"
	"time"

	"tandem/actors/store"
)

// Times of following the journal. It tells by itself what it grows by; what was not told is found by looks at where it ends,
// and read.
const (
	roundsApart = 2 * time.Millisecond   // at least, between two rounds
	looksApart  = 10 * time.Millisecond  // at least, between two looks
	lookEvery   = 250 * time.Millisecond // though nobody wants it
	toldLate    = 50 * time.Millisecond  // after so long what is known to be there, and was not told, is read
)

// Run follows the journal until ctx ends.
func (h *Hall) Run(ctx context.Context) {
	var beside sync.WaitGroup
	for _, run := range []func(context.Context){h.board.run, h.keep, h.seek} {
		beside.Go(func() { run(ctx) })
	}
	defer beside.Wait()
	grown, stop := h.Journal.Watch()
	defer stop()
	failing, read := false, true
	for ctx.Err() == nil {
		err := h.round(ctx, read)
		if (err != nil) != failing && ctx.Err() == nil {
			failing = err != nil
			if failing {
				h.Log.Warn("the journal can not be read; statistics stand still", "err", err)
			} else {
				h.Log.Info("the journal can be read again")
			}
		}
		read = h.pause(ctx, grown)
	}
}

// pause waits until the journal has grown, somebody waits, or it is time to read what was not told: it tells whether it is.
func (h *Hall) pause(ctx context.Context, grown <-chan struct{}) (read bool) {
	t := time.NewTimer(roundsApart)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
	next, read := h.next()
	t.Reset(time.Until(next))
	select {
	case <-t.C:
		return read
	case <-grown:
	case <-h.wake:
	case <-ctx.Done():
	}
	return read && !time.Now().Before(next)
}

// next is when the next round is made though nothing is told; read says that it is because something was not.
func (h *Hall) next() (at time.Time, read bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	at, now := time.Now().Add(lookEvery), h.now()
	sooner := func(t time.Time, reads bool) {
		if t.Before(at) {
			at, read = t, reads
		}
	}
	if !h.seen.IsZero() {
		sooner(h.seen.Add(toldLate), true)
	}
	for _, w := range h.waiting {
		switch left := time.Duration(w.at-now) * time.Millisecond; {
		case left > 0:
			sooner(time.Now().Add(left), false)
		case !w.looks:
			sooner(w.since.Add(toldLate), true)
		}
	}
	return at, read
}

// round takes what the journal tells, or has by now if it is read, and lets those go on who waited for it.
func (h *Hall) round(ctx context.Context, read bool) error {
	h.following.Lock()
	defer h.following.Unlock()
	began := time.Now()
	read, err := h.follow(ctx, read)
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.position >= h.end || read && err == nil { // what is missing then can not be read
		h.seen = time.Time{}
	} else if read {
		h.seen = time.Now() // try again
	}
	now := h.now()
	for _, f := range h.world.Advance(now) {
		if p := h.pool[f.ID]; p != nil {
			h.reset(f.ID, h.shown(f.ID, p, f.Value))
		}
	}
	h.mark(now)
	h.release(now, began, read && err == nil)
	return err
}

// follow takes the facts behind those that are taken. What was not told is read: it says whether the journal was.
func (h *Hall) follow(ctx context.Context, read bool) (bool, error) {
	take := func(f store.Fact) bool {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.take(f)
		return true
	}
	from := h.at() + 1
	if !read && h.Journal.Recent(from, take) {
		return false, nil
	}
	return true, h.Journal.Read(ctx, from, take)
}

// seek finds out where the journal ends, now and then and for those who want all that is in it, until ctx ends.
func (h *Hall) seek(ctx context.Context) {
	t := time.NewTimer(lookEvery)
	defer t.Stop()
	for {
		select {
		case <-t.C:
		case <-h.eager:
		case <-ctx.Done():
			return
		}
		asking := h.askers()
		if end, err := h.Journal.End(ctx); err == nil {
			h.looked(asking, end)
		} else {
			h.looked(asking, 0) // what is known is better than nothing
		}
		t.Reset(looksApart)
		select {
		case <-t.C:
		case <-ctx.Done():
		}
		t.Reset(h.patience())
	}
}

// askers are those for whom a look is made now.
func (h *Hall) askers() (all []*waiter) {
	h.mu.Lock()
	defer h.mu.Unlock()
	now := h.now()
	for _, w := range h.waiting {
		if w.looks && w.at <= now {
			all = append(all, w)
		}
	}
	return all
}

// looked takes where the journal ends. Who wanted to know waits for that position from now on.
func (h *Hall) looked(asking []*waiter, end uint64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, w := range asking {
		w.looks, w.position, w.since = false, max(w.position, end), time.Now()
	}
	if h.end = max(h.end, end); h.position < h.end && h.seen.IsZero() {
		h.seen = time.Now()
	}
	if len(asking) > 0 || !h.seen.IsZero() {
		h.rouse()
	}
}

// patience is after how long the next look is made.
func (h *Hall) patience() time.Duration {
	h.mu.Lock()
	defer h.mu.Unlock()
	every, now := lookEvery, h.now()
	for _, w := range h.waiting {
		if w.looks {
			every = min(every, max(0, time.Duration(w.at-now)*time.Millisecond))
		}
	}
	return every
}

// rouse has a round made soon.
func (h *Hall) rouse() {
	select {
	case h.wake <- struct{}{}:
	default:
	}
}
