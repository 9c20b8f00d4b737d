package jitter

import (
	"encoding/binary"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

const (
	ms    = time.Millisecond
	frame = 20 * ms
)

var epoch = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// event is one packet's arrival: its number in the stream, and when it comes.
type event struct {
	number int
	at     time.Duration
}

// played is what one pull gave: the packet's number, or its state.
type played struct {
	number int
	state  State
}

// run pushes the events and pulls every 20 ms, from a number and a timestamp near their wrap.
func run(b *Buffer, events []event, until time.Duration) []played {
	events = slices.Clone(events)
	slices.SortStableFunc(events, func(x, y event) int { return int(x.at - y.at) })
	var out []played
	for at := time.Duration(0); at < until; at += frame {
		for len(events) > 0 && events[0].at <= at {
			b.Push(packet(events[0].number), epoch.Add(events[0].at))
			events = events[1:]
		}
		payload, state := b.Pull(epoch.Add(at))
		p := played{-1, state}
		if state == Play {
			p.number = int(binary.BigEndian.Uint32(payload))
		}
		out = append(out, p)
	}
	return out
}

func packet(number int) Packet {
	payload := make([]byte, 160)
	binary.BigEndian.PutUint32(payload, uint32(number))
	return Packet{SSRC: 1, Sequence: uint16(65500 + number), Timestamp: 4294960000 + uint32(number)*160,
		Marker: number == 0, Payload: payload}
}

// steady is n packets, each after its time by what late tells; negative is lost.
func steady(n int, late func(i int) time.Duration) []event {
	var events []event
	for i := range n {
		if d := late(i); d >= 0 {
			events = append(events, event{i, time.Duration(i)*frame + d})
		}
	}
	return events
}

// inOrder fails when a packet is played twice or after a later one, and returns those played.
func inOrder(t *testing.T, out []played) []int {
	t.Helper()
	var numbers []int
	last := -1
	for _, p := range out {
		if p.state != Play {
			continue
		}
		if p.number <= last {
			t.Fatalf("packet %d after packet %d", p.number, last)
		}
		last = p.number
		numbers = append(numbers, last)
	}
	return numbers
}

func TestSteadyStreamPlaysWhole(t *testing.T) {
	b := New(8000, 20*ms, 200*ms)
	out := run(b, steady(200, func(int) time.Duration { return 5 * ms }), 205*frame)
	if got := inOrder(t, out); len(got) != 200 {
		t.Errorf("%d of 200 played", len(got))
	}
	if s := b.Stats(); s.Lost+s.Late+s.Dropped+s.Refused+s.Restarted != 0 || s.Delay > 45*ms {
		t.Errorf("%+v", s)
	}
	// Before the first is due there is nothing to play, and nothing to make up for either.
	if out[0].state != Wait || out[3].state != Play {
		t.Errorf("begins with %v", out[:4])
	}
}

func TestSingleLossIsConcealedOnce(t *testing.T) {
	b := New(8000, 20*ms, 200*ms)
	out := run(b, steady(300, func(i int) time.Duration {
		if i%50 == 30 {
			return -1
		}
		return 3 * ms
	}), 302*frame)
	if got := inOrder(t, out); len(got) != 294 {
		t.Errorf("%d of 294 played", len(got))
	}
	if s := b.Stats(); s.Concealed != 6 || s.Lost != 6 || s.Dropped != 0 {
		t.Errorf("six lost: %+v", s)
	}
}

// Loss in bursts, jitter and disorder by seeds: order holds, the delay stays within its bounds, and
// nearly all that came is played.
func TestRandomNetworks(t *testing.T) {
	for seed := range uint64(40) {
		r := rand.New(rand.NewPCG(seed, 1))
		jitter := time.Duration(r.IntN(150)+1) * ms
		loss := r.Float64() * 0.2
		lost := false
		const n = 3000
		events := steady(n, func(int) time.Duration {
			if lost = r.Float64() < loss || lost && r.Float64() < 0.4; lost {
				return -1
			}
			return time.Duration(r.Int64N(int64(jitter)))
		})
		came := len(events)
		for range 50 { // some come twice
			e := events[r.IntN(len(events))]
			events = append(events, event{e.number, e.at + time.Duration(r.Int64N(int64(jitter)))})
		}
		b := New(8000, 20*ms, 200*ms)
		got := inOrder(t, run(b, events, (n+20)*frame))
		s := b.Stats()
		if share := float64(len(got)) / float64(came); share < 0.95 {
			t.Errorf("seed %d, jitter %v, loss %.2f: %.3f of what came was played; %+v", seed, jitter, loss, share, s)
		}
		if s.Target < 20*ms || s.Target > 200*ms || s.Delay > 200*ms+2*frame {
			t.Errorf("seed %d: delay %v, target %v", seed, s.Delay, s.Target)
		}
		if s.Played+s.Dropped+s.Late+s.Duplicate+s.Refused != s.Received {
			t.Errorf("seed %d: the counts do not add up: %+v", seed, s)
		}
		if s.Duplicate+s.Late < 50 {
			t.Errorf("seed %d: 50 came twice: %+v", seed, s)
		}
	}
}

// The delay grows with the jitter and comes back when the network has calmed down.
func TestDelayAdapts(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	b := New(8000, 20*ms, 200*ms)
	var delays []time.Duration
	events := steady(3000, func(i int) time.Duration {
		if i >= 500 && i < 1000 {
			return time.Duration(r.IntN(100)) * ms
		}
		return time.Duration(r.IntN(3)) * ms
	})
	for at, i := time.Duration(0), 0; at < 3000*frame; at += frame {
		for ; i < len(events) && events[i].at <= at; i++ {
			b.Push(packet(events[i].number), epoch.Add(events[i].at))
		}
		dropped := b.Stats().Dropped
		_, state := b.Pull(epoch.Add(at))
		if left := state == Play && b.Stats().Dropped > dropped; left != b.Spliced() {
			t.Fatalf("at %v packets were left out: %v, said: %v", at, left, b.Spliced())
		}
		delays = append(delays, b.Stats().Delay)
	}
	if b.Stats().Dropped == 0 {
		t.Error("the delay shrank without a packet left out")
	}
	if delays[490] > 45*ms || delays[990] < 70*ms || delays[990] > 160*ms || delays[2900] > 45*ms {
		t.Errorf("delay %v calm, %v in jitter, %v calm again", delays[490], delays[990], delays[2900])
	}
}

func TestDisorderWithinTheDelayIsMended(t *testing.T) {
	b := New(8000, 60*ms, 200*ms)
	out := run(b, steady(100, func(i int) time.Duration {
		if i%10 == 5 {
			return 30 * ms // behind its successor
		}
		return 0
	}), 110*frame)
	if got := inOrder(t, out); len(got) != 100 {
		t.Errorf("%d of 100 played", len(got))
	}
	if s := b.Stats(); s.Reordered != 10 || s.Late != 0 {
		t.Errorf("%+v", s)
	}
}

// A pause of the talker costs nothing: no conceal, and the next talkspurt is whole.
func TestSilenceBetweenTalkspurts(t *testing.T) {
	b := New(8000, 20*ms, 200*ms)
	push := func(sequence, units int, marker bool, at time.Duration) {
		b.Push(Packet{SSRC: 1, Sequence: uint16(sequence), Timestamp: uint32(units), Marker: marker,
			Payload: []byte{byte(sequence)}}, epoch.Add(at))
	}
	states := make(map[State]int)
	for i := range 300 {
		at := time.Duration(i) * frame
		if i < 50 {
			push(i, i*160, i == 0, at)
		}
		if i >= 200 && i < 250 {
			push(i-150, i*160, i == 200, at)
		}
		_, state := b.Pull(epoch.Add(at))
		states[state]++
	}
	if states[Play] != 100 || b.Stats().Lost != 0 || b.Stats().Restarted != 0 {
		t.Errorf("%v %+v", states, b.Stats())
	}
	if states[Conceal] > 2*int(dry/frame) {
		t.Errorf("%d conceals at the ends of two talkspurts", states[Conceal])
	}
}

// After an outage that brings all at once, no more than the longest delay is kept.
func TestBurstAfterAStall(t *testing.T) {
	b := New(8000, 20*ms, 200*ms)
	out := run(b, steady(400, func(i int) time.Duration {
		if i >= 100 && i < 125 {
			return time.Duration(125-i) * frame
		}
		return 0
	}), 400*frame)
	inOrder(t, out)
	if s := b.Stats(); s.Delay > 100*ms || s.Played < 360 {
		t.Errorf("%+v", s)
	}
}

// A longer way, all at once and for good, is not answered by dropping everything.
func TestLongerWay(t *testing.T) {
	b := New(8000, 20*ms, 200*ms)
	out := run(b, steady(500, func(i int) time.Duration {
		if i >= 100 {
			return 400 * ms
		}
		return 0
	}), 500*frame)
	got := inOrder(t, out)
	if s := b.Stats(); len(got) < 430 || s.Delay > 250*ms {
		t.Errorf("%d played: %+v", len(got), s)
	}
}

func TestSlowAndFastClocks(t *testing.T) {
	for _, ppm := range []int{-200, 200} {
		b := New(8000, 20*ms, 200*ms)
		n := 10000
		events := make([]event, n)
		for i := range events {
			at := time.Duration(i) * frame
			events[i] = event{i, at + at*time.Duration(ppm)/1_000_000}
		}
		got := inOrder(t, run(b, events, time.Duration(n)*frame))
		if s := b.Stats(); len(got) < n-20 || s.Delay > 80*ms || s.Restarted > 0 {
			t.Errorf("%d ppm: %d of %d played, %+v", ppm, len(got), n, s)
		}
	}
}

func TestStreamBeginsAnew(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(p *Packet)
		lost   int
	}{
		{"SSRC", func(p *Packet) { p.SSRC = 2; p.Sequence += 5000; p.Timestamp += 99999 }, 0},
		{"SSRC alone", func(p *Packet) { p.SSRC = 2 }, 0},
		{"timestamps", func(p *Packet) { p.Timestamp += 1 << 30 }, 0},
		{"timestamps back", func(p *Packet) { p.Timestamp -= 1 << 30 }, 0},
		{"sequence", func(p *Packet) { p.Sequence += 30000 }, 1},
	} {
		b := New(8000, 20*ms, 200*ms)
		n := 0
		for i := range 200 {
			p := packet(i)
			if i >= 100 {
				c.change(&p)
			}
			at := epoch.Add(time.Duration(i) * frame)
			b.Push(p, at)
			if _, state := b.Pull(at); state == Play {
				n++
			}
		}
		if s := b.Stats(); s.Restarted != 1 || n < 195-c.lost || s.Refused != uint64(c.lost) {
			t.Errorf("%s: %d played, %+v", c.name, n, s)
		}
	}
}

