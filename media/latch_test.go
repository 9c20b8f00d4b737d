package media

import (
	"net/netip"
	"testing"
	"time"

	"tandem/media/codec"
)

// A phone behind a NAT: SDP names an address that it does not send from.
func TestSymmetric(t *testing.T) {
	t.Parallel()
	p, c := newPhone(t, "PCMU"), newEvents()
	p.params.Remote = netip.MustParseAddrPort("127.0.0.9:9")
	s := p.call(newTestEngine(t, testConf()), Options{OnEvent: c.on, Peer: p.addr().Addr()})
	s.Echo(0)
	p.talk(600)
	p.hear(600, 200*time.Millisecond)
	if h := wait[Heard](t, c); h.From != p.addr() {
		t.Errorf("heard from %v", h.From)
	}
	if remote := s.Stats().Remote; remote != p.addr() {
		t.Errorf("sends to %v", remote)
	}
}

// An IPv4 address that came wrapped into IPv6 is the same address.
func TestMappedAddress(t *testing.T) {
	t.Parallel()
	c := testConf()
	c.Symmetric = false
	p := newPhone(t, "PCMU")
	p.params.Remote = netip.AddrPortFrom(netip.AddrFrom16(p.addr().Addr().As16()), p.addr().Port())
	p.call(newTestEngine(t, c), Options{}).Echo(0)
	p.talk(600)
	p.hear(600, 100*time.Millisecond)
}

func TestSymmetricOff(t *testing.T) {
	t.Parallel()
	c := testConf()
	c.Symmetric = false
	p := newPhone(t, "PCMU")
	named := netip.MustParseAddrPort("127.0.0.9:9")
	p.params.Remote = named
	s := p.call(newTestEngine(t, c), Options{})
	for range 10 {
		p.send(make([]byte, 160))
	}
	eventually(t, "all is discarded", func() bool { return s.Stats().Discarded == 10 })
	if s.Stats().Remote != named {
		t.Error("the stream moved")
	}
}

// A stream whose peer is fixed learns no other address, not even where the peer's signalling comes from.
func TestFixed(t *testing.T) {
	t.Parallel()
	p := newPhone(t, "PCMU")
	named := p.params.Remote
	p.params.Remote = netip.MustParseAddrPort("127.0.0.9:9")
	s := p.call(newTestEngine(t, testConf()), Options{Fixed: true, Peer: p.addr().Addr()})
	for range 10 {
		p.send(make([]byte, 160))
	}
	eventually(t, "all is discarded", func() bool { return s.Stats().Discarded == 10 })
	if s.Stats().Remote != p.params.Remote {
		t.Error("the stream moved")
	}
	p.params.Remote = named
	if err := s.Apply(p.params); err != nil {
		t.Fatal(err)
	}
	s.Echo(0)
	p.talk(600)
	p.hear(600, 100*time.Millisecond)
}

// A stranger who finds the port of a running call is not heard and hears nothing.
func TestHijack(t *testing.T) {
	t.Parallel()
	e := newTestEngine(t, testConf())
	p, thief := newPhone(t, "PCMU"), newPhone(t, "PCMU")
	s := p.call(e, Options{})
	s.Echo(0)
	thief.dial(s)
	p.talk(600)
	p.hear(600, 200*time.Millisecond)
	stop := thief.talk(1500)
	for range 2 * maxPackets {
		thief.send(make([]byte, 160))
	}
	if _, got := thief.tryNext(time.Now().Add(20 * codec.Frame)); got {
		t.Fatal("the stranger hears")
	}
	p.hear(600, 200*time.Millisecond)
	stop()
	stats := s.Stats()
	if stats.Remote != p.addr() || stats.Discarded < 10 {
		t.Errorf("sends to %v, discarded %d", stats.Remote, stats.Discarded)
	}
}

// A port that signalling has not given an address yet answers nobody.
func TestBleed(t *testing.T) {
	t.Parallel()
	s, err := newTestEngine(t, testConf()).Open(Options{ID: "a"})
	if err != nil {
		t.Fatal(err)
	}
	s.Echo(0)
	thief := newPhone(t, "PCMU")
	thief.dial(s)
	thief.talk(600)
	if _, got := thief.tryNext(time.Now().Add(15 * codec.Frame)); got {
		t.Error("a stream without an address answers")
	}
	if s.Stats().Discarded == 0 {
		t.Error("nothing was counted")
	}
}

// Two streams that were told, by a caller who means harm, that each is the other's phone, and that
// both send back what they hear: the packet that is set loose between them does not run away.
func TestEchoLoop(t *testing.T) {
	t.Parallel()
	e := newTestEngine(t, testConf())
	p := newPhone(t, "PCMU")
	a, b := p.call(e, Options{ID: "a"}), p.call(e, Options{ID: "b"})
	for of, to := range map[*Stream]*Stream{a: b, b: a} {
		params := p.params
		params.Remote = netip.AddrPortFrom(to.Local(), uint16(to.Port()))
		if err := of.Apply(params); err != nil {
			t.Fatal(err)
		}
	}
	eventually(t, "both have heard silence", func() bool { return a.Stats().Received > 5 && b.Stats().Received > 5 })
	a.Echo(0)
	b.Echo(0)
	began := e.Snapshot().Received
	start := time.Now()
	a.receive(p.packet(make([]byte, 160)), a.Stats().Remote)
	eventually(t, "they go round", func() bool { return e.Snapshot().Received-began >= maxPackets })
	eventually(t, "a second is over", func() bool { return time.Since(start) > time.Second })
	n := e.Snapshot().Received - began
	// Both streams count in windows of a second, of which one more can be touched at either end.
	long := time.Since(start)
	if most := uint64(long/time.Second+2) * 2 * maxPackets; n > most {
		t.Errorf("%d packets went round in %v, at most %d may", n, long, most)
	}
}

