package media

import (
	"net/netip"
	"testing"
	"time"

	"tandem/media/codec"
	"tandem/media/rtp"
	"tandem/media/sdp"
	"tandem/media/tone"
)

// join opens a stream for each phone and bridges them.
func join(t testing.TB, e *Engine, a, b *phone) (sa, sb *Stream) {
	t.Helper()
	// Different calls: the two may live on different shards.
	sa, sb = a.call(e, Options{Call: "a"}), b.call(e, Options{Call: "b"})
	if err := Bridge(sa, sb); err != nil {
		t.Fatal(err)
	}
	return sa, sb
}

func TestTranscode(t *testing.T) {
	for _, pair := range [][2]string{{"PCMU", "PCMA"}, {"PCMU", "G722"}, {"G722", "PCMA"}} {
		t.Run(pair[0]+"-"+pair[1], func(t *testing.T) {
			t.Parallel()
			e := newTestEngine(t, testConf())
			a, b := newPhone(t, pair[0]), newPhone(t, pair[1])
			join(t, e, a, b)
			a.talk(600)
			b.talk(1100)
			a.hearAt(1100, -10)
			b.hearAt(600, -10)
			if n := e.Snapshot().Relayed; n != 0 {
				t.Errorf("%d packets were relayed", n)
			}
		})
	}
}

// hearAt waits for the tone at a level. Where the machine holds a phone up, audio is made up and
// softer, so it is tried for a while.
func (p *phone) hearAt(hz, level float64) {
	p.t.Helper()
	var got float64
	for range 10 {
		if got = p.hear(hz, 200*time.Millisecond); got > level-1 && got < level+1 {
			return
		}
	}
	p.t.Errorf("phone %v hears %g Hz at %.2f dBm0, want %g", p.addr(), hz, got, level)
}

// Packets of different length are no relay.
func TestBridgeOfPacketTimes(t *testing.T) {
	t.Parallel()
	a, b := newPhone(t, "PCMU"), newPhone(t, "PCMU")
	b.params.Ptime = 40 * time.Millisecond
	join(t, newTestEngine(t, testConf()), a, b)
	a.talk(600)
	b.hear(600, 300*time.Millisecond)
	if n := len(b.next().Payload); n != 320 {
		t.Errorf("a packet of 40 ms has %d octets", n)
	}
}

// A bridge is relay or not as the codecs of the day demand.
func TestBridgeFollowsApply(t *testing.T) {
	t.Parallel()
	e := newTestEngine(t, testConf())
	a, b := newPhone(t, "PCMU"), newPhone(t, "PCMU")
	_, sb := join(t, e, a, b)
	a.talk(600)
	b.hear(600, 200*time.Millisecond)
	pcmu := b.params
	b.params.Codec, b.params.Payload, b.params.RecvPayload = codecOf(t, "PCMA"), 8, 8
	b.decode = b.params.Codec.NewDecoder()
	if err := sb.Apply(b.params); err != nil {
		t.Fatal(err)
	}
	relayed := e.Snapshot().Relayed
	b.hear(600, 200*time.Millisecond)
	if n := e.Snapshot().Relayed; n > relayed+1 { // one may have been under way
		t.Errorf("%d packets relayed between codecs", n-relayed)
	}
	b.params, b.decode = pcmu, pcmu.Codec.NewDecoder()
	if err := sb.Apply(pcmu); err != nil {
		t.Fatal(err)
	}
	b.hear(600, 200*time.Millisecond)
	if n := e.Snapshot().Relayed; n < relayed+5 {
		t.Errorf("%d packets relayed since the codecs agree again", n-relayed)
	}
}

