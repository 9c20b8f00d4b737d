package rtp

import (
	"net/netip"
	"testing"
)

// A datagram comes in and goes out again without garbage.
func TestLoopAllocatesNothing(t *testing.T) {
	n, err := newLoop(&Gathering{})
	if err != nil {
		t.Skip(err)
	}
	for _, host := range []string{"127.0.0.1", "::1"} {
		near, _ := listen(t, n, host)
		far, to := listen(t, n, host)
		back := make(chan struct{}, 1)
		far.Serve(func(datagram []byte, from netip.AddrPort) {
			if err := far.Send(datagram, from); err != nil {
				t.Error(err)
			}
		})
		near.Serve(func([]byte, netip.AddrPort) { back <- struct{}{} })
		octets := make([]byte, 172)
		trip := func() {
			if err := near.Send(octets, to); err != nil {
				t.Error(err)
			}
			<-back
		}
		trip()
		if n := testing.AllocsPerRun(500, trip); n != 0 {
			t.Errorf("%s: %v allocations on the way there and back", host, n)
		}
		_, _ = near.Close(), far.Close() // the stories of TestConn look at what they say
	}
	if err := n.Close(); err != nil {
		t.Error(err)
	}
}

// What is sent during a pass leaves at its end, in order and each to its own; what the kernel refuses of it keeps nothing
// else. Out of passes a datagram leaves at once.
func TestGathering(t *testing.T) {
	g := &Gathering{}
	n, err := newLoop(g)
	if err != nil {
		t.Skip(err)
	}
	near, _ := listen(t, n, "127.0.0.1")
	near.(*port).Gather(g)
	box := near.(*port).out
	var got [2]chan byte
	var to [2]netip.AddrPort
	for i := range got {
		var far Conn
		far, to[i] = listen(t, n, "127.0.0.1")
		defer func() { _ = far.Close() }()
		got[i] = make(chan byte, 2*maxGathered)
		far.Serve(func(datagram []byte, _ netip.AddrPort) { got[i] <- datagram[0] })
	}
	send := func(text string, to netip.AddrPort) {
		t.Helper()
		if err := near.Send([]byte(text), to); err != nil {
			t.Error(err)
		}
	}
	outer, inner := g.Begin(), g.Begin()
	send("a", to[0])
	send("x", netip.AddrPortFrom(to[0].Addr(), 0))
	send("b", to[1])
	send("c", to[0])
	if box.waiting.Load() != 4 {
		t.Errorf("%d wait, not 4", box.waiting.Load())
	}
	inner.End()
	if a, b, c := <-got[0], <-got[1], <-got[0]; a != 'a' || b != 'b' || c != 'c' {
		t.Errorf("came: %c %c %c", a, b, c)
	}
	for range maxGathered + 1 {
		send("d", to[1])
	}
	if box.waiting.Load() != 1 {
		t.Errorf("%d wait, not 1", box.waiting.Load())
	}
	outer.End()
	send("e", to[1])
	for range maxGathered + 1 {
		<-got[1]
	}
	if e := <-got[1]; e != 'e' {
		t.Errorf("came: %c", e)
	}
	if err := near.Close(); err != nil {
		t.Error(err)
	}
	g.Begin().End()
	if all := *g.ports.Load(); len(all) != 0 {
		t.Errorf("%d ports after the last was closed", len(all))
	}
}

// BenchmarkSends sends to 32 peers from one port, in a pass and one by one.
func BenchmarkSends(b *testing.B) {
	for _, gathers := range []bool{false, true} {
		b.Run(map[bool]string{false: "one by one", true: "in a pass"}[gathers], func(b *testing.B) {
			g := &Gathering{}
			n, err := newLoop(g)
			if err != nil {
				b.Skip(err)
			}
			s, err := n.Listen(netip.MustParseAddrPort("127.0.0.1:0"))
			if err != nil {
				b.Fatal(err)
			}
			if gathers {
				s.Gather(g)
			}
			var to [maxGathered]netip.AddrPort
			for i := range to {
				far, err := n.Listen(netip.MustParseAddrPort("127.0.0.1:0"))
				if err != nil {
					b.Fatal(err)
				}
				defer func() { _ = far.Close() }()
				to[i] = far.Local()
			}
			octets := make([]byte, 172)
			b.ReportAllocs()
			for b.Loop() {
				pass := g.Begin()
				for _, at := range to {
					if err := s.Send(octets, at); err != nil {
						b.Fatal(err)
					}
				}
				pass.End()
			}
			if err := s.Close(); err != nil {
				b.Error(err)
			}
		})
	}
}
