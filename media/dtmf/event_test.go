package dtmf

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

const interval = 20 * time.Millisecond

// sent is all packets of some presses.
func sent(t testing.TB, clock int, presses ...Press) []Packet {
	t.Helper()
	s := NewSender(clock, interval)
	for _, p := range presses {
		if err := s.Press(p); err != nil {
			t.Fatal(err)
		}
	}
	var packets []Packet
	for now := uint32(1000); s.Busy(); now += uint32(clock / 50) {
		if p, ok := s.Next(now); ok {
			packets = append(packets, p)
		}
	}
	return packets
}

// received runs packets through a fresh receiver, 20 ms apart, and waits for what is open.
func received(clock int, packets []Packet) []Press {
	r, now := NewReceiver(clock), time.Time{}
	var got []Press
	for _, p := range packets {
		got = r.Receive(got, now, p.Timestamp, p.Payload[:])
		now = now.Add(interval)
		got = r.Poll(got, now)
	}
	return r.Poll(got, now.Add(time.Minute))
}

func TestSenderFollowsTheRules(t *testing.T) {
	packets := sent(t, 8000, Press{'#', 100 * time.Millisecond})
	if len(packets) != 7 {
		t.Fatalf("%d packets, want 4 of growing length and 3 ends", len(packets))
	}
	for i, p := range packets {
		end, duration := i >= 4, min((i+1)*160, 800)
		want := Packet{Timestamp: 1000, Marker: i == 0,
			Payload: [4]byte{11, volume, byte(duration >> 8), byte(duration)}}
		if end {
			want.Payload[1] |= endBit
		}
		if p != want {
			t.Errorf("packet %d: %+v, want %+v", i, p, want)
		}
	}
}

