package auth

import (
	"container/list"
	"sync"
	"time"
)

const (
	// maxNonces is how many nonces in use are remembered, about 200 bytes each.
	maxNonces = 50_000
	// window is how far behind the highest count of a nonce an unused count is still taken:
	// requests overtake each other over UDP.
	window = 64
)

// replay remembers which counts of a nonce were used (RFC 7616 section 3.4, nc). Only who has
// passed is remembered, so a stranger can not fill it.
type replay struct {
	mu    sync.Mutex
	limit int
	uses  map[string]*list.Element
	order *list.List // of *use, in the order of their first use
	// floor closes the hole that forgetting opens: a nonce made no later than one that was
	// forgotten alive is taken only if it is remembered. It is a time of the wall's clock, as in the
	// nonces, see lower.
	floor time.Time
}

// use is one nonce of one account.
type use struct {
	key     string
	expires time.Time
	issued  time.Time
	highest uint32
	seen    uint64 // bit i: count highest-i was used
}

func newReplay(limit int) *replay {
	return &replay{limit: limit, uses: map[string]*list.Element{}, order: list.New()}
}

// use notes the count and reports whether it was new.
func (r *replay) use(key string, count uint32, issued, expires, now time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if e, ok := r.uses[key]; ok {
		return e.Value.(*use).note(count)
	}
	r.lower(now)
	if !issued.After(r.floor) {
		return false
	}
	r.makeRoom(now)
	u := &use{key: key, issued: issued, expires: expires, highest: count, seen: 1}
	r.uses[key] = r.order.PushBack(u)
	return true
}

// lower brings down a floor that lies further ahead than any nonce may: the clock was set back since,
// and until it has come so far again no new nonce would be taken, from nobody. All that were made
// until this moment fall under the floor instead; who has one of them that is not remembered gets
// another.
func (r *replay) lower(now time.Time) {
	if r.floor.After(now.Add(maxSkew)) {
		r.floor = now
	}
}

// makeRoom forgets what has expired, and beyond the limit the oldest that has not.
func (r *replay) makeRoom(now time.Time) {
	for e := r.order.Front(); e != nil; e = r.order.Front() {
		u := e.Value.(*use)
		alive := now.Before(u.expires)
		if alive && len(r.uses) < r.limit {
			return
		}
		if alive && u.issued.After(r.floor) && !u.issued.After(now.Add(maxSkew)) { // or check refuses it
			r.floor = u.issued
		}
		r.order.Remove(e)
		delete(r.uses, u.key)
	}
}

// note takes a count that was not used before.
func (u *use) note(count uint32) bool {
	if count > u.highest {
		u.seen <<= min(count-u.highest, window)
		u.seen |= 1
		u.highest = count
		return true
	}
	behind := u.highest - count
	if behind >= window || u.seen&(1<<behind) != 0 {
		return false
	}
	u.seen |= 1 << behind
	return true
}

func (r *replay) len() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.uses)
}
