package sip

import (
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"tandem/signal"
	"tandem/sip/resolve"
)

// later receives the first message that begins so: others come again before it.
func (p *phone) later(begin string) string {
	p.t.Helper()
	for {
		if text := p.receive(); strings.HasPrefix(text, begin) {
			return text
		}
	}
}

// twoHosts is a server that knows a name of two hosts: the first one is a peer of the test's, the second one d's.
func twoHosts(t *testing.T, d *desk) (s, b *Server, first *phone) {
	t.Helper()
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	first, b = &phone{t: t, conn: conn}, start(t, settings(), d)
	s = slowBureau(t, srv("udp", int(first.addr().Port()), b.Ports().UDP), 50*time.Millisecond)
	first.to = netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), uint16(s.Ports().UDP))
	return s, b, first
}

// TestSilentHostMakesRoom: a call goes on to the next host of a name long before its transaction with the silent one is over.
// What that one says later is cancelled, or acknowledged and ended, and the author hears of the other one alone.
func TestSilentHostMakesRoom(t *testing.T) {
	d := newDesk()
	s, b, silent := twoHosts(t, d)
	got, began := newAnswers(), time.Now()
	s.Send(toName(signal.INVITE, "call", "example.com"), signal.Flow{}, got.take)
	invite := silent.expect("INVITE")
	in := take(t, d.requests)
	if took := time.Since(began); took > 64*50*time.Millisecond {
		t.Errorf("the second host was called after %v", took)
	}
	b.Respond(answer(in, 180))
	if resp := take(t, got.c); resp.Status != 180 {
		t.Errorf("got %+v", resp)
	}

	silent.send(reply(invite, 180, "late"))
	silent.send(reply(silent.later("CANCEL"), 200, "late"))
	at := silent.addr().String()
	silent.send(reply(invite, 200, "late", "Contact: <sip:late@"+at+">"))
	ack := silent.later("ACK sip:late@" + at)
	bye := silent.later("BYE sip:late@" + at)
	if header(ack, "CSeq") != "1 ACK" || !strings.HasSuffix(header(bye, "To"), ";tag=late") {
		t.Errorf("ended by\n%s%s", ack, bye)
	}
	silent.send(reply(bye, 200, "late"))

	b.Respond(answer(in, 486))
	if resp := take(t, got.c); resp.Status != 486 {
		t.Errorf("got %+v", resp)
	}
	none(t, got.c, "the silent one was heard")

	s.Send(toName(signal.INVITE, "next", "example.com"), signal.Flow{}, got.take)
	b.Respond(answer(take(t, d.requests), 486))
	if resp := take(t, got.c); resp.Request != "next" || resp.Status != 486 {
		t.Errorf("got %+v", resp)
	}
}

// TestSilentHostIsAsked: so does a question, and the late answer is not heard.
func TestSilentHostIsAsked(t *testing.T) {
	d := newDesk()
	s, b, silent := twoHosts(t, d)
	got := newAnswers()
	s.Send(toName(signal.OPTIONS, "ask", "example.com"), signal.Flow{}, got.take)
	options := silent.expect("OPTIONS")
	in := take(t, d.requests)
	silent.send(reply(options, 404, "late"))
	b.Respond(answer(in, 200))
	if resp := take(t, got.c); resp.Status != 200 {
		t.Errorf("got %+v", resp)
	}
	none(t, got.c, "more came")
}

// TestWhoKeepsHisTurn: what does harm when it comes twice waits for its transaction; who has spoken keeps the call.
func TestWhoKeepsHisTurn(t *testing.T) {
	d := newDesk()
	s, _, first := twoHosts(t, d)
	got := newAnswers()
	s.Send(toName(signal.INVITE, "call", "example.com"), signal.Flow{}, got.take)
	invite := first.expect("INVITE")
	first.send(reply(invite, 100, ""))
	s.Send(toName(signal.MESSAGE, "text", "example.com"), signal.Flow{}, got.take)
	text := first.later("MESSAGE")
	for range 3 { // more than a turn
		first.later("MESSAGE")
	}
	if resp := take(t, got.c); resp.Status != 100 {
		t.Errorf("got %+v", resp)
	}
	for of, status := range map[string]int{text: 202, invite: 486} {
		first.send(reply(of, status, "a"))
		if resp := take(t, got.c); resp.Status != status {
			t.Errorf("got %+v, want %d", resp, status)
		}
	}
	none(t, d.requests, "the second host was called too")
}

// TestSilentWhenCancelled: a call that nobody wants any more goes no further, but the next one begins with another host.
func TestSilentWhenCancelled(t *testing.T) {
	d := newDesk()
	s, _, first := twoHosts(t, d)
	target := resolve.Target{Transport: "UDP", Addr: first.addr()}
	p := &pursuit{server: s, ctx: t.Context(), request: outgoing(signal.INVITE, "call", first.addr()), turns: true}
	p.cancelled.Store(true)
	a := &attempt{target: target}
	p.silent(a)
	if !s.sick.Is(target, time.Now()) || a.word.Load() != unheard {
		t.Error("the silent host is not blamed, or its last answer would not be heard")
	}
	if p.connectTime(false) >= connectTime || p.connectTime(true) != connectTime {
		t.Error("a connection may not take as long as a leg has patience where there are others")
	}
}
