package rtp

import (
	"net/netip"
	"sync"
	"time"
)

// Pools are the port pairs of several local addresses, each with the whole range: a pair of one address is another
// socket than that of the same number of another.
type Pools struct {
	low, high int
	rest      time.Duration

	mu sync.Mutex
	of map[netip.Addr]*Ports
}

// NewPools takes the range of ports, both ends included, how long a pair rests, and the addresses that are used for
// sure; others join when they are asked for first.
func NewPools(low, high int, rest time.Duration, at ...netip.Addr) (*Pools, error) {
	if _, err := NewPorts(low, high, rest); err != nil {
		return nil, err
	}
	p := &Pools{low: low, high: high, rest: rest, of: map[netip.Addr]*Ports{}}
	for _, a := range at {
		p.At(a)
	}
	return p, nil
}

// At are the ports of a local address.
func (p *Pools) At(local netip.Addr) *Ports {
	local = local.Unmap()
	p.mu.Lock()
	defer p.mu.Unlock()
	ports := p.of[local]
	if ports == nil {
		ports, _ = NewPorts(p.low, p.high, p.rest) // the range is sound: see NewPools
		p.of[local] = ports
	}
	return ports
}

// Roomiest is that of the addresses which has the most pairs that a call may have, urgent or not, the first of several; the zero
// address for none.
func (p *Pools) Roomiest(now time.Time, urgent bool, among []netip.Addr) (best netip.Addr) {
	most := -1
	for _, a := range among {
		if free := p.At(a).room(now, urgent); free > most {
			best, most = a, free
		}
	}
	return best
}

// Count tells how many pairs of all addresses are free, in use and in quarantine.
func (p *Pools) Count(now time.Time) (free, used, quarantined int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, ports := range p.of {
		f, u, q := ports.Count(now)
		free, used, quarantined = free+f, used+u, quarantined+q
	}
	return free, used, quarantined
}
