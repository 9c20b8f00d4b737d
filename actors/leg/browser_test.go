package leg

import (
	"testing"

	"tandem/actors/msg"
	"tandem/signal"
)

func TestWantsWebRTC(t *testing.T) {
	calls := func(contact string) *msg.LegStart {
		u, err := signal.ParseURI(contact)
		if err != nil {
			t.Fatal(err)
		}
		return &msg.LegStart{Outgoing: &msg.LegCall{Contact: msg.FromURI(u)}}
	}
	called := func(body string) *msg.LegStart {
		return &msg.LegStart{Incoming: &msg.SignalRequest{Request: &msg.Request{Body: []byte(body)}}}
	}
	const head = "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n"
	for _, c := range []struct {
		work      *msg.LegStart
		transport string
		want      bool
	}{
		{calls("sip:alice@192.0.2.1"), "UDP", false},
		{calls("sip:x@df7jal23ls0d.invalid;transport=ws"), "WS", true},
		{calls("sip:x@df7jal23ls0d.invalid;transport=WSS"), "", true},
		{calls("sip:alice@4711.invalid;transport=ximss"), "XIMSS", false},
		{calls("sip:alice@4711.invalid;transport=ximss;media=webrtc"), "XIMSS", true},
		{called(head + "m=audio 9 UDP/TLS/RTP/SAVPF 0\r\na=fingerprint:sha-256 AA\r\na=ice-ufrag:aaaa\r\n"), "XIMSS", true},
		{called(head + "m=audio 4000 UDP/TLS/RTP/SAVP 0\r\na=fingerprint:sha-256 AA\r\n"), "TLS", false},
		{called(head + "m=audio 4000 RTP/AVP 0\r\n"), "WS", false},
		{called(""), "WSS", true},
		{called(""), "TCP", false},
	} {
		if got := wantsWebRTC(c.work, signal.Flow{Transport: c.transport}); got != c.want {
			t.Errorf("%v for %v over %s", got, c.work, c.transport)
		}
	}
}
