package agent

import (
	"slices"
	"time"
)

// Record is what must last of an agent.
type Record struct {
	LoggedOn bool
	Since    time.Time // when he logged on
	Device   string    // at which
	Paused   bool      // in all queues
	Reason   string
	Queues   []Membership
	Defined  []Membership // what his definition said of his queues when it was read last

	Calls    int // outside queues
	LastCall time.Time
	Day      Day
}

// Membership is what an agent is to one of his queues.
type Membership struct {
	Queue     string
	Penalty   int
	Level     int // tier
	Position  int
	Weight    int  // of the queue
	Longest   bool // the queue wants that who has waited longest is served first
	RingInUse bool // he is rung while he has other calls (ringinuse)
	Dynamic   bool // he came by himself, and goes when he logs off
	Paused    bool // in this queue
	Reason    string

	Calls     int
	LastCall  time.Time // when his last one ended
	LastOffer time.Time
}

// clone is a copy that does not change any more.
func (r Record) clone() Record {
	r.Queues = slices.Clone(r.Queues)
	return r
}