// A single packet with a wild number, as an attacker might send, changes nothing.
func TestStrayPacketIsRefused(t *testing.T) {
	b := New(8000, 20*ms, 200*ms)
	n := 0
	for i := range 100 {
		at := epoch.Add(time.Duration(i) * frame)
		b.Push(packet(i), at)
		if i%10 == 5 {
			p := packet(i)
			p.Sequence += uint16(10000 + i*37)
			b.Push(p, at)
		}
		if _, state := b.Pull(at); state == Play {
			n++
		}
	}
	if s := b.Stats(); n < 98 || s.Refused != 10 || s.Restarted != 0 {
		t.Errorf("%d played, %+v", n, s)
	}
}

func TestPayloadLimits(t *testing.T) {
	b := New(8000, 20*ms, 200*ms)
	for _, n := range []int{0, MaxPayload + 1} {
		if p := packet(1); b.Push(Packet{SSRC: 1, Sequence: p.Sequence, Payload: make([]byte, n)}, epoch) {
			t.Errorf("a payload of %d bytes was taken", n)
		}
	}
	if _, state := b.Pull(epoch); state != Wait || b.Stats().Refused != 2 {
		t.Errorf("%v %+v", state, b.Stats())
	}
}

func TestPacketLengthIsLearnt(t *testing.T) {
	for _, length := range []time.Duration{10 * ms, 30 * ms, 60 * ms} {
		b := New(16000, 20*ms, 200*ms)
		n := 0
		for i := range 100 {
			at := epoch.Add(time.Duration(i) * length)
			b.Push(Packet{SSRC: 1, Sequence: uint16(i), Timestamp: uint32(i) * uint32(length/ms) * 16,
				Payload: []byte{1}}, at)
			if _, state := b.Pull(at); state == Play {
				n++
			}
		}
		if b.Length() != length || n < 90 {
			t.Errorf("%v: learnt %v, %d played", length, b.Length(), n)
		}
	}
}

