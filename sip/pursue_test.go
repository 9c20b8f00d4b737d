package sip

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"tandem/signal"
	"tandem/sip/resolve"
	"tandem/sip/resolve/zone"
)

// bureau is a server whose names are those of a zone.
func bureau(t *testing.T, z zone.Zone) *Server {
	t.Helper()
	return slowBureau(t, z, 10*time.Millisecond)
}

// slowBureau is one that takes its time.
func slowBureau(t *testing.T, z zone.Zone, t1 time.Duration) *Server {
	t.Helper()
	c := settings()
	c.T1, c.T2 = t1, 4*t1
	c.NameServers = []string{zone.Serve(t, z).String()}
	return start(t, c, newDesk())
}

// toName is a request to a name without a port, so that its records count.
func toName(m signal.Method, id, name string) *signal.Request {
	r := outgoing(m, id, netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), 1))
	r.URI.Host, r.URI.Port = name, 0
	return r
}

// deadPort is a port on which nobody listens, by TCP or UDP.
func deadPort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().(*net.TCPAddr).Port
}

// srv is a zone of one name whose SRV records, by priority, lead to ports of this machine.
func srv(transport string, ports ...int) zone.Zone {
	z := zone.Zone{"here.example.com A": {"127.0.0.1"}}
	for i, port := range ports {
		key := "_sip._" + transport + ".example.com SRV"
		z[key] = append(z[key], fmt.Sprintf("%d 1 %d here.example.com.", i, port))
	}
	return z
}

// TestFirstTargetIsDead: a connection that nobody takes costs nothing but a moment, and is not tried again first.
func TestFirstTargetIsDead(t *testing.T) {
	d := newDesk()
	b := start(t, settings(), d)
	s := bureau(t, srv("tcp", deadPort(t), b.Ports().TCP))
	for i := range 2 {
		got := newAnswers()
		s.Send(toName(signal.MESSAGE, fmt.Sprint(i), "example.com"), signal.Flow{}, got.take)
		b.Respond(answer(take(t, d.requests), 202))
		if resp := take(t, got.c); resp.Status != 202 || resp.Request != fmt.Sprint(i) {
			t.Errorf("got %+v", resp)
		}
	}
	if s.lookups.count != 0 {
		t.Errorf("%d lookups are left", s.lookups.count)
	}
}

// TestTargetsOutOfService: one is silent, one answers 503, the third takes the call; the author hears of that one alone.
func TestTargetsOutOfService(t *testing.T) {
	d := newDesk()
	b := start(t, settings(), d)
	silent, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = silent.Close() }()
	full := start(t, settings(), &desk{admit: func(*signal.Request) signal.Verdict {
		return signal.Verdict{Action: signal.Refuse, Status: 503}
	}})
	s := bureau(t, srv("udp", silent.LocalAddr().(*net.UDPAddr).Port, full.Ports().UDP, b.Ports().UDP))
	got := newAnswers()
	s.Send(toName(signal.INVITE, "call", "example.com"), signal.Flow{}, got.take)
	in := take(t, d.requests)
	b.Respond(answer(in, 180))
	b.Respond(answer(in, 503)) // there is nobody left
	for _, want := range []int{180, 503} {
		if resp := take(t, got.c); resp.Status != want || resp.Local {
			t.Errorf("got %+v, want %d", resp, want)
		}
	}
	none(t, got.c, "more came")
}

// TestCancelEndsTheSearch: who has cancelled does not want the next target to be rung.
func TestCancelEndsTheSearch(t *testing.T) {
	d := newDesk()
	b := start(t, settings(), d)
	silent, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = silent.Close() }()
	port := silent.LocalAddr().(*net.UDPAddr).Port
	s := slowBureau(t, srv("udp", port, b.Ports().UDP), 40*time.Millisecond) // its turn does not end before the CANCEL
	got := newAnswers()
	s.Send(toName(signal.INVITE, "call", "example.com"), signal.Flow{}, got.take)
	if _, err := silent.Read(make([]byte, 2000)); err != nil {
		t.Fatal(err)
	}
	s.Cancel("call", "")
	if resp := take(t, got.c); resp.Status != 408 || !resp.Local {
		t.Errorf("got %+v", resp)
	}
	none(t, d.requests, "somebody else was called")
}

