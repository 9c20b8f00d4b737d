package sip

import (
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"tandem/signal"
	"tandem/sip/resolve"
)

func TestOutgoingCall(t *testing.T) {
	s := start(t, settings(), newDesk())
	p := newPhone(t, s)
	got := newAnswers()
	r := outgoing(signal.INVITE, "call", p.addr())
	s.Send(r, signal.Flow{}, got.take)
	invite := p.expect("INVITE sip:bob@" + p.addr().String() + " SIP/2.0")
	via := header(invite, "Via")
	if !strings.HasPrefix(via, "SIP/2.0/UDP "+p.to.String()+";") || !strings.Contains(via, ";rport") ||
		!strings.Contains(via, "branch=z9hG4bK") {
		t.Errorf("Via %q", via)
	}
	for name, want := range map[string]string{"Max-Forwards": "70", "User-Agent": "Tandem",
		"Contact": "<sip:us@" + p.to.String() + ">", "CSeq": "1 INVITE"} {
		if v := header(invite, name); v != want {
			t.Errorf("%s is %q, want %q", name, v, want)
		}
	}
	p.send(reply(invite, 180, "a"))
	p.send(reply(invite, 200, "a", "Contact: <sip:bob@192.0.2.1>"))
	p.send(reply(invite, 200, "b")) // a forked one
	p.send(reply(invite, 200, "a")) // a repeat, to get the ACK again
	for i, want := range []string{"180 a", "200 a", "200 b", "200 a"} {
		resp := take(t, got.c)
		if text := fmt.Sprint(resp.Status, " ", resp.To.Tag()); text != want || resp.Request != "call" || resp.Local {
			t.Errorf("answer %d: %s %+v, want %s", i, text, resp, want)
		}
	}
	ack := outgoing(signal.ACK, "ack", p.addr())
	s.Send(ack, signal.Flow{}, nil)
	p.expect("ACK ")
	if r.Contacts[0].URI.Host != "" {
		t.Error("the author's request was changed")
	}
}

// The audio of a call whose flow is another member's comes from an address of ours.
func TestFacing(t *testing.T) {
	c := settings()
	c.Bind = []string{"127.0.0.3"}
	s := start(t, c, newDesk())
	if got := s.Facing(netip.MustParseAddrPort("127.0.0.1:5060")); got != netip.MustParseAddr("127.0.0.3") {
		t.Errorf("facing from %v", got)
	}
	if got := s.Facing(netip.MustParseAddrPort("[::1]:5060")); got.IsValid() {
		t.Errorf("facing another family from %v", got)
	}
}

func TestRefusedCallIsAcknowledged(t *testing.T) {
	s := start(t, settings(), newDesk())
	p := newPhone(t, s)
	got := newAnswers()
	s.Send(outgoing(signal.INVITE, "call", p.addr()), signal.Flow{}, got.take)
	invite := p.expect("INVITE")
	for range 2 {
		p.send(reply(invite, 486, "a"))
		ack := p.expect("ACK")
		if header(ack, "Via") != header(invite, "Via") || !strings.HasSuffix(header(ack, "To"), ";tag=a") {
			t.Errorf("ACK:\n%s", ack)
		}
	}
	if resp := take(t, got.c); resp.Status != 486 {
		t.Errorf("got %+v", resp)
	}
	none(t, got.c, "the repeat went up")
}

func TestCancelWaitsForAProvisionalResponse(t *testing.T) {
	s := start(t, settings(), newDesk())
	p := newPhone(t, s)
	got := newAnswers()
	s.Send(outgoing(signal.INVITE, "call", p.addr()), signal.Flow{}, got.take)
	invite := p.expect("INVITE")
	s.Cancel("call", "")
	s.Cancel("other", "")
	p.send(reply(invite, 180, "a"))
	cancel := p.expect("CANCEL")
	if header(cancel, "Via") != header(invite, "Via") || header(cancel, "CSeq") != "1 CANCEL" ||
		header(cancel, "To") != header(invite, "To") {
		t.Errorf("CANCEL:\n%s", cancel)
	}
	p.send(reply(cancel, 200, "a"))
	p.send(reply(invite, 487, "a"))
	p.expect("ACK")
	for _, want := range []int{180, 487} {
		if resp := take(t, got.c); resp.Status != want {
			t.Errorf("got %d, want %d", resp.Status, want)
		}
	}
}

