package rtp

import (
	"net/netip"
	"testing"
)

// A datagram comes in and goes out again without garbage.
func TestLoopAllocatesNothing(t *testing.T) {
	n, err := newLoop()
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
