package resolve

import (
	"cmp"
	"slices"
	"sync"
	"time"
)

// Limits of what is known of targets that fail.
const (
	sickFor = 30 * time.Second // so long a target that failed is tried last
	maxSick = 1024
)

// Sick are the targets that have failed lately: the next request does not wait for them once more (RFC 3263 section
// 4.3 lets us choose). Safe for concurrent use.
type Sick struct {
	For time.Duration // how long a failure counts; 0: half a minute

	mu    sync.Mutex
	until map[Target]time.Time
}

// Failed notes a target that gave no answer, or that it can not serve.
func (s *Sick) Failed(t Target, now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.until == nil {
		s.until = map[Target]time.Time{}
	}
	for old, until := range s.until {
		if now.After(until) {
			delete(s.until, old)
		}
	}
	if len(s.until) < maxSick {
		s.until[t] = now.Add(cmp.Or(s.For, sickFor))
	}
}

// Well notes a target that has answered.
func (s *Sick) Well(t Target) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.until, t)
}

// Order puts those that have failed lately last, and leaves the order otherwise.
func (s *Sick) Order(targets []Target, now time.Time) []Target {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.until) == 0 {
		return targets
	}
	out := slices.Clone(targets)
	rank := func(t Target) int {
		if now.Before(s.until[t]) {
			return 1
		}
		return 0
	}
	slices.SortStableFunc(out, func(a, b Target) int { return rank(a) - rank(b) })
	return out
}

// Is reports whether a target has failed lately.
func (s *Sick) Is(t Target, now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return now.Before(s.until[t])
}