// A peer may send any codec that its answer named, and change between them without a word (RFC 3264
// section 5.1). Both sides go on hearing each other; it gets what it sends.
func TestPeerChangesCodec(t *testing.T) {
	t.Parallel()
	e := newTestEngine(t, testConf())
	a, b := newPhone(t, "PCMU"), newPhone(t, "PCMU")
	a.params.Hears = []sdp.Format{{Codec: codecOf(t, "PCMU"), Payload: 0}, {Codec: codecOf(t, "PCMA"), Payload: 8}}
	a.params.Formats = a.params.Hears
	sa, _ := join(t, e, a, b)
	a.talk(600)
	b.talk(900)
	b.hear(600, 200*time.Millisecond)
	a.mu.Lock()
	a.encode, a.header.PayloadType = codecOf(t, "PCMA").NewEncoder(), 8
	a.mu.Unlock()
	eventually(t, "the stream has followed", func() bool { return sa.Stats().Codec == "PCMA" })
	b.hear(600, 200*time.Millisecond)
	a.params.Payload, a.decode = 8, codecOf(t, "PCMA").NewDecoder()
	a.hear(900, 200*time.Millisecond)
}

// One who changes with each packet, or to what was not agreed, costs next to nothing.
func TestPeerChangesCodecAllTheTime(t *testing.T) {
	now := time.Now()
	r := newReceiver(false, netip.Addr{}, now)
	p := testPlan(t, "PCMU")
	params := p.Params
	params.Hears = []sdp.Format{{Codec: codecOf(t, "PCMU")}, {Codec: codecOf(t, "PCMA"), Payload: 8}}
	p, err := newPlan(params)
	if err != nil {
		t.Fatal(err)
	}
	r.apply(p, now)
	var seen [nothing + 1]int
	for i := range 300 {
		datagram := make([]byte, 172)
		rtp.PutHeader(datagram, rtp.Header{Payload: uint8(i % 3 * 8), Sequence: uint16(i)})
		seen[r.admit(datagram, p.Remote, now).kind]++
	}
	if seen[changed] != maxChanges || seen[audio] != 100 || seen[refused] != 100 {
		t.Errorf("%d of another codec, %d of the one in use, %d refused", seen[changed], seen[audio], seen[refused])
	}
	if next := p.following(8); next == nil || next.Codec.Name != "PCMA" || next.Payload != 8 || p.following(9) != nil {
		t.Errorf("it follows to %+v", next)
	}
}

// A shard that was held up reads the frames of that time at once. Each is taken out of the play-out
// buffer as of its own time: none is left out or made up.
func TestTranscodingAfterStall(t *testing.T) {
	e := newTestEngine(t, testConf())
	a, b := newPhone(t, "PCMU"), newPhone(t, "PCMA")
	sa, sb := a.manual(e, Options{ID: "a"}), b.manual(e, Options{ID: "b"})
	if err := Bridge(sa, sb); err != nil {
		t.Fatal(err)
	}
	start, datagram := time.Now().Add(-time.Hour), make([]byte, 172)
	feed, made := sb.feed.Load(), sb.plan.Load()
	read := 0
	for i := range 200 {
		rtp.PutHeader(datagram, rtp.Header{Sequence: uint16(i), Timestamp: uint32(160 * i)})
		p, _ := rtp.Parse(datagram)
		sa.ear.put(p, datagram, sa.plan.Load(), start.Add(time.Duration(i)*codec.Frame))
		if i%5 != 4 {
			continue
		}
		for ; read <= i; read++ {
			feed.next(start.Add(time.Duration(read)*codec.Frame), made)
		}
	}
	sa.ear.mu.Lock()
	defer sa.ear.mu.Unlock()
	if s := sa.ear.buffer.Stats(); s.Played < 197 || s.Dropped != 0 || s.Concealed != 0 {
		t.Errorf("after many stalls: %+v", s)
	}
}

