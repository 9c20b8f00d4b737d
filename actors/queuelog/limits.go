package queuelog

import "time"

// Limits of a partition.
const (
	MaxText = 512 << 10 // bytes of lines offered at once
	maxLine = 64 << 10  // bytes of a line; writers cut them at 8192

	maxJobs     = 64    // asked and not yet answered
	maxSessions = 64    // loaders that are remembered; the one that was heard least recently goes
	maxCounted  = 50000 // lines of a session that are counted; the oldest ones go, of which no more are expected
	maxVisits   = 50    // loads that are shown
	maxFinds    = 256   // who waits to be shown how it stands; who has waited longest gets no answer

	maxCompared = 20000     // pieces that are read to compare one text
	maxRead     = 256 << 20 // bytes of them

	// WriterLife is how long a follower may be silent before another one can take its place.
	WriterLife = 15 * time.Second
	// muchLater is how many seconds older than the newest line a new one may be that is found by comparing.
	muchLater = 3600
	// farAhead is how far ahead of ours a server's clock may be. Lines beyond it are kept, and say nothing of how far the
	// partition has come: else all that comes after them would be late, for years.
	farAhead = 24 * time.Hour
)