func TestResponseFromAWrongSourceIsIgnored(t *testing.T) {
	s := start(t, settings(), newDesk())
	p, stranger := newPhone(t, s), newPhoneAt(t, s, net.IPv4(127, 0, 0, 2))
	got := newAnswers()
	s.Send(outgoing(signal.OPTIONS, "ask", p.addr()), signal.Flow{}, got.take)
	options := p.expect("OPTIONS")
	stranger.send(reply(options, 603, "x"))
	p.send(reply(options, 200, "a"))
	if resp := take(t, got.c); resp.Status != 200 {
		t.Errorf("got %d", resp.Status)
	}
	p.send(reply(strings.Replace(options, "z9hG4bK", "z9hG4bKx", 1), 200, "a"))
	p.send(strings.Replace(reply(options, 200, "a"), "1 OPTIONS", "1 INVITE", 1))
	s.Send(outgoing(signal.OPTIONS, "ask2", p.addr()), signal.Flow{}, got.take)
	p.send(reply(p.expect("OPTIONS"), 200, "a"))
	if resp := take(t, got.c); resp.Request != "ask2" {
		t.Errorf("got %+v", resp)
	}
	if n := s.Snapshot().Stray; n != 3 {
		t.Errorf("%d stray responses counted", n)
	}
}

// A phone may send from another port than it listens on (RFC 3261 section 17.1.3 asks for the branch
// alone).
func TestResponseFromAnotherPort(t *testing.T) {
	s := start(t, settings(), newDesk())
	mouth, ear := newPhone(t, s), newPhone(t, s)
	got := newAnswers()
	s.Send(outgoing(signal.OPTIONS, "ask", ear.addr()), signal.Flow{}, got.take)
	mouth.send(reply(ear.expect("OPTIONS"), 200, "a"))
	if resp := take(t, got.c); resp.Status != 200 {
		t.Errorf("got %d", resp.Status)
	}
}

func TestFailuresComeAsLocalResponses(t *testing.T) {
	c := settings()
	c.T1, c.T2 = 10*time.Millisecond, 10*time.Millisecond
	s := start(t, c, newDesk())
	silent := newPhone(t, s)
	uri := func(text string) func(*signal.Request) {
		return func(r *signal.Request) {
			u, err := signal.ParseURI(text)
			if err != nil {
				t.Fatal(err)
			}
			r.URI = u
		}
	}
	tests := map[string]struct {
		change func(*signal.Request)
		flow   signal.Flow
		status int
	}{
		"silent peer":     {func(*signal.Request) {}, signal.Flow{}, 408},
		"closed port":     {uri("sip:bob@127.0.0.1:1;transport=tcp"), signal.Flow{}, 503},
		"flow elsewhere":  {func(*signal.Request) {}, signal.Flow{Edge: "m2", Transport: "UDP"}, 503},
		"closed flow":     {func(*signal.Request) {}, signal.Flow{Edge: "m1", Transport: "TCP", Conn: 99}, 503},
		"WebSocket":       {uri("sip:bob@x.invalid;transport=ws"), signal.Flow{}, 503},
		"other transport": {uri("sip:bob@127.0.0.1;transport=sctp"), signal.Flow{}, 503},
		"no host":         {uri("tel:+4930123"), signal.Flow{}, 503},
		"unknown name":    {uri("sip:bob@nowhere.invalid"), signal.Flow{}, 503},
		"bad route":       {func(r *signal.Request) { r.Routes = []string{"<nonsense"} }, signal.Flow{}, 503},
		"unsafe header": {func(r *signal.Request) {
			r.Headers = signal.Headers{{Name: "X", Value: "a\r\nVia: b"}}
		}, signal.Flow{}, 503},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got := newAnswers()
			r := outgoing(signal.OPTIONS, name, silent.addr())
			r.CallID = "call"
			test.change(r)
			s.Send(r, test.flow, got.take)
			resp := take(t, got.c)
			if resp.Status != test.status || !resp.Local || resp.Request != name || resp.Method != signal.OPTIONS {
				t.Errorf("got %+v, want %d", resp, test.status)
			}
		})
	}
	ack := outgoing(signal.ACK, "ack", silent.addr())
	s.Send(ack, signal.Flow{Edge: "m1", Transport: "TCP", Conn: 99}, func(*signal.Response) { t.Error("an ACK was answered") })
}

