package stat

import (
	"context"
	"encoding/json"
	"math/bits"
	"time"
)

// Limits of what an owner tells.
const (
	sendTime  = 5 * time.Second // a member must take what it is told within it
	growEvery = time.Second     // between two looks at values that grow with time
	maxFinals = 10_000          // values before resets that a member has not taken
	// touchEvery is how often it is looked whether what a member watches must be noted as asked for.
	touchEvery = time.Minute
)

// watcher is a member that is told of statistics of ours. What it has not taken is kept as one mark for each statistic, so
// that a slow member costs nothing and is told the newest values when it takes them.
type watcher struct {
	member  string
	version uint64
	until   int64
	asked   int64            // when what it watches was last noted as asked for, ms since 1970
	last    map[string]Value // what it was told last, of each that it watches
	fresh   map[string]bool  // that it has not been told at all
	dirty   map[string]bool  // that may have changed since
	finals  []Value
	busy    bool // it is being told
	missed  bool // it was not: it must ask for all of it again
}

// Watched takes what another member watches, for a while. The answer is false where this member must be told all of it.
func (h *Hall) Watched(_ context.Context, body []byte) ([]byte, error) {
	var w watch
	if err := json.Unmarshal(body, &w); err != nil {
		return nil, err
	}
	return json.Marshal(h.watched(w))
}

func (h *Hall) watched(w watch) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	x := h.watchers[w.Member]
	if x == nil || w.Whole || x.missed || x.version != w.Version { // one that begins again may watch the same as before
		if !w.Whole {
			return false
		}
		x = &watcher{member: w.Member, version: w.Version, last: map[string]Value{}, fresh: map[string]bool{}, dirty: map[string]bool{}}
		if before := h.watchers[w.Member]; before != nil {
			x.busy, x.finals = before.busy, before.finals
		}
		h.watchers[w.Member] = x
		for _, id := range w.IDs {
			x.last[id], x.fresh[id], x.dirty[id] = Value{}, true, true
		}
	}
	now := h.Now().UnixMilli()
	x.until = now + watchLasts.Milliseconds()
	if now-x.asked >= touchEvery.Milliseconds() {
		x.asked = now
		for id := range x.last { // to follow a statistic is to ask for it
			if p := h.pool[id]; p != nil {
				h.touch(id, p, now)
			}
		}
	}
	h.rouse()
	return true
}

// mark notes which statistics may have changed, and tells who watches them. The lock is held.
func (h *Hall) mark(now int64) {
	changed := h.world.Changed()
	grown := now-h.grown >= growEvery.Milliseconds()
	if grown {
		h.grown = now
	}
	for member, x := range h.watchers {
		if x.until < h.Now().UnixMilli() { // facts may be ahead of our clock
			delete(h.watchers, member)
			h.lose(member, len(x.finals))
			continue
		}
		for _, id := range changed {
			if _, watched := x.last[id]; watched {
				x.dirty[id] = true
			}
		}
		if grown {
			for id := range x.last {
				x.dirty[id] = true
			}
		}
		h.send(x, now)
	}
}

// reset notes the last values before a reset for who watches them.
func (h *Hall) reset(id string, v Value) {
	for _, x := range h.watchers {
		switch _, watched := x.last[id]; {
		case !watched:
		case len(x.finals) < maxFinals:
			x.finals = append(x.finals, v)
		default:
			h.lose(x.member, 1)
		}
	}
}

// lose counts values before resets that a member will not be told, and says so: of the first ones, and then ever fewer.
func (h *Hall) lose(member string, n int) {
	before := h.untold
	if h.untold += n; bits.Len(uint(h.untold)) > bits.Len(uint(before)) {
		h.Log.Warn("a member does not take values before resets, which are lost to it", "member", member, "lost", h.untold)
	}
}

// send tells a member what has changed, unless it is being told: then the next round does.
func (h *Hall) send(x *watcher, now int64) {
	if x.busy || x.missed {
		return
	}
	t := tidings{Finals: x.finals}
	for id := range x.dirty {
		if len(t.Values) == maxInReply {
			break
		}
		delete(x.dirty, id)
		v := h.value(id, now, false)
		before := x.last[id]
		if v.Problem != "" || !x.fresh[id] && before.Number == v.Number && before.Valid == v.Valid && before.Empty == v.Empty && before.State.Equal(v.State) {
			continue
		}
		delete(x.fresh, id)
		x.last[id] = v
		t.Values = append(t.Values, v)
	}
	if len(t.Values) == 0 && len(t.Finals) == 0 {
		return
	}
	x.finals, x.busy = nil, true
	go h.tell(x.member, t)
}

// tell brings values to a member.
func (h *Hall) tell(member string, t tidings) {
	defer func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		if x := h.watchers[member]; x != nil {
			x.busy = false
		}
		h.rouse()
	}()
	if member == h.Member.Name() {
		h.board.take(t)
		return
	}
	body, err := json.Marshal(t)
	if err != nil {
		h.Log.Error("values can not be told", "err", err)
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), sendTime)
	defer cancel()
	if _, err := h.Member.AskMember(ctx, member, ToldWhat, body); err != nil {
		h.Log.Debug("a member is not told of statistics", "member", member, "err", err)
		h.alone(func() { h.untaken(member, t.Finals) })
	}
}

// untaken keeps values before resets that a member was not told. It asks again, and is told all.
func (h *Hall) untaken(member string, finals []Value) {
	x := h.watchers[member]
	if x == nil {
		h.lose(member, len(finals))
		return
	}
	x.missed = true
	x.finals = append(finals, x.finals...)
	if more := len(x.finals) - maxFinals; more > 0 {
		h.lose(member, more)
		x.finals = x.finals[:maxFinals]
	}
}