// An exchange that changes nothing, and a bridge that is there already, are not to be heard: what
// resamples goes on with what it remembers, and nobody else takes its frames.
func TestTranscodingGoesOn(t *testing.T) {
	e := newTestEngine(t, testConf())
	a, b := newPhone(t, "PCMU"), newPhone(t, "G722")
	sa, sb := join(t, e, a, b)
	before := sb.feed.Load()
	if err := sa.Apply(a.params); err != nil {
		t.Fatal(err)
	}
	if err := sb.Apply(b.params); err != nil {
		t.Fatal(err)
	}
	if sb.feed.Load() != before {
		t.Error("an exchange that changes nothing began the audio anew")
	}
	if err := Bridge(sb, sa); err != nil {
		t.Fatal(err)
	}
	for _, s := range []*Stream{sa, sb} {
		s.ear.mu.Lock()
		if !s.ear.pulled || s.ear.buffer == nil {
			t.Errorf("%s is pulled by %v", s.ID(), s.ear.pulled)
		}
		s.ear.mu.Unlock()
	}
}

func TestBridgeBeforeApply(t *testing.T) {
	t.Parallel()
	e := newTestEngine(t, testConf())
	a, b := newPhone(t, "PCMU"), newPhone(t, "PCMU")
	sa := a.call(e, Options{})
	sb, err := e.Open(Options{ID: "b"})
	if err != nil {
		t.Fatal(err)
	}
	if err := Bridge(sa, sb); err != nil {
		t.Fatal(err)
	}
	a.next() // silence meanwhile
	if err := sb.Apply(b.params); err != nil {
		t.Fatal(err)
	}
	a.talk(600)
	b.hear(600, 200*time.Millisecond)
}

func TestBridgeRefuses(t *testing.T) {
	e := newTestEngine(t, testConf())
	p := newPhone(t, "PCMU")
	s, other := p.call(e, Options{ID: "a"}), p.call(e, Options{ID: "b"})
	if Bridge(s, s) == nil {
		t.Error("bridged with itself")
	}
	if Bridge(s, p.call(newTestEngine(t, testConf()), Options{})) == nil {
		t.Error("bridged over two engines")
	}
	other.Close()
	if Bridge(s, other) == nil {
		t.Error("bridged with a closed stream")
	}
}

func TestUnbridge(t *testing.T) {
	for _, codecs := range [][2]string{{"PCMU", "PCMU"}, {"PCMU", "PCMA"}} {
		a, b := newPhone(t, codecs[0]), newPhone(t, codecs[1])
		sa, sb := join(t, newTestEngine(t, testConf()), a, b)
		a.talk(600)
		b.hear(600, 100*time.Millisecond)
		sb.Unbridge()
		b.quiet(100 * time.Millisecond)
		sa.Play(tone.Sine(8000, 900, -10))
		a.hear(900, 100*time.Millisecond)
		b.quiet(60 * time.Millisecond)
	}
}

// quiet waits until there was silence, in packets, for so long.
func (p *phone) quiet(long time.Duration) {
	p.t.Helper()
	run := time.Duration(0)
	for deadline := time.Now().Add(patience); run < long; {
		if run += codec.Frame; above(p.audio(), inaudible) {
			run = 0
		}
		if time.Now().After(deadline) {
			p.t.Fatalf("phone %v: no silence came", p.addr())
		}
	}
}

// still waits until no packets come any more.
func (p *phone) still() {
	p.t.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); {
		if _, came := p.tryNext(time.Now().Add(10 * codec.Frame)); !came {
			return
		}
	}
	p.t.Errorf("phone %v: packets do not end", p.addr())
}

// Hold: the held side gets nothing and is not heard, in each of the directions.
func TestDirections(t *testing.T) {
	t.Parallel()
	e := newTestEngine(t, testConf())
	a, b := newPhone(t, "PCMU"), newPhone(t, "PCMU")
	sa, _ := join(t, e, a, b)
	a.talk(600)
	b.talk(900)
	for _, c := range []struct {
		direction    sdp.Direction
		sends, hears bool // of our side
	}{
		{sdp.Inactive, false, false}, {sdp.SendRecv, true, true},
		{sdp.SendOnly, true, false}, {sdp.RecvOnly, false, true}, {sdp.SendRecv, true, true},
	} {
		a.params.Direction = c.direction
		if err := sa.Apply(a.params); err != nil {
			t.Fatal(err)
		}
		for phone, should := range map[*phone]bool{a: c.sends, b: c.hears} {
			if !should {
				phone.still()
				continue
			}
			for range 20 { // more than was under way
				phone.next()
			}
		}
	}
	a.hear(900, 100*time.Millisecond)
	b.hear(600, 100*time.Millisecond)
}

