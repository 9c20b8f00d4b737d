package rtp

import (
	"net/netip"
	"testing"
	"time"
)

// TestPools takes the ports of the address that has the most, and counts those of all.
func TestPools(t *testing.T) {
	first, second := netip.MustParseAddr("127.0.0.1"), netip.MustParseAddr("127.0.0.2")
	p, err := NewPools(1000, 1003, time.Second, first)
	if err != nil {
		t.Fatal(err)
	}
	now, both := time.Now(), []netip.Addr{first, second}
	for i, want := range []netip.Addr{first, second, first, second} {
		at := p.Roomiest(now, false, both)
		if at != want {
			t.Errorf("pair %d is taken of %v, not of %v", i, at, want)
		}
		if _, err := p.At(at).Take(false, now); err != nil {
			t.Errorf("pair %d: %v", i, err)
		}
	}
	p.At(second).Give(1000, now)
	if free, used, resting := p.Count(now); free != 0 || used != 3 || resting != 1 {
		t.Errorf("%d are free, %d in use, %d rest", free, used, resting)
	}
	if at := p.Roomiest(now.Add(time.Second), false, both); at != second {
		t.Errorf("%v has most free ports", at)
	}
	if at := p.Roomiest(now, false, nil); at.IsValid() {
		t.Errorf("of no address the roomiest is %v", at)
	}
	if p.At(netip.MustParseAddr("::ffff:127.0.0.1")) != p.At(first) {
		t.Error("an address has two pools by the form it is written in")
	}
	if _, err := NewPools(0, 10, 0); err == nil {
		t.Error("a range from 0 is taken")
	}
}

// TestRoomForHelp: when the other pairs are gone, calls for help use those kept of all addresses in turn.
func TestRoomForHelp(t *testing.T) {
	first, second := netip.MustParseAddr("127.0.0.1"), netip.MustParseAddr("127.0.0.2")
	p, err := NewPools(1000, 1063, time.Second) // of 32 pairs two are kept
	if err != nil {
		t.Fatal(err)
	}
	now, both := time.Now(), []netip.Addr{first, second}
	for _, at := range both {
		for err == nil {
			_, err = p.At(at).Take(false, now)
		}
		err = nil
	}
	for i, want := range []netip.Addr{first, second, first, second} {
		at := p.Roomiest(now, true, both)
		if at != want {
			t.Errorf("call %d for help is at %v, not at %v", i, at, want)
		}
		if _, err := p.At(at).Take(true, now); err != nil {
			t.Errorf("call %d for help: %v", i, err)
		}
	}
}
