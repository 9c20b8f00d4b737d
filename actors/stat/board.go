package stat

import (
	"context"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"maps"
	"slices"
	"sync"
	"time"
)

// board is who follows statistics on this member, and what the owners of these are told of it.
//
//	Subscriber ─► board ─── watch: these ids, by this number, for a while ──► owners
//	     ▲          ▲                                                           │
//	     └──────────┴──────────── told: values that have changed ◄──────────────┘
//
// What an owner knows ends by itself: it is renewed all the time, so that a new owner hears of it too.
type board struct {
	hall *Hall

	mu      sync.Mutex
	by      map[string]map[*Subscriber]bool // who follows a statistic
	all     map[*Subscriber]bool            // whether it follows a statistic, or has done so
	busy    int                             // how many of them do
	version uint64                          // grows with each change of by
	knows   map[string]uint64
	asking  map[string]bool // owners who have not answered yet
	nudge   chan struct{}
}

// Questions between members.
const (
	// WatchWhat asks an owner to tell a member of statistics: see Hall.Watched.
	WatchWhat = "stat.watch"
	// ToldWhat tells a member values: see Hall.Told.
	ToldWhat = "stat.told"
)

// Times of watching.
const (
	renewEvery = time.Second
	watchLasts = 5 * time.Second // without being renewed
	renewTime  = 3 * time.Second // for an owner to answer
	maxAsking  = 32              // owners who are asked at once
)

// watch is what an owner is asked.
type watch struct {
	Member  string   `json:"member"`
	Version uint64   `json:"version"`
	IDs     []string `json:"ids,omitempty"`
	Whole   bool     `json:"whole"` // IDs are there
}

// told is what a member is told.
type tidings struct {
	Values []Value `json:"values,omitempty"`
	Finals []Value `json:"finals,omitempty"`
}

func newBoard(h *Hall) *board {
	return &board{hall: h, by: map[string]map[*Subscriber]bool{}, all: map[*Subscriber]bool{}, knows: map[string]uint64{},
		asking: map[string]bool{}, nudge: make(chan struct{}, 1), version: 1}
}

// Subscribe makes a subscriber. It must be closed. As long as it hears of names alone, it takes no place of one that follows
// statistics; what bounds it then is the number of sessions.
func (h *Hall) Subscribe() *Subscriber {
	b := h.board
	b.mu.Lock()
	defer b.mu.Unlock()
	s := &Subscriber{board: b, wake: make(chan struct{}, 1), follows: map[string]*followed{}}
	b.all[s] = false
	return s
}

// admit tells whether a subscriber may follow statistics.
func (b *board) admit(s *Subscriber) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch follows, there := b.all[s]; {
	case follows || !there: // it is closed
		return nil
	case b.busy >= maxSubscribers:
		return ErrFull
	}
	b.all[s] = true
	b.busy++
	return nil
}

func (b *board) follow(id string, s *Subscriber) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.by[id] == nil {
		b.by[id] = map[*Subscriber]bool{}
	}
	b.by[id][s] = true
	b.version++ // though others may follow it too: the owner tells its value again
	b.hurry()
}

func (b *board) leave(id string, s *Subscriber) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if delete(b.by[id], s); len(b.by[id]) == 0 {
		delete(b.by, id)
		b.version++
	}
}

func (b *board) close(s *Subscriber) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.all[s] {
		b.busy--
	}
	delete(b.all, s)
}

// run renews what owners know, until ctx ends.
func (b *board) run(ctx context.Context) {
	t := time.NewTicker(renewEvery)
	defer t.Stop()
	var asking sync.WaitGroup
	defer asking.Wait()
	for {
		select {
		case <-t.C:
		case <-b.nudge:
		case <-ctx.Done():
			return
		}
		b.renew(func(ask func(context.Context)) { asking.Go(func() { ask(ctx) }) })
		b.tick()
	}
}

func (b *board) tick() {
	now := b.hall.Now().UnixMilli()
	b.mu.Lock()
	all := slices.Collect(maps.Keys(b.all))
	b.mu.Unlock()
	for _, s := range all {
		s.tick(now)
	}
}

