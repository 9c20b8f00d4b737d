package cli

import (
	"net/netip"
	"sync"
	"time"
)

// Limits of guessing passwords.
const (
	guessLimit   = 10          // wrong passwords of one source in a window; then it must wait
	guessWindow  = time.Minute // length of the window
	guessSources = 4096        // sources remembered at once; beyond it one is forgotten
)

// guesses counts wrong passwords by source in fixed windows. The number of sources is bounded, so that an
// attacker with many addresses fills no memory.
type guesses struct {
	mu      sync.Mutex
	sources map[netip.Prefix]*guess
}

// guess is the count of one source since the window began.
type guess struct {
	began time.Time
	wrong int
}

func newGuesses() *guesses { return &guesses{sources: map[netip.Prefix]*guess{}} }

// try counts a guess as wrong until right takes it back, so that guesses made at the same moment are all
// counted. It returns how long the source must wait instead, 0 when it may guess now.
func (g *guesses) try(from netip.Addr, now time.Time) time.Duration {
	g.mu.Lock()
	defer g.mu.Unlock()
	key := network(from)
	s := g.sources[key]
	if s == nil || now.Sub(s.began) >= guessWindow {
		g.makeRoom(now)
		s = &guess{began: now}
		g.sources[key] = s
	}
	if s.wrong >= guessLimit {
		return guessWindow - now.Sub(s.began)
	}
	s.wrong++
	return 0
}

// right takes back a guess that was no guess.
func (g *guesses) right(from netip.Addr) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if s := g.sources[network(from)]; s != nil && s.wrong > 0 {
		s.wrong--
	}
}

// makeRoom forgets one source when there are too many: one whose window is over if a short search finds
// it, else any. Who has that many addresses needs no second try from the forgotten one.
func (g *guesses) makeRoom(now time.Time) {
	if len(g.sources) < guessSources {
		return
	}
	const search = 16
	var victim netip.Prefix
	looked := 0
	for key, s := range g.sources { // in random order
		victim = key
		if looked++; looked == search || now.Sub(s.began) >= guessWindow {
			break
		}
	}
	delete(g.sources, victim)
}

// network is the source as guesses are counted: one IPv4 address, or one IPv6 /64, which is what one user
// is given.
func network(a netip.Addr) netip.Prefix {
	bits := a.BitLen()
	if a.Is6() {
		bits = 64
	}
	p, _ := a.Prefix(bits)
	return p
}