// TestOrderOfProvisionalResponses is the fault for which the transactions are our own: of responses
// that follow each other closely, none may be lost or overtaken.
func TestOrderOfProvisionalResponses(t *testing.T) {
	const calls = 500
	for _, sockets := range []int{1, 4} {
		c := settings()
		c.Sockets = sockets
		s := start(t, c, newDesk())
		p := newPhone(t, s)
		var mu sync.Mutex
		got := map[string][]int{}
		done := make(chan string, calls)
		for i := range calls {
			s.Send(outgoing(signal.INVITE, fmt.Sprint("call", i), p.addr()), signal.Flow{}, func(r *signal.Response) {
				mu.Lock()
				defer mu.Unlock()
				got[r.Request] = append(got[r.Request], r.Status)
				if r.Status == 200 {
					done <- r.Request
				}
			})
			invite := p.expect("INVITE")
			for _, status := range []int{180, 183, 200} {
				p.send(reply(invite, status, "a"))
			}
		}
		for range calls {
			take(t, done)
		}
		mu.Lock()
		for id, statuses := range got {
			if !slices.Equal(statuses, []int{180, 183, 200}) {
				t.Errorf("%d sockets, %s: %v", sockets, id, statuses)
			}
		}
		mu.Unlock()
	}
}

// Two servers talk over TCP; the second request finds the connection that the first one opened.
func TestStreamsBetweenServers(t *testing.T) {
	d := newDesk()
	a, b := start(t, settings(), newDesk()), start(t, settings(), d)
	to := netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), uint16(b.Ports().TCP))
	for i := range 3 {
		r := outgoing(signal.MESSAGE, fmt.Sprint(i), to)
		r.URI.Params = r.URI.Params.With("transport", "tcp")
		r.Body, r.ContentType = []byte(strings.Repeat("text ", 1000)), "text/plain"
		got := newAnswers()
		a.Send(r, signal.Flow{}, got.take)
		in := take(t, d.requests)
		if in.Origin.Flow.Transport != "TCP" || string(in.Body) != string(r.Body) {
			t.Fatalf("got %+v", in)
		}
		if c := in.Contacts[0].URI; c.Port != a.Ports().TCP || c.Params.With("", "")[0].Value != "tcp" {
			t.Errorf("Contact %v leads nowhere", c)
		}
		b.Respond(answer(in, 202))
		if resp := take(t, got.c); resp.Status != 202 {
			t.Errorf("got %+v", resp)
		}
		// And back over the same flow, to a peer that could not be reached otherwise.
		back := newAnswers()
		b.Send(outgoing(signal.OPTIONS, fmt.Sprint("back", i), to), in.Origin.Flow, back.take)
		a.Respond(answer(take(t, a.receiver.(*desk).requests), 200))
		if resp := take(t, back.c); resp.Status != 200 {
			t.Errorf("got %+v", resp)
		}
	}
	if n := a.Snapshot().Transport.Connections; n != 1 {
		t.Errorf("%d connections", n)
	}
}

// A request that is cancelled before its way is found is never sent.
func TestCancelWhileTheWayIsFound(t *testing.T) {
	d := newDesk()
	s := start(t, settings(), d)
	silent, err := net.Listen("tcp", "127.0.0.1:0") // accepts nothing: TLS waits for its handshake
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	r := outgoing(signal.INVITE, "call", silent.Addr().(*net.TCPAddr).AddrPort())
	r.URI.Params = r.URI.Params.With("transport", "tls")
	got := newAnswers()
	s.Send(r, signal.Flow{}, got.take)
	s.Cancel("call", "")
	if resp := take(t, got.c); resp.Status != 487 || !resp.Local || resp.Request != "call" {
		t.Errorf("got %+v", resp)
	}
	if err := s.Close(0); err != nil {
		t.Error(err)
	}
	if s.lookups.count != 0 || len(s.lookups.known) != 0 {
		t.Errorf("%d lookups are left", s.lookups.count)
	}
}

func TestOverIPv6(t *testing.T) {
	probe, err := net.Listen("tcp6", "[::1]:0")
	if err != nil {
		t.Skip("no IPv6 here: ", err)
	}
	probe.Close()
	c := settings()
	c.Bind = []string{"::1"}
	d := newDesk()
	a, b := start(t, c, newDesk()), start(t, c, d)
	for _, transport := range []string{"udp", "tcp"} {
		port := b.Ports().UDP
		if transport == "tcp" {
			port = b.Ports().TCP
		}
		r := outgoing(signal.OPTIONS, transport, netip.AddrPortFrom(netip.IPv6Loopback(), uint16(port)))
		r.URI.Params = r.URI.Params.With("transport", transport)
		got := newAnswers()
		a.Send(r, signal.Flow{}, got.take)
		in := take(t, d.requests)
		if contact := in.Contacts[0].URI; contact.Host != "::1" {
			t.Errorf("Contact %v", contact)
		}
		b.Respond(answer(in, 200))
		if resp := take(t, got.c); resp.Status != 200 {
			t.Errorf("got %+v", resp)
		}
	}
}

