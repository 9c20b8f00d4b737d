package slot

import "time"

// Slots is the number of shares into which the names are divided. It is the same on all members, for ever.
const Slots = 64

// Limits that do not depend on the lease.
const (
	maxFlying = 16  // claims and releases in flight
	maxMoving = 4   // slots that are being moved for the sake of balance
	maxBoots  = 512 // lives of members that are remembered without need
	maxValue  = 4 << 10

	settled   = 5 * time.Second        // the plan stands for so long before a slot is moved for its sake
	moveEvery = 200 * time.Millisecond // between two of those moves
	rankDelay = 400 * time.Millisecond // a vacant slot waits for each member that should rather have it
	rankMost  = 5                      // so many of them at most
)

// times are the parts of a lease.
type times struct {
	lease time.Duration // a session that was not renewed for so long is over, for others
	valid time.Duration // from the start of a renewal: for so long we act
	renew time.Duration // between the starts of two renewals
	again time.Duration // between them, when the first has no answer
	retry time.Duration // after one that failed, and first pause after a failed claim
	fresh time.Duration // age up to which our watch may judge others
	grace time.Duration // for members that are UP, after a time in which our watch was not fresh
	drain time.Duration // for the actors of a slot to stop
	lost  time.Duration // a write that nobody reports on is given up
}

func timesOf(lease time.Duration) times {
	return times{lease: lease, valid: lease * 2 / 3, renew: lease / 6, again: lease / 12, retry: lease / 24,
		fresh: lease / 4, grace: lease / 3, drain: lease / 3, lost: lease / 3}
}

// WriteLimit is the longest time that the owner of a table waits for one write of the store, before it reports it
// as failed.
func WriteLimit(lease time.Duration) time.Duration { return lease / 6 }
