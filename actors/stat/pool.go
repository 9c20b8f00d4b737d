package stat

import (
	"context"
	"encoding/json"
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
)

// pooled is a statistic of the pool.
type pooled struct {
	Request  Request
	Opened   int64  // ms since 1970
	Position uint64 // in the journal, of its opening
	Asked    int64  // when somebody asked for it last, to within askedEvery

	object  engine.Object
	here    bool // its meter is in our world
	written bool // that it was asked for is on its way into the journal
}

// opened takes a statistic into the pool, and opens it where it is ours.
func (h *Hall) opened(f store.Fact) {
	if h.pool[f.Subject] != nil {
		return
	}
	p := &pooled{Opened: f.At.UnixMilli(), Position: f.Position, Asked: f.At.UnixMilli()}
	if err := json.Unmarshal(f.Body, &p.Request); err != nil {
		h.fault("a statistic can not be read", f, err)
		return
	}
	o, d, err := p.Request.define()
	if err != nil {
		h.fault("a statistic has no meaning", f, err)
		return
	}
	p.object = o
	h.pool[f.Subject] = p
	if !h.mine(o) {
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
	if h.pool[id] != nil {
		delete(h.pool, id)
		h.world.Close(id)
	}
}

// mine tells whether this member owns the statistics of an object.
func (h *Hall) mine(o engine.Object) bool {
	_, ok := h.Member.Epoch(Kind, o.String())
	return ok
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
