package rtp

import (
	"errors"
	"testing"
	"time"
)

func TestPorts(t *testing.T) {
	now := time.Unix(1000, 0)
	p, err := NewPorts(1001, 1008, 5*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[int]bool{}
	for range 3 { // 1002, 1004, 1006; 1008 has no port above it within the range
		port, err := p.Take(false, now)
		if err != nil || port%2 != 0 || port < 1002 || port > 1006 || seen[port] {
			t.Fatalf("took %d, %v", port, err)
		}
		seen[port] = true
	}
	if _, err := p.Take(false, now); !errors.Is(err, ErrNoPorts) {
		t.Fatalf("a fourth of three: %v", err)
	}
	p.Give(1004, now)
	if _, err := p.Take(false, now.Add(4999*time.Millisecond)); !errors.Is(err, ErrNoPorts) {
		t.Errorf("a port in quarantine was handed out: %v", err)
	}
	if free, used, resting := p.Count(now); free != 0 || used != 2 || resting != 1 {
		t.Errorf("%d free, %d used, %d resting", free, used, resting)
	}
	if port, err := p.Take(false, now.Add(5*time.Second)); err != nil || port != 1004 {
		t.Errorf("after the quarantine: %d, %v", port, err)
	}
}

// Of many pairs some are kept for calls for help.
func TestPortsForHelp(t *testing.T) {
	now := time.Unix(1000, 0)
	p, err := NewPorts(2000, 2067, time.Second) // 34 pairs
	if err != nil {
		t.Fatal(err)
	}
	const kept = 34 / keptPart
	for i := range 34 - kept {
		if _, err := p.Take(false, now); err != nil {
			t.Fatalf("pair %d: %v", i, err)
		}
	}
	if _, err := p.Take(false, now); !errors.Is(err, ErrNoPorts) {
		t.Errorf("one of those that are kept was taken: %v", err)
	}
	if free, _, _ := p.Count(now); free != 0 {
		t.Errorf("%d are free for any call", free)
	}
	for range kept {
		if _, err := p.Take(true, now); err != nil {
			t.Errorf("a call for help: %v", err)
		}
	}
	if _, err := p.Take(true, now); !errors.Is(err, ErrNoPorts) {
		t.Errorf("one more than there are: %v", err)
	}
}

func TestPortRange(t *testing.T) {
	for _, r := range [][2]int{{0, 10}, {10, 9}, {65530, 65536}, {11, 12}, {10, 10}} {
		if _, err := NewPorts(r[0], r[1], 0); err == nil {
			t.Errorf("range %v was accepted", r)
		}
	}
}
