package msg

import (
	"net/netip"
	"testing"

	"tandem/signal"
)

// BenchmarkRequest is an INVITE on its way from one actor to the next of the same member.
func BenchmarkRequest(b *testing.B) {
	party := signal.Party{Display: "Ann", URI: signal.URI{Scheme: "sip", User: "1000", Host: "example.com"},
		Params: signal.Params{{Name: "tag", Value: "a6c85cf"}}}
	r := &signal.Request{ID: "1", Method: signal.INVITE, URI: party.URI, From: party, To: party, CallID: "x", CSeq: 1, MaxForwards: 70,
		Contacts: []signal.Party{party},
		Headers:  signal.Headers{{Name: "Supported", Value: "timer"}, {Name: "Allow", Value: "INVITE"}, {Name: "User-Agent", Value: "x"}},
		Origin: signal.Origin{Flow: signal.Flow{Edge: "127.0.0.1:1", Transport: "UDP",
			Local: netip.MustParseAddrPort("127.0.0.1:5060"), Remote: netip.MustParseAddrPort("127.0.0.1:5061")}}}
	b.ReportAllocs()
	for b.Loop() {
		FromRequest(r).Signal()
	}
}