// renew tells each owner what is followed of his, all at once: one that does not answer holds no other one up, and is asked
// again when it is done with. Who was told before of nothing any more is not told.
func (b *board) renew(beside func(ask func(context.Context))) {
	b.mu.Lock()
	version, ids := b.version, slices.Sorted(maps.Keys(b.by))
	b.mu.Unlock()
	for owner, part := range b.hall.byOwner(ids) {
		if w, ok := b.begin(owner, version, part); ok {
			beside(func(ctx context.Context) { b.ask(ctx, owner, w, version) })
		}
	}
}

// begin is what an owner is to be told; false: he is being asked.
func (b *board) begin(owner string, version uint64, part []string) (w watch, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.asking[owner] || len(b.asking) >= maxAsking {
		return w, false
	}
	b.asking[owner] = true
	w = watch{Member: b.hall.Member.Name(), Version: fingerprint(version, part)} // names move: what is his may be more than before
	if w.Whole = b.knows[owner] != w.Version; w.Whole {
		w.IDs = part
	}
	return w, true
}

// fingerprint tells lists of statistics apart, and versions of one.
func fingerprint(version uint64, ids []string) uint64 {
	h := fnv.New64a()
	_, _ = fmt.Fprint(h, version, ids) // never fails
	return h.Sum64()
}

// byOwner are statistics by the member that owns them.
func (h *Hall) byOwner(ids []string) map[string][]string {
	all := make([]place, 0, len(ids))
	h.alone(func() {
		for _, id := range ids {
			if p := h.pool[id]; p != nil {
				all = append(all, place{id: id, p: p})
			}
		}
	})
	out, owner := map[string][]string{}, once(h.ownerOf)
	for _, x := range all {
		if owner := owner(x.p); owner != "" {
			out[owner] = append(out[owner], x.id)
		}
	}
	return out
}

// ask brings a watch to an owner, and notes whether he knows all of it now.
func (b *board) ask(ctx context.Context, owner string, w watch, version uint64) {
	ctx, cancel := context.WithTimeout(ctx, renewTime)
	defer cancel()
	known, err := b.bring(ctx, owner, w)
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.asking, owner)
	if delete(b.knows, owner); err == nil && known {
		b.knows[owner] = w.Version
	}
	if b.version != version { // he has not heard of what was followed meanwhile
		b.hurry()
	}
}

func (b *board) bring(ctx context.Context, owner string, w watch) (known bool, err error) {
	if owner == b.hall.Member.Name() {
		return b.hall.watched(w), nil
	}
	body, err := json.Marshal(w)
	if err != nil {
		return false, err
	}
	if body, err = b.hall.Member.AskMember(ctx, owner, WatchWhat, body); err != nil {
		return false, err
	}
	return known, json.Unmarshal(body, &known)
}

// hurry has owners told at once.
func (b *board) hurry() {
	select {
	case b.nudge <- struct{}{}:
	default:
	}
}

// Told takes values that an owner tells this member.
func (h *Hall) Told(_ context.Context, body []byte) ([]byte, error) {
	var t tidings
	if err := json.Unmarshal(body, &t); err != nil {
		return nil, err
	}
	h.board.take(t)
	return nil, nil
}

func (b *board) take(t tidings) {
	for _, v := range t.Finals {
		for _, s := range b.of(v.ID) {
			s.take(v, true)
		}
	}
	for _, v := range t.Values {
		for _, s := range b.of(v.ID) {
			s.take(v, false)
		}
	}
}

// of are those who follow a statistic.
func (b *board) of(id string) []*Subscriber {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Collect(maps.Keys(b.by[id]))
}

// gone tells who follows a statistic that it was dropped.
func (b *board) gone(id string) {
	for _, s := range b.of(id) {
		s.mu.Lock()
		if s.follows[id] != nil {
			s.tell(Event{Gone, Value{ID: id}})
		}
		s.mu.Unlock()
	}
}
