package company

import (
	"context"
	"errors"
	"sync"
	"time"

	"tandem/actors/cluster"
)

// leases is a bucket of leases in the test's memory, as a store that all members reach at all times.
type leases struct {
	mu       sync.Mutex
	revision uint64
	entries  map[string]cluster.Lease
	follow   map[int]func(cluster.Lease)

	followers int // ever
}

func newLeases() *leases {
	return &leases{entries: map[string]cluster.Lease{}, follow: map[int]func(cluster.Lease){}}
}

var errOther = errors.New("the lease is at another revision")

// Put implements cluster.Leases.
func (s *leases) Put(_ context.Context, key string, value []byte, expect *uint64) (uint64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if expect != nil && s.entries[key].Revision != *expect {
		return 0, errOther
	}
	s.revision++
	l := cluster.Lease{Key: key, Value: value, Revision: s.revision}
	s.entries[key] = l
	for _, f := range s.follow {
		f(l)
	}
	return s.revision, nil
}

// Follow implements cluster.Leases.
func (s *leases) Follow(f func(cluster.Lease)) func() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, l := range s.entries {
		f(l)
	}
	s.followers++
	key := s.followers
	s.follow[key] = f
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.follow, key)
	}
}

// Written implements cluster.Leases.
func (s *leases) Written() time.Time { return time.Now() }
