package stat

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"tandem/actors/stat/engine"
	"tandem/actors/store"
)

// Kinds of the journal's facts about the pool. The statistics that are open are a function of the journal too: all members
// know them.
const (
	openedKind = "stat.opened" // subject: its id; body: Request, resolved
	askedKind  = "stat.asked"  // somebody has asked for it: at most once in askedEvery
	closedKind = "stat.closed" // it is dropped
)

// Times of the pool.
const (
	// DefaultKeep is for how long a statistic is kept after it was asked for the last time.
	DefaultKeep = 3 * 24 * time.Hour
	askedEvery  = time.Hour
	settleEvery = 200 * time.Millisecond // between two looks whether names have moved
	settleAgain = time.Second            // after a take-over that has failed
	sweepEvery  = 10 * time.Second       // between two looks at all statistics though no name has moved
	backupLook  = 5 * time.Second        // whether a backup is due
	// writeSoon is when a checkpoint is written after a take-over: names come one after the other, and the next member to take
	// over shall not have to replay what this one has.
	writeSoon = time.Second
)

// pooled is a statistic of the pool.
type pooled struct {
	Request  Request `json:"request"`
	Opened   int64   `json:"opened"`   // ms since 1970
	Position uint64  `json:"position"` // in the journal, of its opening
	Restored *origin `json:"restored,omitempty"`
	By       string  `json:"by,omitempty"` // the account that has opened it; "": an administrator, or a backup
	Asked    int64   `json:"asked"`        // when somebody asked for it last, to within askedEvery

	object  engine.Object
	name    string // of the object
	here    bool   // its meter is in our world
	written bool   // that it was asked for is on its way into the journal
}

// opening is the body of the fact that opens a statistic.
type opening struct {
	Request
	By       string  `json:"by,omitempty"`       // see pooled
	Restored *origin `json:"restored,omitempty"` // nil: it begins with nothing
}

// room tells whether one more may be opened, by an account. What it says of a position of the journal is the same on all
// members. The lock is held.
func (h *Hall) room(by string) error {
	switch {
	case len(h.pool) >= maxPool:
		return ErrFull
	case by != "" && h.each[by] >= maxEach:
		return &Refusal{ErrEach}
	}
	return nil
}

// enter puts a statistic into the pool; the lock is held.
func (h *Hall) enter(id string, p *pooled) {
	h.pool[id] = p
	if p.By != "" {
		h.each[p.By]++
	}
}

// opened takes a statistic into the pool, and opens it where it is ours. Several may have been on their way when there was
// room for one: who has asked for the others is told.
func (h *Hall) opened(f store.Fact) {
	if h.pool[f.Subject] != nil {
		return
	}
	p := &pooled{Opened: f.At.UnixMilli(), Position: f.Position, Asked: f.At.UnixMilli()}
	var body opening
	if err := json.Unmarshal(f.Body, &body); err != nil {
		h.fault("a statistic can not be read", f, err)
		return
	}
	if h.room(body.By) != nil {
		return
	}
	defer func() {
		if !p.here && h.pool[f.Subject] == p {
			h.doubtful = append(h.doubtful, f.Subject)
		}
	}()
	p.Request, p.By, p.Restored = body.Request, body.By, body.Restored
	o, d, err := p.Request.define()
	if err != nil {
		h.fault("a statistic has no meaning", f, err)
		return
	}
	p.object, p.name = o, o.String()
	h.enter(f.Subject, p)
	if !h.mine(p) || p.Request.BackFill || p.Restored != nil { // what is read for it is read by those who take over
		return
	}
	if _, err := h.world.Open(f.Subject, o, d, p.Opened); err != nil {
		h.fault("a statistic can not be opened", f, err)
		return
	}
	p.here = true
}

// closed takes a statistic out of the pool.
func (h *Hall) closed(id string) {
	if p := h.pool[id]; p != nil {
		delete(h.pool, id)
		if h.each[p.By]--; h.each[p.By] <= 0 {
			delete(h.each, p.By)
		}
		h.world.Close(id)
		h.board.gone(id)
	}
}

// append writes a fact of the pool and waits until it is in the journal.
func (h *Hall) append(ctx context.Context, kind, id string, at int64, body []byte) (position uint64, err error) {
	type end struct {
		position uint64
		err      error
	}
	done := make(chan end, 1)
	f := factOf(kind, id, at)
	f.Body = body
	if err := h.Journal.Append(f, func(position uint64, err error) { done <- end{position, err} }); err != nil {
		return 0, err
	}
	select {
	case e := <-done:
		return e.position, e.err
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}

func factOf(kind, id string, at int64) store.Fact {
	return store.Fact{Kind: kind, Subject: id, At: time.UnixMilli(at)}
}

// kept is for how long a statistic is kept after it was asked for the last time.
func (h *Hall) kept() time.Duration {
	if h.Keep != nil {
		return h.Keep()
	}
	return DefaultKeep
}

// dropOld drops statistics of ours for which nobody has asked for long. Of those that nobody can compute it is who has the name of
// their object that does.
func (h *Hall) dropOld(ctx context.Context) {
	old := h.Now().Add(-h.kept()).UnixMilli()
	var ids []string
	h.mu.Lock()
	for id, p := range h.pool {
		if p.Asked < old && !h.isWatched(id) && (p.here && h.mine(p) || h.owns(p.name) && h.homeless(p)) {
			ids = append(ids, id)
		}
	}
	h.mu.Unlock()
	slices.Sort(ids)
	for _, id := range ids {
		if _, err := h.append(ctx, closedKind, id, h.Now().UnixMilli(), nil); err != nil {
			return // the next time
		}
	}
}

// isWatched tells whether somebody follows a statistic of ours; the lock is held.
func (h *Hall) isWatched(id string) bool {
	for _, x := range h.watchers {
		if _, ok := x.last[id]; ok {
			return true
		}
	}
	return false
}
