package guess

import (
	"encoding/binary"
	"net/netip"
	"testing"
	"time"
)

var noon = time.Date(2030, 1, 2, 12, 0, 0, 0, time.UTC)

func TestWhoGuessesTooOftenWaits(t *testing.T) {
	b := New[Pair](Limit)
	bob := PairOf(netip.MustParseAddr("192.0.2.1"), "bob")
	for range 3 * Limit { // right ones do not count
		if wait := b.Try(bob, noon); wait != 0 {
			t.Fatalf("waits %v after right passwords", wait)
		}
		b.Right(bob)
	}
	for range Limit {
		if wait := b.Try(bob, noon); wait != 0 {
			t.Fatalf("waits %v too early", wait)
		}
	}
	if wait := b.Try(bob, noon.Add(20*time.Second)); wait != 40*time.Second {
		t.Errorf("waits %v, want the rest of the window", wait)
	}
	for _, other := range []Pair{PairOf(netip.MustParseAddr("192.0.2.2"), "bob"), PairOf(netip.MustParseAddr("192.0.2.1"), "ann")} {
		if b.Try(other, noon) != 0 {
			t.Error("another source, or another account, waits too")
		}
	}
	if b.Try(bob, noon.Add(Window)) != 0 {
		t.Error("still waits after the window")
	}
}

func TestANetworkIsOneSource(t *testing.T) {
	for _, c := range []struct {
		a, b string
		same bool
	}{
		{"192.0.2.1", "::ffff:192.0.2.1", true},
		{"192.0.2.1", "192.0.2.2", false},
		{"2001:db8::1", "2001:db8::ffff:1", true},
		{"2001:db8::1", "2001:db8:0:1::1", false},
	} {
		if same := Network(netip.MustParseAddr(c.a)) == Network(netip.MustParseAddr(c.b)); same != c.same {
			t.Errorf("%s and %s: %v", c.a, c.b, same)
		}
	}
}

func TestTheBookIsBounded(t *testing.T) {
	b := New[netip.Prefix](Limit)
	for i := range 2 * maxKeys {
		var a [4]byte
		binary.BigEndian.PutUint32(a[:], uint32(i))
		b.Try(Network(netip.AddrFrom4(a)), noon)
	}
	if len(b.known) > maxKeys {
		t.Errorf("%d are remembered", len(b.known))
	}
}
