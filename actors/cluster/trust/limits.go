package trust

import "time"

// Lives of certificates. A member renews its own when less than a third is left. All begin a day early, so that
// clocks may differ by hours.
const (
	authorityLife = 10 * 365 * 24 * time.Hour
	memberLife    = 365 * 24 * time.Hour
	early         = 24 * time.Hour
)

// Limits of what others send, bytes.
const (
	MaxRequest  = 16 << 10 // a request to join
	MaxResponse = 64 << 10 // its response
	maxTicket   = 512      // a ticket as text
	maxFile     = 4 << 20  // any file of ours
	maxCSR      = 4 << 10
	maxName     = 63  // of a member
	maxCluster  = 253 // name of a cluster
	maxAddress  = 300
	maxReason   = 500 // of a refusal
)

// Limits of tickets.
const (
	MaxTickets = 16 // valid at once
	MaxUses    = 16 // of one ticket
	MinLife    = time.Minute
	MaxLife    = 30 * 24 * time.Hour

	maxNeighbours = 64 // addresses in a list
)

const (
	secretSize = 32 // bytes of a ticket's secret
	nonceSize  = 32
	// Pauses of Join between two tries grow from the first to the last; one try takes no longer than tryTime.
	firstPause, lastPause = 100 * time.Millisecond, 2 * time.Second
	tryTime               = 10 * time.Second
)