// A flood without pulls, as when nobody listens, keeps the newest.
func TestFloodKeepsTheNewest(t *testing.T) {
	b := New(8000, 20*ms, 200*ms)
	for i := range 1000 {
		b.Push(packet(i), epoch.Add(time.Duration(i)*frame))
	}
	payload, state := b.Pull(epoch.Add(1001 * frame))
	if state != Play {
		t.Fatal(state)
	}
	if n := binary.BigEndian.Uint32(payload); n < 1000-slots || b.Stats().Restarted != 0 {
		t.Errorf("packet %d, %+v", n, b.Stats())
	}
}

func TestNoAllocations(t *testing.T) {
	b, i := New(8000, 20*ms, 200*ms), 0
	p := packet(0)
	step := func() {
		at := epoch.Add(time.Duration(i) * frame)
		p.Sequence++
		p.Timestamp += 160
		b.Push(p, at)
		b.Pull(at)
		i++
	}
	for range slots {
		step()
	}
	if n := testing.AllocsPerRun(1000, step); n != 0 {
		t.Errorf("%v allocations per packet", n)
	}
}

func FuzzBuffer(f *testing.F) {
	f.Add([]byte{0, 1, 160, 20, 0, 2, 160, 20, 0, 5, 160, 20, 1, 200, 9, 255})
	f.Fuzz(func(t *testing.T, script []byte) {
		b, p, at := New(8000, 20*ms, 200*ms), packet(1), epoch
		for ; len(script) >= 4; script = script[4:] {
			p.SSRC = uint32(script[0] & 1)
			p.Marker = script[0]&2 != 0
			p.Sequence += uint16(int8(script[1])) * uint16(1+script[0]>>5)
			p.Timestamp += uint32(int8(script[2])) * uint32(1+script[0])
			b.Push(p, at)
			at = at.Add(time.Duration(script[3]) * ms)
			if payload, state := b.Pull(at); (state == Play) != (len(payload) > 0) {
				t.Fatalf("%v with %d bytes", state, len(payload))
			}
		}
		if s := b.Stats(); s.Target < 20*ms || s.Target > 200*ms || s.Played > s.Received {
			t.Fatalf("%+v", s)
		}
	})
}

