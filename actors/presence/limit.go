package presence

import (
	"time"

	"tandem/sip/subscription"
)

// Limits bound the presence of one account.
type Limits struct {
	Sources           int // sessions and publications that say how it stands
	Watchers          int // sessions that watch it
	Each              int // of these, those of one account
	Asks              int // accounts whose asking is remembered, so that it is not told again and again
	Phones            subscription.Limits
	Shortest, Longest time.Duration // of a publication
	Pace              time.Duration // from one change that is told to the next
	Settle            time.Duration // in which a new owner of the name waits for what sessions have to say
	Again             time.Duration // after which the asking of the same account is told again
}

// DefaultLimits are those of every account.
var DefaultLimits = Limits{Sources: 50, Watchers: 1000, Each: 100, Asks: 200,
	Phones:   subscription.Limits{Subscriptions: 1000, Each: 20, Shortest: time.Minute, Longest: time.Hour},
	Shortest: time.Minute, Longest: time.Hour, Pace: 500 * time.Millisecond, Settle: time.Second, Again: 10 * time.Second}