func TestSenderLimits(t *testing.T) {
	s := NewSender(8000, interval)
	if err := s.Press(Press{'x', 0}); err == nil {
		t.Error("x was accepted")
	}
	for range maxWaiting {
		if err := s.Press(Press{'1', 0}); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Press(Press{'1', 0}); err == nil {
		t.Errorf("more than %d keys wait", maxWaiting)
	}
	got := received(8000, sent(t, 8000, Press{'1', 0}, Press{'d', time.Hour}))
	if want := []Press{{'1', minSent}, {'D', MaxPress}}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

func TestSenderLeavesAGapBetweenKeys(t *testing.T) {
	s := NewSender(8000, interval)
	for range 2 {
		if err := s.Press(Press{'1', minSent}); err != nil {
			t.Fatal(err)
		}
	}
	gap := 0
	for now, events := uint32(0), 0; s.Busy(); now += 160 {
		p, ok := s.Next(now)
		if ok && p.Marker {
			events++
		}
		if !ok && events == 1 {
			gap++
		}
	}
	if got := time.Duration(gap) * interval; got < minGap {
		t.Errorf("a gap of %v", got)
	}
}

func TestEventsArriveAtEveryClock(t *testing.T) {
	presses := []Press{{'1', 100 * time.Millisecond}, {'1', 60 * time.Millisecond}, {'*', 3 * time.Second}}
	for _, clock := range []int{8000, 16000, 48000} { // at 48 kHz, 3 s take three segments
		if got := received(clock, sent(t, clock, presses...)); !slices.Equal(got, presses) {
			t.Errorf("%d Hz: %v", clock, got)
		}
	}
}

// Whatever is lost, each press comes out once as long as one of its packets comes.
func TestEventsSurviveLoss(t *testing.T) {
	packets := sent(t, 8000, Press{'1', 100 * time.Millisecond}, Press{'2', 100 * time.Millisecond})
	for mask := range 1 << len(packets) {
		var some []Packet
		want := ""
		for i, p := range packets {
			if mask>>i&1 == 1 {
				some = append(some, p)
				if key := string(events[p.Payload[0]]); want == "" || want[len(want)-1] != key[0] {
					want += key
				}
			}
		}
		if got := keys(received(8000, some)); got != want {
			t.Fatalf("mask %014b: %q, want %q", mask, got, want)
		}
	}
}

func TestEventsSurviveDisorderAndDoubling(t *testing.T) {
	packets := sent(t, 8000, Press{'1', 200 * time.Millisecond}, Press{'1', 200 * time.Millisecond})
	r := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		var some []Packet
		for _, p := range packets {
			some = append(some, p)
			if r.IntN(3) == 0 {
				some = append(some, p)
			}
		}
		for i := 1; i < len(some); i++ {
			if r.IntN(3) == 0 {
				some[i-1], some[i] = some[i], some[i-1]
			}
		}
		if got := keys(received(8000, some)); got != "11" {
			t.Fatalf("%q", got)
		}
	}
}

func TestEndlessEventIsReportedOnce(t *testing.T) {
	r, now := NewReceiver(8000), time.Time{}
	var got []Press
	start, duration := uint32(7), 0
	for range 60 * 50 {
		duration += 160
		payload := []byte{5, 10, byte(min(duration, 0xFFFF) >> 8), byte(min(duration, 0xFFFF))}
		got = r.Receive(got, now, start, payload)
		now = now.Add(interval)
		if duration >= 0xFFFF {
			start, duration = start+0xFFFF, 0
		}
	}
	if r.Held() != '5' {
		t.Errorf("held: %q", r.Held())
	}
	got = r.Poll(got, now.Add(lostEnd))
	if want := []Press{{'5', MaxPress}}; !slices.Equal(got, want) || r.Held() != 0 {
		t.Errorf("%v, held %q", got, r.Held())
	}
}

func TestReceiverIgnoresWhatIsNoKey(t *testing.T) {
	r := NewReceiver(8000)
	for _, payload := range [][]byte{nil, {5}, {5, 10, 0}, {16, 10, 0, 160}, {255, 0x8A, 1, 1}} {
		if got := r.Receive(nil, time.Time{}, 1, payload); len(got) > 0 || r.Held() != 0 {
			t.Errorf("% x: %v", payload, got)
		}
	}
}

// A stream that begins anew, with timestamps far behind, is heard at once.
func TestReceiverFollowsARestart(t *testing.T) {
	r := NewReceiver(8000)
	end := []byte{5, 0x8A, 0, 160}
	if got := r.Receive(nil, time.Time{}, 3_000_000, end); len(got) != 1 {
		t.Errorf("first: %v", got)
	}
	if got := r.Receive(nil, time.Time{}, 160, end); len(got) != 1 {
		t.Errorf("far behind: %v", got)
	}
	if got := r.Reset(nil); len(got) != 0 {
		t.Errorf("reset with nothing held: %v", got)
	}
	if got := r.Receive(nil, time.Time{}, 160, end); len(got) != 1 {
		t.Errorf("after a reset: %v", got)
	}
}

func TestEventsDoNotAllocate(t *testing.T) {
	s, r := NewSender(8000, interval), NewReceiver(8000)
	got, now := make([]Press, 0, 4), uint32(0)
	if n := testing.AllocsPerRun(200, func() {
		if !s.Busy() {
			if err := s.Press(Press{'1', 100 * time.Millisecond}); err != nil {
				panic(err)
			}
		}
		now += 160
		if p, ok := s.Next(now); ok {
			got = r.Receive(got[:0], time.Time{}, p.Timestamp, p.Payload[:])
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func FuzzReceiver(f *testing.F) {
	f.Add([]byte{1, 10, 0, 160, 0, 0, 1, 0x8A, 1, 64, 0, 0})
	f.Add([]byte{5, 10, 255, 255, 0, 0, 5, 10, 0, 160, 255, 255})
	f.Fuzz(func(t *testing.T, script []byte) {
		r, now := NewReceiver(8000), time.Time{}
		var got []Press
		for packets := 1; len(script) >= 6; packets++ {
			timestamp := uint32(script[4])<<24 | uint32(script[5])
			got = r.Receive(got, now, timestamp, script[:4])
			script = script[6:]
			now = now.Add(interval)
			got = r.Poll(got, now)
			if len(got) > packets {
				t.Fatalf("%d presses of %d packets", len(got), packets)
			}
		}
		got = r.Poll(got, now.Add(time.Hour))
		for _, p := range got {
			if !Valid(p.Key) || p.Duration < 0 || p.Duration > MaxPress {
				t.Fatalf("%+v", p)
			}
		}
		if r.Held() != 0 {
			t.Fatal("a key is held for ever")
		}
	})
}

func BenchmarkReceiver(b *testing.B) {
	r, payload, got := NewReceiver(8000), []byte{1, 10, 0, 160}, make([]Press, 0, 4)
	b.ReportAllocs()
	for b.Loop() {
		got = r.Receive(got[:0], time.Time{}, 160, payload)
	}
}
