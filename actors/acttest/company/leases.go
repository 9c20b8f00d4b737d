package company

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"tandem/actors/cluster"
)

// seat is how one member reaches the leases, as long as it is not cut off.
type seat struct {
	*leases
	cut  atomic.Bool
	last atomic.Int64 // when the last write succeeded, Unix nanoseconds
}

var errCut = errors.New("the store is out of reach")

// Put implements cluster.Leases.
func (s *seat) Put(ctx context.Context, key string, value []byte, expect *uint64) (uint64, error) {
	if s.cut.Load() {
		return 0, errCut
	}
	begun := time.Now()
	revision, err := s.leases.Put(ctx, key, value, expect)
	if err == nil {
		s.last.Store(begun.UnixNano())
	}
	return revision, err
}

// Follow implements cluster.Leases: one that is cut off hears nothing.
func (s *seat) Follow(f func(cluster.Lease)) func() {
	return s.leases.Follow(func(l cluster.Lease) {
		if !s.cut.Load() {
			f(l)
		}
	})
}

// Written implements cluster.Leases.
func (s *seat) Written() time.Time {
	if s.cut.Load() {
		return time.Unix(0, s.last.Load())
	}
	return time.Now()
}

// leases is a bucket of leases in the test's memory.
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
