package rtp

import (
	"slices"
	"sync"
	"sync/atomic"
)

// Gathering is what ports of several networks share so that datagrams for many peers leave in one call of the kernel,
// which costs about as much by itself as what it does for a datagram. Whoever sends much begins a pass before and ends it
// after; meanwhile the ports keep what is sent, and the end of any pass lets it go. The zero value has no ports.
type Gathering struct {
	mu    sync.Mutex // of those who change ports
	ports atomic.Pointer[[]gatherer]
}

// gatherer is a port that takes part.
type gatherer interface {
	begin()
	end()
}

// Pass is one that has begun.
type Pass []gatherer

// Begin begins a pass; it must be ended soon.
func (g *Gathering) Begin() Pass {
	all := g.ports.Load()
	if all == nil {
		return nil
	}
	for _, p := range *all {
		p.begin()
	}
	return *all
}

// End ends it.
func (p Pass) End() {
	for _, port := range p {
		port.end()
	}
}

// change replaces the ports: a pass that has begun ends for those that it began for.
func (g *Gathering) change(how func([]gatherer) []gatherer) {
	g.mu.Lock()
	defer g.mu.Unlock()
	var all []gatherer
	if before := g.ports.Load(); before != nil {
		all = slices.Clone(*before)
	}
	all = how(all)
	g.ports.Store(&all)
}

func (g *Gathering) add(p gatherer) {
	g.change(func(all []gatherer) []gatherer { return append(all, p) })
}

func (g *Gathering) remove(p gatherer) {
	g.change(func(all []gatherer) []gatherer {
		return slices.DeleteFunc(all, func(other gatherer) bool { return other == p })
	})
}