func TestUnreachable(t *testing.T) {
	t.Parallel()
	for _, remote := range []string{"0.0.0.0:4000", "[::]:4000", "224.0.0.1:4000", "255.255.255.255:4000", "127.0.0.1:0"} {
		p := newPhone(t, "PCMU")
		p.params.Remote = netip.MustParseAddrPort(remote)
		s := p.manual(newTestEngine(t, testConf()), Options{})
		at := time.Now()
		for i := range 5 {
			s.tick(at.Add(time.Duration(i) * codec.Frame))
		}
		if s.Stats().Sent != 0 {
			t.Errorf("sent to %s", remote)
		}
	}
}

// What is no audio of this call is counted and goes nowhere.
func TestRefused(t *testing.T) {
	t.Parallel()
	p := newPhone(t, "PCMU")
	s := p.call(newTestEngine(t, testConf()), Options{})
	good := p.packet(make([]byte, 160))
	wrongType := append([]byte(nil), good...)
	wrongType[1] = 3
	for _, datagram := range [][]byte{
		wrongType, good[:5], {}, make([]byte, 1700), make([]byte, 60000),
		{0x80, 200}, {0x81, 205, 0, 1, 0xff, 0xff, 0xff, 0xff},
	} {
		p.write(datagram)
	}
	eventually(t, "all is discarded", func() bool { return s.Stats().Discarded == 7 })
	p.write(good)
	eventually(t, "the good one is received", func() bool { return s.Stats().Received == 1 })
}

// What a stranger sends does not use up what the peer may send.
func TestBudgetIsThePeers(t *testing.T) {
	now := time.Now()
	r := newReceiver(true, netip.Addr{}, now)
	r.apply(testPlan(t, "PCMU"), now)
	p, peer := newPhone(t, "PCMU"), testPlan(t, "PCMU").Remote
	for range 10 {
		r.admit(p.packet([]byte{1}), peer, now)
	}
	for range 2 * maxPackets {
		r.admit(p.packet([]byte{1}), netip.MustParseAddrPort("192.0.2.66:6"), now)
	}
	p.header.SequenceNumber -= 2 * maxPackets
	if a := r.admit(p.packet([]byte{1}), peer, now); a.kind != audio {
		t.Error("the peer is refused after a flood from elsewhere")
	}
	for range maxPackets {
		r.admit(p.packet([]byte{1}), peer, now)
	}
	if a := r.admit(p.packet([]byte{1}), peer, now); a.kind != refused {
		t.Error("the peer's own flood is taken")
	}
	if a := r.admit(p.packet([]byte{1}), peer, now.Add(time.Second)); a.kind != audio {
		t.Error("the peer is refused a second later")
	}
}

// A phone behind a NAT comes back from a hold by the same SDP and from another port: it is heard there, however it held,
// and the time of the hold is no silence.
func TestNewPortAfterHold(t *testing.T) {
	from := func(port uint16) netip.AddrPort { return netip.AddrPortFrom(netip.MustParseAddr("192.0.2.5"), port) }
	for name, hold := range map[string]func(*plan){
		"inactive": func(p *plan) { p.hears = false },
		"sendonly": func(p *plan) { p.Held = true },
	} {
		t.Run(name, func(t *testing.T) {
			now := time.Now()
			p, talking, held := newPhone(t, "PCMU"), testPlan(t, "PCMU"), testPlan(t, "PCMU")
			hold(held)
			r := newReceiver(true, from(1).Addr(), now)
			say := func(port uint16) (last arrival) {
				for range 10 {
					last = r.admit(p.packet([]byte{1}), from(port), now)
				}
				return last
			}
			r.apply(talking, now)
			if a := say(61000); a.kind != audio {
				t.Fatal("the phone is not heard before the hold")
			}
			r.apply(held, now)
			now = now.Add(59 * time.Second)
			if to := r.apply(talking, now); to != from(61000) {
				t.Errorf("sends to %v before the phone is heard again", to)
			}
			if since, silent := r.watch(now.Add(2*time.Second), time.Minute); silent {
				t.Errorf("silent for %v after the hold", since)
			}
			if a := say(62000); a.kind != audio || r.latch.Remote() != from(62000) {
				t.Errorf("after the hold the stream is at %v", r.latch.Remote())
			}
			r.apply(talking, now)
			if a := say(63000); a.kind != refused {
				t.Error("the same again lets another port be learned")
			}
		})
	}
}
