package stat

import (
	"context"
	"encoding/json"
	"time"

	"tandem/actors/stat/reader"
	"tandem/actors/store"
)

// registrationsName is the name, among those of objects, whose owner says in the journal which registrations have run out, so
// that it is there once.
const registrationsName = "registrations"

const (
	expireEvery = time.Second
	// expireRounds is how many parts are told at once: enough for all that are followed.
	expireRounds = 500
	// renewedLate is how long after the end of a registration its renewal may yet be on its way into the journal.
	renewedLate = 500 * time.Millisecond
)

// expiring looks for them now and then.
func (h *Hall) expiring(ctx context.Context) {
	look := time.NewTicker(expireEvery)
	defer look.Stop()
	for {
		select {
		case <-look.C:
			h.expire(ctx)
		case <-ctx.Done():
			return
		}
	}
}

// expire says which registrations have run out, if that is this member's to do, until there is none left.
func (h *Hall) expire(ctx context.Context) {
	before := h.Now().Add(-renewedLate).UnixMilli()
	for range expireRounds {
		if !h.owns(registrationsName) || len(h.runOut(before)) == 0 || ctx.Err() != nil {
			return
		}
		if h.reach(ctx, h.Journal.Last(), 0) != nil { // they may have been renewed
			return
		}
		position, err := h.appendAll(ctx, h.runOut(before))
		if err == nil {
			err = h.reach(ctx, position, 0)
		}
		if err != nil {
			h.Log.Warn("it is not in the journal yet that registrations have run out", "err", err)
			return
		}
	}
}

// runOut are facts of registrations that ended before a moment.
func (h *Hall) runOut(before int64) (facts []store.Fact) {
	h.mu.Lock()
	accounts, ends := h.reader.RunOut(before, maxDefining)
	h.mu.Unlock()
	for i, account := range accounts {
		body, err := json.Marshal(ends[i])
		if err != nil {
			panic(err) // numbers
		}
		f := factOf(reader.ExpiredKind, account, ends[i].Until)
		f.Body = body
		facts = append(facts, f)
	}
	return facts
}
