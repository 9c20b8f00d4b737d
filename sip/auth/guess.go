package auth

import (
	"container/list"
	"hash/maphash"
	"net/netip"
	"sync"
	"time"

	"tandem/signal"
)

const (
	// maxGuessers is how many pairs of source and account are remembered; beyond, the one that
	// failed longest ago is forgotten.
	maxGuessers = 50_000
	// maxFailures is how many wrong answers a source may give for one account before it is locked
	// out, as long as they come within memory of each other.
	maxFailures = 10
	// lockOut is how long it then gets Wrong unread. Attempts meanwhile do not prolong it, and
	// afterwards counting begins anew: nobody is locked out for ever, and nobody but that source.
	lockOut = time.Minute
	// memory is how long a failure counts.
	memory = 10 * time.Minute
)

// guesser is a source that has given wrong answers for an account, existing or not. An IPv6 source
// is its /64: one subscriber has all of it.
// The account is kept as a hash, since a stranger chooses its length.
type guesser struct {
	source  netip.Prefix
	account uint64
}

// guesses counts wrong answers per guesser. To the outside a lock-out looks like a wrong password.
type guesses struct {
	mu    sync.Mutex
	seed  maphash.Seed
	limit int
	known map[guesser]*list.Element
	order *list.List // of *failures, the latest at the back
}

// failures of one guesser.
type failures struct {
	who  guesser
	n    int
	last time.Time
}

func newGuesses(limit int) *guesses {
	return &guesses{seed: maphash.MakeSeed(), limit: limit, known: map[guesser]*list.Element{}, order: list.New()}
}

func (g *guesses) who(source netip.Addr, account signal.AOR) guesser {
	bits := source.BitLen()
	if source.Is6() {
		bits = 64
	}
	prefix, _ := source.Prefix(bits) // the zero Addr gives the zero Prefix: one guesser for all
	return guesser{prefix, maphash.String(g.seed, string(account))}
}

// locked reports whether the source is locked out of the account.
func (g *guesses) locked(source netip.Addr, account signal.AOR, now time.Time) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	e, ok := g.known[g.who(source, account)]
	if !ok {
		return false
	}
	f := e.Value.(*failures)
	return f.n >= maxFailures && now.Before(f.last.Add(lockOut))
}

// failed counts a wrong answer.
func (g *guesses) failed(source netip.Addr, account signal.AOR, now time.Time) {
	g.mu.Lock()
	defer g.mu.Unlock()
	who := g.who(source, account)
	e, ok := g.known[who]
	if !ok {
		g.makeRoom(now)
		e = g.order.PushBack(&failures{who: who})
		g.known[who] = e
	}
	f := e.Value.(*failures)
	if f.n >= maxFailures || now.After(f.last.Add(memory)) {
		f.n = 0 // the lock-out is over, or the failures are too old to count
	}
	f.n++
	f.last = now
	g.order.MoveToBack(e)
}

// passed forgets the failures: the password was only mistyped.
func (g *guesses) passed(source netip.Addr, account signal.AOR) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if e, ok := g.known[g.who(source, account)]; ok {
		g.drop(e)
	}
}

// makeRoom forgets failures that no longer count, and beyond the limit the oldest.
func (g *guesses) makeRoom(now time.Time) {
	for e := g.order.Front(); e != nil; e = g.order.Front() {
		old := now.After(e.Value.(*failures).last.Add(memory))
		if !old && len(g.known) < g.limit {
			return
		}
		g.drop(e)
	}
}

func (g *guesses) drop(e *list.Element) {
	g.order.Remove(e)
	delete(g.known, e.Value.(*failures).who)
}

func (g *guesses) len() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return len(g.known)
}
