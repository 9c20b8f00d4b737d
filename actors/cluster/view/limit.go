package view

import "time"

// Wire is the major version of the words between members. Words that are added do not change it: protobuf passes
// over what it does not know.
//
// In 2 registrations go between members as messages, no longer as JSON, and a nonce is shorter: members of 1 can neither
// read the ones nor check the other.
const Wire = 2

// Limits of what a view holds and takes.
const (
	maxMembers   = 64   // this one among them
	maxGraves    = 1024 // lives that are over and stay so
	maxShown     = 64   // of those, in Rows
	maxTold      = 128  // of those, in one heartbeat
	maxStrangers = 64   // refused lives
	maxNamed     = 512  // names that have a session in the store
	maxAddresses = 192  // at which a member may be; more than seeds and members together
	maxSeeds     = 64
	maxSights    = 256       // in one heartbeat
	maxHeartbeat = 256 << 10 // bytes
	maxName      = 63        // bytes, as conf allows
	maxAddress   = 261       // bytes: a hostname and a port
	maxText      = 512       // bytes of each other text
	maxSIP       = 16        // addresses for SIP of one member
	maxAge       = time.Hour
	maxLived     = 100 * 365 * 24 * time.Hour
)

// Times. Those that go with the pace of heartbeats are counted in them.
const (
	maxWaitLost = 8    // heartbeats between two tries of an address where somebody should be
	maxWaitDead = 120  // of one where somebody was
	toldFor     = 20   // heartbeats for which an end or a refusal is told after it was last asked for
	offsetBest  = 20   // heartbeats of which the fastest tells the other clock
	sameAge     = 1000 // ms within which two lives are of one age
	shownFor    = time.Hour
	triedFor    = time.Hour // how long an address is tried that nobody was heard from
)
