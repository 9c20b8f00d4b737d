package exchange

import (
	"google.golang.org/protobuf/proto"

	"tandem/ximss/ami"
)

// Effect is what the machine wants.
type Effect interface{ effect() }

// Dial wants a connection. Connected or Lost is told.
type Dial struct{ Address string }

// Write wants an action sent.
type Write struct{ Packet ami.Packet }

// HangUp wants the connection closed; nothing of it is told any more.
type HangUp struct{}

// Answer answers an ask.
type Answer struct {
	Ask     uint64
	Message proto.Message
}

func (Dial) effect()   {}
func (Write) effect()  {}
func (HangUp) effect() {}
func (Answer) effect() {}
