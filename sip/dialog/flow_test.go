package dialog

import (
	"net/netip"
	"testing"
	"time"

	"tandem/signal"
)

// TestStranger: another port is the peer behind its NAT, another address is not known to be.
func TestStranger(t *testing.T) {
	d := NewServer(&signal.Request{ID: "i", CallID: "c", From: bob.WithTag("them"), To: alice, CSeq: 1,
		Origin: signal.Origin{Flow: flowTo(5060)}}, Local{Tag: "us"}, time.Time{})
	from := func(f signal.Flow) *signal.Request { return &signal.Request{Origin: signal.Origin{Flow: f}} }
	other, mapped := flowTo(5060), flowTo(5060)
	other.Remote = netip.MustParseAddrPort("203.0.113.1:5060")
	mapped.Remote = netip.MustParseAddrPort("[::ffff:198.51.100.2]:5060")
	for _, tt := range []struct {
		flow signal.Flow
		want bool
	}{{flowTo(5060), false}, {flowTo(6000), false}, {mapped, false}, {other, true}, {signal.Flow{}, true}} {
		if d.Stranger(from(tt.flow)) != tt.want {
			t.Errorf("%v: want %t", tt.flow.Remote, tt.want)
		}
	}
	session, moved := flowTo(1), flowTo(2)
	session.Session, moved.Session, moved.Remote = "s1", "s1", other.Remote
	ours := NewClient(Call{CallID: "c"}, Local{Tag: "us", Flow: session}, time.Time{})
	if ours.Stranger(from(moved)) || !ours.Stranger(from(flowTo(1))) || !d.Stranger(from(session)) {
		t.Error("a session is known by its handler")
	}
	resolved := NewClient(Call{CallID: "c"}, Local{Tag: "us"}, time.Time{})
	if resolved.Stranger(from(other)) {
		t.Error("without a flow nobody is known to be a stranger")
	}
}

// TestResolvedTargetStaysResolved: a client without a flow sends to where the target resolves to,
// whatever the peer's requests come from.
func TestResolvedTargetStaysResolved(t *testing.T) {
	d := NewClient(Call{Target: bob.URI, To: bob, CallID: "c"}, Local{Tag: "us"}, time.Time{})
	e, err := d.Invite([]byte("v=0"), time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	d.Answered(&signal.Response{Request: e[0].(Send).Request.ID, Status: 200, To: bob.WithTag("them")}, time.Time{})
	d.Received(&signal.Request{ID: "r", Method: signal.INFO, CallID: "c", From: bob.WithTag("them"),
		To: alice.WithTag("us"), CSeq: 1, Origin: signal.Origin{Flow: flowTo(7)}}, time.Time{})
	if !d.Flow().IsZero() {
		t.Errorf("flow %v", d.Flow())
	}
}

// BenchmarkCall is one call as a server, from INVITE to BYE.
func BenchmarkCall(b *testing.B) {
	sdp := []byte("v=0")
	invite := &signal.Request{ID: "i", Method: signal.INVITE, CallID: "c", From: bob.WithTag("them"), To: alice,
		CSeq: 1, Contacts: []signal.Party{bob}, ContentType: sdpType, Body: sdp}
	request := func(m signal.Method, cseq uint32) *signal.Request {
		return &signal.Request{ID: "r", Method: m, CallID: "c", From: bob.WithTag("them"), To: alice.WithTag("us"), CSeq: cseq}
	}
	ack, bye := request(signal.ACK, 1), request(signal.BYE, 2)
	local := Local{Tag: "us", Headers: signal.Headers{{Name: "Supported", Value: "replaces"}}}
	b.ReportAllocs()
	for b.Loop() {
		d := NewServer(invite, local, time.Time{})
		if _, err := d.Progress(180, "", nil, nil, time.Time{}); err != nil {
			b.Fatal(err)
		}
		if _, err := d.Accept(sdp, time.Time{}); err != nil {
			b.Fatal(err)
		}
		d.Received(ack, time.Time{})
		d.Received(bye, time.Time{})
		if d.State() != Over {
			b.Fatal(d.State())
		}
	}
}

// TestLastWords: who gives a dialog up that has hung up does so after it has given up itself, however long its timers are.
func TestLastWords(t *testing.T) {
	for _, t1 := range []time.Duration{0, 500 * time.Millisecond, 2 * time.Second} {
		timers := Timers{T1: t1}
		d := NewClient(Call{Target: bob.URI, From: alice, To: bob, CallID: "c"}, Local{Tag: "us", Timers: timers}, time.Unix(1, 0))
		if _, err := d.Invite([]byte("offer"), time.Unix(1, 0)); err != nil {
			t.Fatal(err)
		}
		var guard time.Duration
		for _, e := range d.Hangup(0, "", time.Unix(2, 0)) {
			if e, ok := e.(StartTimer); ok {
				guard = e.After
			}
		}
		if guard == 0 || timers.LastWords() <= guard {
			t.Errorf("T1 %v: given up after %v, its own time is %v", t1, timers.LastWords(), guard)
		}
	}
}
