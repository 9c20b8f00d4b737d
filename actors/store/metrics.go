package store

import (
	"slices"
	"time"
)

// Snapshot is what the store counts, for the metrics page. Counters run since Open.
type Snapshot struct {
	Pending      int            // facts not yet acknowledged
	PendingBytes int            // and their size as frames
	Facts        uint64         // facts acknowledged
	Frames       uint64         // frames acknowledged
	Bytes        uint64         // and their size
	Retries      uint64         // attempts to write a frame that failed
	Refused      uint64         // facts refused because too much was pending
	Damaged      uint64         // frames and entries that could not be read
	Quorum       bool           // the store can be written from here
	Later        int            // write-behind values not yet written
	Last         uint64         // position of the last fact
	Keys         map[string]int // living keys by bucket
	FileBytes    int64          // of all files
	Commit       Histogram      // from handing a frame to the engine to its acknowledgement
}

// Histogram counts durations. Counts[i] belongs to durations up to Bounds[i]; the last count, one
// more than there are bounds, to all that are longer.
type Histogram struct {
	Bounds []time.Duration
	Counts []uint64
	Sum    time.Duration
	Last   time.Duration
}

var commitBounds = []time.Duration{
	250 * time.Microsecond, 500 * time.Microsecond, time.Millisecond, 2500 * time.Microsecond,
	5 * time.Millisecond, 10 * time.Millisecond, 25 * time.Millisecond, 50 * time.Millisecond,
	100 * time.Millisecond, 250 * time.Millisecond, 500 * time.Millisecond, time.Second,
	2500 * time.Millisecond, 10 * time.Second,
}

func newHistogram(bounds []time.Duration) Histogram {
	return Histogram{Bounds: bounds, Counts: make([]uint64, len(bounds)+1)}
}

func (h *Histogram) observe(d time.Duration) {
	i, _ := slices.BinarySearch(h.Bounds, d)
	h.Counts[i]++
	h.Sum += d
	h.Last = d
}

func (h *Histogram) clone() Histogram {
	c := *h
	c.Counts = slices.Clone(h.Counts)
	return c
}
