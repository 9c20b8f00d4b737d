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
	Account int // sessions of one account on one member
	Stats   int // statistics that one session has open
	// Said is how many bytes one message may have, and all that one operation or one HTTP request is answered with. It
	// is less than a client may leave unread, else an answer would end the connection that it was meant for.
	Said int
}

// DefaultLimits are two minutes, ten minutes, 1000 messages of a mebibyte together, 100 operations, 1000 sessions, 500 statistics,
// a mebibyte.
var DefaultLimits = Limits{Resume: 2 * time.Minute, Idle: 10 * time.Minute, MinIdle: 10 * time.Second,
	MaxIdle: 24 * time.Hour, Queued: 1000, Bytes: 1 << 20, Open: 100, Account: 1000, Stats: 500, Said: 1 << 20}

// Bounds of what clients send.
const (
	maxName = 128 // bytes of a client's name, and of names of events and meetings
)
