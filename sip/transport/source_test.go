package transport

import (
	"net/netip"
	"testing"
	"time"

	"tandem/test/lab"
)

func TestSourceRate(t *testing.T) {
	s := newSources()
	s.limit(100)
	a, b := netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("192.0.2.2")
	now := s.begun.Add(time.Hour)
	spend := func(addr netip.Addr, times int) (passed int) {
		for range times {
			if s.take(addr, now) == 0 {
				passed++
			}
		}
		return passed
	}
	if got := spend(a, 500); got != 101 {
		t.Errorf("%d passed at once, want one second's worth (and the one that empties the bucket)", got)
	}
	if wait := s.take(a, now); wait <= 0 || wait > 10*time.Millisecond {
		t.Errorf("the next token comes after %v", wait)
	}
	if got := spend(b, 10); got != 10 {
		t.Errorf("another source had to wait: %d of 10", got)
	}
	now = now.Add(100 * time.Millisecond)
	if got := spend(a, 500); got != 10 {
		t.Errorf("%d passed after 100 ms, want 10", got)
	}
}

func TestSourceTableIsBounded(t *testing.T) {
	s := newSources()
	s.limit(10)
	busy := netip.MustParseAddr("198.51.100.7")
	now := s.begun.Add(time.Hour)
	for range 20 {
		s.take(busy, now)
	}
	var b [4]byte
	allocs := testing.AllocsPerRun(1, func() {
		for i := range 50_000 {
			b = [4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)}
			s.take(netip.AddrFrom4(b), now)
		}
	})
	if allocs != 0 {
		t.Errorf("%v allocations for 50000 sources", allocs)
	}
	if s.take(busy, now) == 0 {
		t.Error("a flood of single packets made the table forget a busy source")
	}
}

func TestSourceIPv6Network(t *testing.T) {
	s := newSources()
	s.limit(1)
	now := s.begun.Add(time.Hour)
	passed := 0
	for i := range 10 {
		a := netip.MustParseAddr("2001:db8::").As16()
		a[15] = byte(i)
		if s.take(netip.AddrFrom16(a), now) == 0 {
			passed++
		}
	}
	if passed != 2 {
		t.Errorf("%d addresses of one /64 passed, want 2", passed)
	}
}

func TestSourceOutlivesAClockSetBack(t *testing.T) {
	s := newSources()
	s.limit(10)
	phone := netip.MustParseAddr("192.0.2.1")
	now := time.Now()
	s.take(phone, now)
	if wait := s.take(phone, lab.Turned(t, now.Add(time.Second), -time.Hour)); wait != 0 {
		t.Errorf("a phone that said one thing a second ago must be silent for %v", wait)
	}
}
