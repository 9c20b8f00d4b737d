package rtp

import (
	"net/netip"
	"testing"
)

var (
	named    = netip.MustParseAddrPort("192.0.2.1:4000")
	natted   = netip.MustParseAddrPort("198.51.100.7:61000")
	stranger = netip.MustParseAddrPort("203.0.113.9:5000")
)

// burst sends so many packets in sequence and tells whether the last one was accepted.
func burst(l *Latch, from netip.AddrPort, ssrc uint32, seq uint16, n int) (accepted bool) {
	for i := range n {
		accepted = l.Accept(from, Header{SSRC: ssrc, Sequence: seq + uint16(i)})
	}
	return accepted
}

func TestLatchBelievesNobodyAtFirst(t *testing.T) {
	l := Latch{Symmetric: true}
	if burst(&l, stranger, 1, 1, 50) {
		t.Error("a stranger was believed before SDP named anybody")
	}
}

func TestLatchLearnsOnce(t *testing.T) {
	l := Latch{Symmetric: true}
	l.Signal(named)
	first := uint16(65534)
	if burst(&l, natted, 1, first, latchAfter-1) {
		t.Error("believed too early")
	}
	if !burst(&l, natted, 1, first+latchAfter-1, 1) || l.Remote() != natted {
		t.Errorf("not learned: remote is %v", l.Remote())
	}
	if burst(&l, stranger, 1, 100, 50) || l.Remote() != natted {
		t.Error("learned a second time")
	}
	l.Signal(named)
	if l.Remote() != natted {
		t.Error("the same SDP again undoes what was learned")
	}
	l.Signal(stranger)
	if l.Remote() != stranger || !burst(&l, stranger, 9, 5, 1) {
		t.Error("a new address in SDP does not count")
	}
	if !burst(&l, natted, 1, 500, latchAfter) {
		t.Error("nothing is learned after a new address")
	}
}

func TestLatchHoldsToProvenAddress(t *testing.T) {
	l := Latch{Symmetric: true}
	l.Signal(named)
	if !burst(&l, named, 1, 1, latchAfter) {
		t.Fatal("the named address is not believed")
	}
	if burst(&l, stranger, 1, latchAfter+1, 50) || l.Remote() != named {
		t.Error("a stranger took over a stream that was running")
	}
}

func TestLatchWantsOneSourceInSequence(t *testing.T) {
	l := Latch{Symmetric: true}
	l.Signal(named)
	for i := range 50 {
		if burst(&l, stranger, uint32(i), uint16(i), 1) || burst(&l, stranger, 7, uint16(i*3), 1) {
			t.Fatal("a source that jumps was learned")
		}
	}
}

func TestLatchOff(t *testing.T) {
	var l Latch
	l.Signal(named)
	if burst(&l, natted, 1, 1, 50) || !burst(&l, named, 1, 1, 1) {
		t.Error("without symmetric mode only SDP counts")
	}
}