func TestPublicAddress(t *testing.T) {
	c := settings()
	c.Public = "203.0.113.9"
	s := start(t, c, newDesk())
	p := newPhone(t, s)
	s.Send(outgoing(signal.OPTIONS, "1", p.addr()), signal.Flow{}, nil)
	if via := header(p.expect("OPTIONS"), "Via"); !strings.HasPrefix(via, fmt.Sprintf("SIP/2.0/UDP 203.0.113.9:%d;", p.to.Port())) {
		t.Errorf("Via %q", via)
	}
	c.Public = "203.0.113.10" // the provider gave another one
	s.Apply(c)
	s.Send(outgoing(signal.OPTIONS, "2", p.addr()), signal.Flow{}, nil)
	for { // the first one is repeated meanwhile
		if m := p.expect("OPTIONS"); header(m, "Call-ID") == "2" {
			if contact := header(m, "Contact"); !strings.Contains(contact, "@203.0.113.10:") {
				t.Errorf("Contact %q", contact)
			}
			return
		}
	}
}

func TestNextHop(t *testing.T) {
	s := start(t, settings(), newDesk())
	tests := []struct {
		uri, route string
		want       resolve.Hop
	}{
		{"sip:a@example.com", "", resolve.Hop{Host: "example.com"}},
		{"sip:a@example.com:5070;transport=TCP", "", resolve.Hop{Transport: "TCP", Host: "example.com", Port: 5070}},
		{"sips:a@example.com", "", resolve.Hop{Host: "example.com", Secure: true}},
		{"sip:a@example.com:5070;maddr=192.0.2.7", "", resolve.Hop{Host: "192.0.2.7", Port: 5070, Name: "example.com"}},
		{"sips:a@example.com;maddr=[2001:db8::7]", "", resolve.Hop{Host: "2001:db8::7", Secure: true, Name: "example.com"}},
		{"sip:a@example.com;maddr=", "<sip:proxy.example.com;lr;maddr=edge.example.com>", resolve.Hop{Host: "edge.example.com", Name: "proxy.example.com"}},
		{"sip:a@example.com;maddr=example.com", "", resolve.Hop{Host: "example.com"}},
		{"sip:a@example.com", "<sip:[2001:db8::1];lr;transport=tls>", resolve.Hop{Transport: "TLS", Host: "2001:db8::1"}},
	}
	for _, test := range tests {
		u, err := signal.ParseURI(test.uri)
		if err != nil {
			t.Fatal(err)
		}
		r := &signal.Request{URI: u}
		if test.route != "" {
			r.Routes = []string{test.route}
		}
		if got, err := s.nextHop(r); err != nil || got != test.want {
			t.Errorf("%s %s: %+v, %v", test.uri, test.route, got, err)
		}
	}
}

func TestRequestGoesToMaddr(t *testing.T) {
	s := start(t, settings(), newDesk())
	p := newPhone(t, s)
	r := outgoing(signal.OPTIONS, "1", p.addr())
	r.URI.Host = "nowhere.invalid"
	r.URI.Params = r.URI.Params.With("maddr", p.addr().Addr().String())
	s.Send(r, signal.Flow{}, newAnswers().take)
	if text := p.expect("OPTIONS sip:bob@nowhere.invalid:"); !strings.Contains(text, ";maddr=127.0.0.1 SIP/2.0") {
		t.Errorf("its URI has changed:\n%s", text)
	}
}

func TestWithoutUDPRequestsGoOverTCP(t *testing.T) {
	c := settings()
	c.UDP = -1
	d := newDesk()
	s, b := start(t, c, newDesk()), start(t, settings(), d)
	s.Send(outgoing(signal.OPTIONS, "1", netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), uint16(b.Ports().TCP))), signal.Flow{}, nil)
	if in := take(t, d.requests); in.Origin.Flow.Transport != "TCP" {
		t.Errorf("it came by %s", in.Origin.Flow.Transport)
	}
}
