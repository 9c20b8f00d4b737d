package txn

import (
	"strings"
	"time"
)

// Tick is a time or a length of time in steps of the wheel. As a time it counts from the start of
// the table.
type Tick int64

// Step is the length of one tick.
const Step = 10 * time.Millisecond

// ticks turns a duration into ticks, rounded up: a timer may be late by one step, never early.
func ticks(d time.Duration) Tick { return Tick((d + Step - 1) / Step) }

// Times are the timers of RFC 3261 table 4, from which all others follow.
type Times struct{ T1, T2, T4 Tick }

// NewTimes takes T1, T2 and T4 as durations.
func NewTimes(t1, t2, t4 time.Duration) Times {
	return Times{max(1, ticks(t1)), max(1, ticks(t2)), max(1, ticks(t4))}
}

// long is 64*T1, after which a peer that says nothing has gone (timers B, D, F, H, J, L, M).
func (t Times) long() Tick { return 64 * t.T1 }

// patience is how long an INVITE transaction waits after a provisional response. The RFC sets no
// limit there, since people may let it ring; this one only keeps a transaction whose owner has died
// from staying for ever. Every further provisional response starts it again.
var patience = ticks(time.Hour)

// tryingAfter is how long the user of an INVITE may think before the transaction says 100 (RFC 3261 section 17.2.1):
// most calls are answered, refused or ring by then, and a message less is a system call less at either end. A request
// that comes again gets its 100 at once.
var tryingAfter = ticks(200 * time.Millisecond)

// Action is a set of things that a machine wants done, performed in the order of the constants.
type Action uint16

// The actions.
const (
	Try    Action = 1 << iota // server: a 100 is the message of this event
	Send                      // send the message of this event
	Keep                      // keep that message for repeating, in place of the last one
	Repeat                    // send the kept message again
	Ack                       // client: send the ACK for the response of this event
	Cancel                    // client: send the CANCEL that was asked for
	Up                        // hand the message of this event to the user of the transaction
	Late                      // the transaction gave up waiting: 408 to the user of a client
	Failed                    // the transport failed: 503 to the user of a client
	Forget                    // the kept message is not needed any more
	End                       // the transaction is over
)

var actionNames = [...]string{"try", "send", "keep", "repeat", "ack", "cancel", "up", "late", "failed",
	"forget", "end"}

// String names the actions, for transcripts.
func (a Action) String() string {
	if a == 0 {
		return "nothing"
	}
	var names []string
	for i, name := range actionNames {
		if a&(1<<i) != 0 {
			names = append(names, name)
		}
	}
	return strings.Join(names, " ")
}

// State is where a transaction stands.
type State uint8

// The states of all four machines.
const (
	Trying State = iota
	Calling
	Proceeding
	Accepted
	Completed
	Confirmed
	Ended
)

var stateNames = [...]string{"Trying", "Calling", "Proceeding", "Accepted", "Completed",
	"Confirmed", "Ended"}

// String is the state's name in the RFC.
func (s State) String() string { return stateNames[s] }

// clock is the two timers that a transaction can have at once: one that repeats and one that ends.
// A time of 0 means that the timer does not run.
type clock struct {
	repeatAt, endAt Tick
	gap             Tick // present interval of the repeats
}

// next is when the machine wants to be called; 0: never.
func (c *clock) next() Tick {
	if c.repeatAt == 0 || c.endAt != 0 && c.endAt < c.repeatAt {
		return c.endAt
	}
	return c.repeatAt
}

// repeatFrom starts the repeating timer.
func (c *clock) repeatFrom(now, gap Tick) { c.gap, c.repeatAt = gap, now+gap }

func (c *clock) ended(now Tick) bool   { return c.endAt != 0 && c.endAt <= now }
func (c *clock) repeats(now Tick) bool { return c.repeatAt != 0 && c.repeatAt <= now }