// The far side sees loss and reordering as they were; another source is joined without a seam.
func TestRelayNumbers(t *testing.T) {
	t.Parallel()
	a, b := newPhone(t, "PCMU"), newPhone(t, "PCMU")
	sa, _ := join(t, newTestEngine(t, testConf()), a, b)
	var packets [][]byte
	for range 6 {
		packets = append(packets, a.packet([]byte{1, 2, 3, 4}))
	}
	var got []int
	var first uint16
	for i, n := range []int{0, 1, 3, 2, 5} {
		a.write(packets[n])
		p := b.next()
		for len(p.Payload) != 4 {
			p = b.next()
		}
		if i == 0 {
			first = p.SequenceNumber
		}
		got = append(got, int(p.SequenceNumber-first))
	}
	for i, want := range []int{0, 1, 3, 2, 5} {
		if got[i] != want {
			t.Fatalf("relayed in the order %v", got)
		}
	}
	a.header.SSRC, a.header.SequenceNumber, a.header.Timestamp = 77, 4000, 5
	a.send([]byte{1, 2, 3, 4})
	if p := b.next(); p.SequenceNumber != first+6 || !p.Marker {
		t.Errorf("another source begins %d after the first, marker %v", p.SequenceNumber-first, p.Marker)
	}
	eventually(t, "all are counted", func() bool { return sa.Stats().Received == 6 })
	if lost := sa.Stats().Lost; lost != 1 {
		t.Errorf("%d lost, want 1", lost)
	}
}

func TestDelayedEcho(t *testing.T) {
	t.Parallel()
	p := newPhone(t, "PCMU")
	p.call(newTestEngine(t, testConf()), Options{}).Echo(500 * time.Millisecond)
	p.quiet(100 * time.Millisecond)
	began := time.Now()
	stop := p.talk(700)
	p.hear(700, 100*time.Millisecond)
	if late := time.Since(began); late < 550*time.Millisecond {
		t.Errorf("100 ms of echo after %v", late)
	}
	stop()
	p.quiet(100 * time.Millisecond)
}

// Loss, jitter and disorder on the way in: the tone that goes on to the other side has no gaps.
func TestBadNetwork(t *testing.T) {
	t.Parallel()
	e := newTestEngine(t, testConf())
	a, b := newPhone(t, "PCMU"), newPhone(t, "PCMA")
	sa, _ := join(t, e, a, b)
	n := 0
	var held []byte
	a.say(tone.Sine(8000, 1004, -10), func(packet []byte) {
		n++
		switch {
		case n%20 == 7: // lost
		case n%10 == 3: // late, behind the next
			held = packet
		default:
			a.write(packet)
			if held != nil {
				a.write(held)
				held = nil
			}
		}
	})
	b.hear(1004, 100*time.Millisecond)
	d := tone.NewDetector(8000, 1004)
	for range 100 {
		d.Hear(b.audio())
	}
	if present, total := d.Heard(); present < total*90/100 {
		t.Errorf("the tone was there for %v of %v", present, total)
	}
	s := sa.Stats()
	if s.LossRatio < 0.02 || s.LossRatio > 0.08 {
		t.Errorf("loss ratio %.3f, want 0.05", s.LossRatio)
	}
	if s.Concealed == 0 || s.Jitter == 0 || s.MOS > 4.3 {
		t.Errorf("concealed %d, jitter %v, MOS %.2f", s.Concealed, s.Jitter, s.MOS)
	}
}
