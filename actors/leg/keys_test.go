package leg

import (
	"testing"

	"tandem/actors/msg"
	"tandem/signal"
)

func TestSealed(t *testing.T) {
	calls := func(contact string) *msg.LegStart {
		u, err := signal.ParseURI(contact)
		if err != nil {
			t.Fatal(err)
		}
		return &msg.LegStart{Outgoing: &msg.LegCall{Contact: msg.FromURI(u)}}
	}
	called := &msg.LegStart{Incoming: &msg.SignalRequest{}}
	for _, c := range []struct {
		work      *msg.LegStart
		transport string
		want      bool
	}{
		{called, "TLS", true},
		{called, "WSS", true},
		{called, "TCP", false},
		{called, "UDP", false},
		{called, "", false},
		{calls("sip:alice@192.0.2.1"), "TLS", true},
		{calls("sip:alice@192.0.2.1;transport=tls"), "", true},
		{calls("sips:alice@192.0.2.1"), "", true},
		{calls("sip:alice@192.0.2.1"), "", false},
		{calls("sip:alice@192.0.2.1;transport=tls"), "UDP", false}, // the flow is what is used
	} {
		if got := sealed(c.work, signal.Flow{Transport: c.transport}); got != c.want {
			t.Errorf("%v for %v over %q", got, c.work, c.transport)
		}
	}
}
