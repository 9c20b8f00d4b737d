package guess

import (
	"hash/maphash"
	"net/netip"
	"sync"
	"time"
)

// Limits of guessing passwords.
const (
	Limit   = 10          // wrong passwords in a window; then one must wait
	Window  = time.Minute // length of the window
	maxKeys = 4096        // those remembered at once; beyond it one is forgotten
)

// Book counts wrong passwords in fixed windows, by whatever K is. The number of keys is bounded, so that an
// attacker with many addresses fills no memory.
type Book[K comparable] struct {
	limit int
	mu    sync.Mutex
	known map[K]*count
}

// count is that of one key since the window began.
type count struct {
	began time.Time
	wrong int
}

// New makes a book in which limit wrong passwords are allowed in a window.
func New[K comparable](limit int) *Book[K] { return &Book[K]{limit: limit, known: map[K]*count{}} }

// Try counts a guess as wrong until Right takes it back, so that guesses made at the same moment are all
// counted. It returns how long one must wait instead, 0 when one may guess now.
func (b *Book[K]) Try(key K, now time.Time) time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	c := b.known[key]
	if c == nil || now.Sub(c.began) >= Window {
		b.makeRoom(now)
		c = &count{began: now}
		b.known[key] = c
	}
	if c.wrong >= b.limit {
		return Window - now.Sub(c.began)
	}
	c.wrong++
	return 0
}

// Right takes back a guess that was no guess.
func (b *Book[K]) Right(key K) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if c := b.known[key]; c != nil && c.wrong > 0 {
		c.wrong--
	}
}

// makeRoom forgets one key when there are too many: one whose window is over if a short search finds it, else
// any. Who has that many addresses needs no second try from the forgotten one.
func (b *Book[K]) makeRoom(now time.Time) {
	if len(b.known) < maxKeys {
		return
	}
	const search = 16
	var victim K
	looked := 0
	for key, c := range b.known { // in random order
		victim = key
		if looked++; looked == search || now.Sub(c.began) >= Window {
			break
		}
	}
	delete(b.known, victim)
}

// Network is a source as guesses are counted: one IPv4 address, or one IPv6 /64, which is what one user is
// given.
func Network(a netip.Addr) netip.Prefix {
	a = a.Unmap()
	bits := a.BitLen()
	if a.Is6() {
		bits = 64
	}
	p, _ := a.Prefix(bits)
	return p
}

// Pair is a source and the account it asks for. The account is a hash, since a stranger chooses its length.
type Pair struct {
	source  netip.Prefix
	account uint64
}

var seed = maphash.MakeSeed()

// PairOf is the pair of a source and an account, existing or not.
func PairOf(source netip.Addr, account string) Pair {
	return Pair{Network(source), maphash.String(seed, account)}
}
