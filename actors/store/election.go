package store

import (
	"time"
	_ "unsafe" // for linkname

	_ "github.com/nats-io/nats-server/v2/server" // whose variables these are
)

// When the member is killed that leads a stream, the others find out by its silence: each waits for a random time
// between two bounds and then asks for votes. The engine's bounds are 4 and 9 s, with a sign of life each
// second, and it has no option for them, only variables that its own tests set. That is made for copies in
// different places of the world. Ours stand side by side, and so long nobody could register, take over a name,
// or start all members again within 10 s. So the variables are set, once, before any engine starts. Agreement
// is as safe as before; a leader that the system does not let run for so long merely loses its office.
//
// A release of the engine that has them no more would leave engineElection empty; TestElectionTimes sees it.
const (
	electionFirst = 1500 * time.Millisecond
	electionLast  = 3 * time.Second
	leaderBeat    = 400 * time.Millisecond // so that one or two lost to a busy processor do no harm
)

//go:linkname minElectionTimeout github.com/nats-io/nats-server/v2/server.minElectionTimeout
var minElectionTimeout time.Duration

//go:linkname maxElectionTimeout github.com/nats-io/nats-server/v2/server.maxElectionTimeout
var maxElectionTimeout time.Duration

//go:linkname hbInterval github.com/nats-io/nats-server/v2/server.hbInterval
var hbInterval time.Duration

// engineElection is what the engine had in the variables.
var engineElection [3]time.Duration

func init() {
	engineElection = [3]time.Duration{minElectionTimeout, maxElectionTimeout, hbInterval}
	minElectionTimeout, maxElectionTimeout, hbInterval = electionFirst, electionLast, leaderBeat
}
