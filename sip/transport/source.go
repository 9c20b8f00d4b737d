package transport

import (
	"hash/maphash"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"
)

const (
	sourceSets = 1024 // sets of the table
	sourceWays = 8    // sources in one set: 8192 sources are remembered at once
	burst      = time.Second
)

// sources limits how many messages a second one address may send. It is a fixed table: a source
// lives in the set that its hash names, and a new one replaces the one in that set that has been
// quiet longest. So a flood of invented addresses costs no memory, and a source that is silent for
// longer than the burst is forgotten without loss, since its bucket is full again.
type sources struct {
	interval atomic.Int64 // nanoseconds between two messages at the full rate; 0: no limit
	begun    time.Time    // times are counted from here, see take
	seed     maphash.Seed
	sets     []sourceSet
}

type sourceSet struct {
	mu   sync.Mutex
	slot [sourceWays]source
}

// source is one address with the time at which its bucket will be full again, which is all that a
// token bucket needs (the generic cell rate algorithm).
type source struct {
	addr [16]byte
	full int64 // nanoseconds since the table was made
}

func newSources() *sources {
	return &sources{begun: time.Now(), seed: maphash.MakeSeed(), sets: make([]sourceSet, sourceSets)}
}

// limit sets the rate; 0 is none.
func (s *sources) limit(perSecond int) {
	interval := int64(0)
	if perSecond > 0 {
		interval = max(1, int64(time.Second)/int64(perSecond))
	}
	s.interval.Store(interval)
}

// take spends one token of addr at a time. It returns 0, or how long the source must wait for
// its next token, in which case nothing is spent. It counts by the steady clock that a time.Time
// carries beside the wall's: were the wall's clock set back, every source that is known would seem to
// be ahead of its rate, and nobody heard until that hour has come again.
func (s *sources) take(addr netip.Addr, at time.Time) time.Duration {
	interval := s.interval.Load()
	if interval == 0 {
		return 0
	}
	now := int64(at.Sub(s.begun))
	key := sourceKey(addr)
	set := &s.sets[maphash.Bytes(s.seed, key[:])%sourceSets]
	set.mu.Lock()
	defer set.mu.Unlock()
	b := set.find(key)
	full := max(b.full, now)
	if ahead := full - now; ahead > int64(burst) {
		return time.Duration(ahead) - burst
	}
	b.full = full + interval
	return 0
}

// find returns the slot of key, taking over the quietest one when key is new.
func (set *sourceSet) find(key [16]byte) *source {
	oldest := &set.slot[0]
	for i := range set.slot {
		b := &set.slot[i]
		if b.addr == key {
			return b
		}
		if b.full < oldest.full {
			oldest = b
		}
	}
	*oldest = source{addr: key}
	return oldest
}

// sourceKey is the address, of IPv6 the network of 64 bits: one subscriber owns all of it.
func sourceKey(a netip.Addr) [16]byte {
	k := a.As16()
	if a.Is6() && !a.Is4In6() {
		clear(k[8:])
	}
	return k
}
