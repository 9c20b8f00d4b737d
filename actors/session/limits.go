package session

import "time"

// Limits are what one session may use.
type Limits struct {
	Resume  time.Duration // how long a session waits for its client to come back
	Idle    time.Duration // silence of a connected client, where it does not wish another time
	MinIdle time.Duration // shortest and longest time that a client may wish
	MaxIdle time.Duration
	Queued  int // messages that wait for the client
	Bytes   int // of them
	Open    int // operations under way
}

// DefaultLimits are two minutes, ten minutes, 1000 messages of a mebibyte together, 100 operations.
var DefaultLimits = Limits{Resume: 2 * time.Minute, Idle: 10 * time.Minute, MinIdle: 10 * time.Second,
	MaxIdle: 24 * time.Hour, Queued: 1000, Bytes: 1 << 20, Open: 100}

// Bounds of what clients send.
const (
	maxID       = 256     // bytes of a request's id
	maxDocument = 4 << 20 // bytes of one message to a client
	maxName     = 128     // bytes of a client's name, and of names of events and meetings
)
