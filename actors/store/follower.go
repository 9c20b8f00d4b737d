package store

import (
	"context"
	"time"
)

// lookApart is how often a Follower looks for what it was not told of.
const lookApart = time.Second

// Follower reads the journal for somebody who goes on again and again behind what he has. Mostly it has what comes next in
// memory and asks nobody. For one goroutine.
type Follower struct {
	*Journal
	looked time.Time
}

// Follower makes one.
func (j *Journal) Follower() *Follower { return &Follower{Journal: j} }

// Read calls f as Journal.Read does, with what this member was told of, and once a second with all that there is: a frame may
// not have been told.
func (o *Follower) Read(ctx context.Context, from uint64, f func(Fact) bool) error {
	now := time.Now()
	if now.Sub(o.looked) < lookApart && o.Recent(from, f) {
		return nil
	}
	err := o.Journal.Read(ctx, from, f)
	if err == nil {
		o.looked = now
	}
	return err
}
