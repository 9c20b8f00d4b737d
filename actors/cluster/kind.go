package cluster

import (
	"sync/atomic"
	"time"

	"github.com/asynkron/protoactor-go/actor"
	"google.golang.org/protobuf/proto"
)

// Kind is a sort of actor that this member can host.
type Kind struct {
	Name      string             // "leg", "signal", "account"; part of every handler
	Make      func() actor.Actor // makes one; it gets its work as its first message. Or see Introduce
	Limit     int                // how many at once, 0 for no limit; see SetLimit
	Keeps     bool               // lives on after a panic: it remembers nothing from one message to the next
	Idle      time.Duration      // named kinds only: put away after so long without a message, 0 never
	Announced bool               // named kinds only: a new actor is told what is announced to its name, and then Gathered
	Roams     bool               // made where Call Legs Processing says: it needs media
	Serves    bool               // made for an actor that lives here already: a drain does not refuse it
	// Dismiss is what ends an actor that nobody wants after all: its place was given up before it was known.
	Dismiss func() proto.Message
}

// KindSnapshot is what a kind counted.
type KindSnapshot struct {
	Kind     string
	Alive    int64  // actors now
	Made     uint64 // since the start
	Crashed  uint64 // ended by a panic
	Refused  uint64 // not made because of Limit or a drain
	Overflow uint64 // messages refused because the mailbox was full
	Foreign  uint64 // made for other members
}

type kind struct {
	Kind
	letter   byte // the kind's place in the table: its name in handlers
	limit    atomic.Int64
	serial   atomic.Uint64
	alive    atomic.Int64
	foreign  atomic.Uint64 // made for other members
	crashed  atomic.Uint64
	refused  atomic.Uint64
	overflow atomic.Uint64
}

// urgentPart of a limit is kept beyond it for calls for help, and urgentLeast at least.
const urgentPart, urgentLeast = 4, 16

// take takes a place for one more actor; false when there is none.
func (k *kind) take(urgent bool) bool {
	limit := k.limit.Load()
	room := limit
	if urgent {
		room += max(limit/urgentPart, urgentLeast)
	}
	if n := k.alive.Add(1); limit == 0 || n <= room {
		return true
	}
	k.alive.Add(-1)
	k.refused.Add(1)
	return false
}

func (k *kind) snapshot() KindSnapshot {
	return KindSnapshot{Kind: k.Name, Alive: k.alive.Load(), Made: k.serial.Load(),
		Crashed: k.crashed.Load(), Refused: k.refused.Load(), Overflow: k.overflow.Load(),
		Foreign: k.foreign.Load()}
}
