package farm

import (
	"tandem/signal"
)

// Kind is why a packet is passed to another member.
type Kind uint8

// The kinds.
const (
	Received Kind = iota // came over a flow of the sender's; to be processed
	ToSend               // to be sent over a flow of the receiver's
	Closed               // the flow, a connection of the sender's, is gone; no data
)

// Packet is what one member passes to another: one SIP message as on the wire, and its flow.
type Packet struct {
	Kind  Kind
	Flow  signal.Flow // Edge names the member that holds it
	Data  []byte      // never changed
	Host  string      // Received: by which the peer reaches that member, for a Contact
	Port  int
	Order uint64 // packets to one member with one number must arrive in their order; not passed on
}

// OrderOf is the number of a packet over a flow: a connection keeps its order, and of datagrams, those that
// belong together do: by their Call-ID, nil when it is not at hand.
func OrderOf(f signal.Flow, callID []byte) uint64 {
	switch {
	case f.Conn != 0:
		return mix(f.Conn)
	case callID != nil:
		return mix(hash(callID))
	}
	a := f.Remote.Addr().As16()
	return mix(hash(a[:]) + uint64(f.Remote.Port()))
}
