package trunk

import (
	"google.golang.org/protobuf/proto"

	"tandem/actors/msg"
	"tandem/signal"
)

// Effect is what the machine wants.
type Effect interface{ effect() }

// Send wants a request sent; its responses are told by Answered.
type Send struct{ Request *signal.Request }

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
func (Tell) effect()    {}
func (Answer) effect()  {}
func (Publish) effect() {}
