package leg

import (
	"strings"

	"tandem/actors/msg"
	"tandem/signal"
)

// sealed reports a leg whose signalling nobody else can read on the way to its party's next hop: keys in SDP are as
// secret as that (RFC 4568 section 8). Where no flow leads to the party yet, the URI says what will.
func sealed(work *msg.LegStart, flow signal.Flow) bool {
	transport := flow.Transport
	if out := work.Outgoing; out != nil && flow.IsZero() {
		contact := out.Contact.Signal()
		if contact.Sealed() {
			return true
		}
		transport, _ = contact.Params.Get("transport")
	}
	return strings.EqualFold(transport, "tls") || strings.EqualFold(transport, "wss")
}
