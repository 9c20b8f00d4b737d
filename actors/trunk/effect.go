package trunk

import (
	"google.golang.org/protobuf/proto"

	"tandem/actors/msg"
	"tandem/signal"
)

// Effect is what the machine wants.
type Effect interface{ effect() }

// Send wants a request sent by the edge of a member; its responses are told by Answered.
type Send struct {
	Request *signal.Request
	Member  string
}

// Resolve wants to know to which addresses the host of a target leads; that is told by Resolved.
type Resolve struct {
	Place  int
	Target signal.TrunkTarget
}

// Tell wants somebody told something.
type Tell struct {
	Holder  string
	Message proto.Message
}

// Answer answers an ask.
type Answer struct {
	Ask     uint64
	Message proto.Message
}

// Publish wants all members told.
type Publish struct{ Standing *msg.TrunkStanding }

func (Send) effect()    {}
func (Resolve) effect() {}
func (Tell) effect()    {}
func (Answer) effect()  {}
func (Publish) effect() {}
