package store

import (
	"context"
	"slices"
	"sort"
	"strings"
	"sync"
	"time"
)

// Entry is one revision of a key.
type Entry struct {
	Key            string
	Value          []byte // shared: must not be changed
	Revision       uint64 // grows with every write to the bucket, not by one for a key
	At             time.Time
	Author, Reason string // as given by the writer
	Deleted        bool   // the key was removed by this revision
}

// copied is the member's own copy of a bucket: the newest revision of every key. It keeps deleted
// keys too, because their revision is needed to create them again.
type copied struct {
	mu      sync.RWMutex
	entries map[string]Entry
	bundles map[string]bundleCopy // by the bundle's key
	own     map[string]uint64     // of entries that a bundle has: the revision under their own key, 0 if there is none
	keys    []string              // of the living entries, in order, when sorted
	sorted  bool
	alive   int           // entries that are not deleted
	applied uint64        // newest revision seen
	moved   chan struct{} // closed at the next revision, if somebody waits
}

func newCopied() *copied {
	return &copied{entries: map[string]Entry{}, bundles: map[string]bundleCopy{}, own: map[string]uint64{}}
}

// apply takes over a revision; false if a newer one is here already.
func (c *copied) apply(e Entry) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.advance(e.Revision)
	old, was := c.entries[e.Key]
	if was && old.Revision >= e.Revision {
		return false
	}
	c.entries[e.Key] = e
	delete(c.own, e.Key)
	c.place(e.Key, was && !old.Deleted, !e.Deleted)
	return true
}

// pass notes a revision that has no readable entry.
func (c *copied) pass(revision uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.advance(revision)
}

func (c *copied) advance(revision uint64) {
	c.applied = max(c.applied, revision)
	if c.moved != nil {
		close(c.moved)
		c.moved = nil
	}
}

// place keeps number and order of the living keys true when one appears or goes.
func (c *copied) place(key string, was, is bool) {
	if was == is {
		return
	}
	if is {
		c.alive++
	} else {
		c.alive--
	}
	if !c.sorted {
		return
	}
	i, _ := slices.BinarySearch(c.keys, key)
	if is {
		c.keys = slices.Insert(c.keys, i, key)
	} else {
		c.keys = slices.Delete(c.keys, i, i+1)
	}
}

// wait returns when a revision has been applied.
func (c *copied) wait(ctx context.Context, revision uint64) error {
	for {
		c.mu.Lock()
		if c.applied >= revision {
			c.mu.Unlock()
			return nil
		}
		if c.moved == nil {
			c.moved = make(chan struct{})
		}
		moved := c.moved
		c.mu.Unlock()
		select {
		case <-moved:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// get returns the newest revision of a key, deleted or not.
func (c *copied) get(key string) (Entry, bool) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	e, ok := c.entries[key]
	return e, ok
}

// living returns the entries that begin with prefix and are not deleted, in order of their keys.
func (c *copied) living(prefix string) []Entry {
	c.sort()
	c.mu.RLock()
	defer c.mu.RUnlock()
	keys := c.beginning(prefix)
	found := make([]Entry, len(keys))
	for i, key := range keys {
		found[i] = c.entries[key]
	}
	return found
}

// number is how many there are of them.
func (c *copied) number(prefix string) int {
	c.sort()
	c.mu.RLock()
	defer c.mu.RUnlock()
	return len(c.beginning(prefix))
}

// beginning are the living keys that begin with prefix. Lock held, and they are sorted.
func (c *copied) beginning(prefix string) []string {
	from, _ := slices.BinarySearch(c.keys, prefix)
	n := sort.Search(len(c.keys)-from, func(i int) bool { return !strings.HasPrefix(c.keys[from+i], prefix) })
	return c.keys[from : from+n]
}

// sort builds the ordered keys at their first use, so that loading a bucket does not pay for the order
// of every step. Once there, they are kept.
func (c *copied) sort() {
	c.mu.RLock()
	sorted := c.sorted
	c.mu.RUnlock()
	if sorted {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.sorted {
		return
	}
	for key, e := range c.entries {
		if !e.Deleted {
			c.keys = append(c.keys, key)
		}
	}
	slices.Sort(c.keys)
	c.sorted = true
}

func (c *copied) count() int {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.alive
}

// newest is the highest revision seen.
func (c *copied) newest() uint64 {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.applied
}