// A buffer has room for the packets that wait at a time, whatever has gone through it.
func TestRoomIsForWhatWaits(t *testing.T) {
	buffer, p, at := New(8000, 20*ms, 200*ms), packet(0), epoch
	through := func() {
		p.Sequence++
		p.Timestamp += 160
		at = at.Add(frame)
		buffer.Push(p, at)
	}
	rooms := func() (n int) {
		for _, s := range buffer.ring {
			if s.payload != nil {
				n++
			}
		}
		return n + len(buffer.room)
	}
	for range 5 * slots {
		through()
		buffer.Pull(at)
	}
	if n := rooms(); n > 4 {
		t.Errorf("room for %d packets, where one or two wait", n)
	}
	for range 5 * slots {
		through() // and nobody pulls
	}
	if n := rooms(); n > slots {
		t.Errorf("room for %d packets", n)
	}
}

func BenchmarkPushPull(b *testing.B) {
	buffer, p, at := New(8000, 20*ms, 200*ms), packet(0), epoch
	b.ReportAllocs()
	for b.Loop() {
		p.Sequence++
		p.Timestamp += 160
		at = at.Add(frame)
		buffer.Push(p, at)
		buffer.Pull(at)
	}
}

// BenchmarkMany is the same with so many streams that each finds the processor's caches taken by the others.
func BenchmarkMany(b *testing.B) {
	buffers, p, at := make([]*Buffer, 1000), packet(0), epoch
	for i := range buffers {
		buffers[i] = New(8000, 20*ms, 200*ms)
	}
	b.ReportAllocs()
	for n := 0; b.Loop(); n++ {
		if n%len(buffers) == 0 {
			p.Sequence++
			p.Timestamp += 160
			at = at.Add(frame)
		}
		buffers[n%len(buffers)].Push(p, at)
		buffers[n%len(buffers)].Pull(at)
	}
}
