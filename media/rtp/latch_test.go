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

// behindNAT is the latch of a phone whose signalling comes from its NAT's address.
func behindNAT() Latch { return Latch{Symmetric: true, Peer: natted.Addr()} }

// burst sends so many packets in sequence and tells whether the last one was accepted.
func burst(l *Latch, from netip.AddrPort, ssrc uint32, seq uint16, n int) (accepted bool) {
	for i := range n {
		accepted = l.Accept(from, Header{SSRC: ssrc, Sequence: seq + uint16(i)})
	}
	return accepted
}

func TestLatchBelievesNobodyAtFirst(t *testing.T) {
	l := behindNAT()
	if burst(&l, stranger, 1, 1, 50) {
		t.Error("a stranger was believed before SDP named anybody")
	}
}

func TestLatchLearnsOnce(t *testing.T) {
	l := behindNAT()
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

// A phone that sends nothing, on mute or since it only listens, does not lose its call to whoever
// sprays the port; nor can a stranger keep it from being learned.
func TestLatchOfASilentPhone(t *testing.T) {
	l := behindNAT()
	l.Signal(named)
	if burst(&l, stranger, 1, 1, 50) || l.Remote() != named {
		t.Fatal("a stranger took the stream of a silent phone")
	}
	for i := range uint16(latchAfter) {
		burst(&l, stranger, 1, 51+i, 1)
		burst(&l, natted, 7, i, 1)
	}
	if l.Remote() != natted {
		t.Error("a stranger kept the phone from being learned")
	}
}

// The address that SDP named may always prove itself, also after another one was learned.
func TestLatchComesBack(t *testing.T) {
	l := behindNAT()
	l.Signal(named)
	elsewhere := netip.AddrPortFrom(named.Addr(), 9)
	if !burst(&l, elsewhere, 1, 1, latchAfter) {
		t.Fatal("another port of the named address was not learned")
	}
	if !burst(&l, named, 2, 1, latchAfter) || l.Remote() != named {
		t.Error("the named address can not come back")
	}
}

// A NAT gives a phone another port when it sends again after a hold. Nobody but who could be learned at first is learned
// then, and the address in use is believed meanwhile.
func TestLatchUnsettled(t *testing.T) {
	anew := netip.AddrPortFrom(natted.Addr(), natted.Port()+1000)
	l := behindNAT()
	l.Signal(named)
	if !burst(&l, natted, 1, 1, latchAfter) || burst(&l, anew, 1, 5, 50) {
		t.Fatal("the phone is not the one that was learned")
	}
	l.Unsettle()
	if l.Remote() != natted || !burst(&l, natted, 1, 5, 1) {
		t.Error("what was learned is forgotten at once")
	}
	if burst(&l, stranger, 9, 1, 50) || l.Remote() != natted {
		t.Error("a stranger was learned")
	}
	if !burst(&l, anew, 1, 6, latchAfter) || l.Remote() != anew {
		t.Errorf("not learned again: remote is %v", l.Remote())
	}
	if burst(&l, natted, 1, 10, 50) {
		t.Error("learned a third time")
	}
}

func TestLatchHoldsToProvenAddress(t *testing.T) {
	l := behindNAT()
	l.Signal(named)
	if !burst(&l, named, 1, 1, latchAfter) {
		t.Fatal("the named address is not believed")
	}
	if burst(&l, stranger, 1, latchAfter+1, 50) || l.Remote() != named {
		t.Error("a stranger took over a stream that was running")
	}
}

func TestLatchWantsOneSourceInSequence(t *testing.T) {
	l := behindNAT()
	l.Signal(named)
	for i := range 50 {
		if burst(&l, natted, uint32(i), uint16(i), 1) || burst(&l, natted, 7, uint16(i*3), 1) {
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