// TestCancelledWhileConnecting: a large request whose author cancels while TCP is tried is not sent as a datagram after that,
// and the target is not to blame.
func TestCancelledWhileConnecting(t *testing.T) {
	c := settings()
	c.TCP = -1
	d := newDesk()
	b := start(t, c, d)
	s := start(t, settings(), newDesk())
	at := netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), uint16(b.Ports().UDP))
	r := outgoing(signal.INVITE, "large", at)
	r.Body, r.ContentType = []byte(strings.Repeat("text ", 400)), "text/plain"
	got := newAnswers()
	target := resolve.Target{Transport: "UDP", Addr: at}
	p := &pursuit{server: s, ctx: t.Context(), request: r, rest: []resolve.Target{target}, reply: got.take}
	p.stop = func() {}
	p.cancelled.Store(true)
	if err := p.try(target, true); !errors.Is(err, errCancelled) {
		t.Errorf("sent: %v", err)
	}
	for _, by := range []string{"UDP", "TCP"} {
		one := resolve.Target{Transport: by, Addr: at}
		if s.sick.Is(one, time.Now()) || s.deaf.Is(one, time.Now()) {
			t.Errorf("%s is blamed", by)
		}
	}
	none(t, d.requests, "it was sent")
}

// TestNowhere: a name without records is an answer too.
func TestNowhere(t *testing.T) {
	s := bureau(t, zone.Zone{})
	got := newAnswers()
	s.Send(toName(signal.OPTIONS, "1", "example.com"), signal.Flow{}, got.take)
	if resp := take(t, got.c); resp.Status != 503 || !resp.Local {
		t.Errorf("got %+v", resp)
	}
}

// TestLargeRequest: what is too large for a datagram goes by TCP where that is taken, else in fragments; and always in
// fragments where the URI wants datagrams.
func TestLargeRequest(t *testing.T) {
	d, both := newDesk(), deadPort(t)
	c := settings()
	c.UDP, c.TCP = both, both
	start(t, c, d)
	c = settings()
	c.TCP = -1
	only := newDesk()
	u := start(t, c, only)
	s := start(t, settings(), newDesk())
	large := func(id string, port int) *signal.Request {
		r := outgoing(signal.MESSAGE, id, netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), uint16(port)))
		r.Body, r.ContentType = []byte(strings.Repeat("text ", 400)), "text/plain"
		return r
	}
	s.Send(large("1", both), signal.Flow{}, nil)
	if in := take(t, d.requests); in.Origin.Flow.Transport != "TCP" || len(in.Body) != 2000 {
		t.Errorf("%s brought %d bytes", in.Origin.Flow.Transport, len(in.Body))
	}
	wanted := large("2", both)
	wanted.URI.Params = wanted.URI.Params.With("transport", "udp")
	s.Send(wanted, signal.Flow{}, nil)
	if in := take(t, d.requests); in.Origin.Flow.Transport != "UDP" || len(in.Body) != 2000 {
		t.Errorf("%s brought %d bytes", in.Origin.Flow.Transport, len(in.Body))
	}
	s.Send(large("3", u.Ports().UDP), signal.Flow{}, nil)
	if in := take(t, only.requests); in.Origin.Flow.Transport != "UDP" || len(in.Body) != 2000 {
		t.Errorf("%s brought %d bytes", in.Origin.Flow.Transport, len(in.Body))
	}
	deaf := resolve.Target{Transport: "TCP", Name: "127.0.0.1", Addr: netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), uint16(u.Ports().UDP))}
	if now := time.Now(); !s.deaf.Is(deaf, now.Add(deafFor-time.Minute)) || s.deaf.Is(deaf, now.Add(deafFor+time.Minute)) {
		t.Error("that the peer takes no TCP is not known for the time that it is to be")
	}
}

// TestTrustedByRecordsAlone: where a name server never tells of SRV records requests go to the host itself, and whoever is there is
// not known by the name for that, neither before nor after.
func TestTrustedByRecordsAlone(t *testing.T) {
	s := bureau(t, zone.Zone{"_sip._udp.example.com SRV": {zone.Fails}, "_sip._tcp.example.com SRV": {zone.Fails},
		"example.com A": {"127.0.0.1"}})
	r := toName(signal.MESSAGE, "1", "example.com")
	for i := range 2 {
		if all, err := s.Addresses(t.Context(), r.URI); len(all) != 0 || err == nil || resolve.Absent(err) {
			t.Errorf("trusted, %d: %v, %v", i, all, err)
		}
		targets, err := s.resolver().Targets(t.Context(), resolve.Hop{Host: "example.com"}, s.ours())
		if err != nil || len(targets) != 1 || targets[0].Addr.String() != "127.0.0.1:5060" {
			t.Errorf("reached, %d: %v, %v", i, targets, err)
		}
	}
}
