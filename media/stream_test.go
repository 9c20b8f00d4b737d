package media

import (
	"bytes"
	"testing"
	"time"

	"tandem/media/codec"
	"tandem/media/tone"
)

func TestToneOut(t *testing.T) {
	for _, name := range []string{"PCMU", "PCMA", "G722"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPhone(t, name)
			s := p.call(newTestEngine(t, testConf()), Options{})
			s.Play(tone.Sine(8000, 1004, -10))
			p.hearAt(1004, -10)
		})
	}
}

// What is sent is one stream whatever it is made of.
func TestContinuity(t *testing.T) {
	t.Parallel()
	e := newTestEngine(t, testConf())
	p := newPhone(t, "PCMU")
	s := p.call(e, Options{})
	first := p.next()
	if !first.Marker {
		t.Error("the first packet has no marker")
	}
	last := first
	follow := func(what string, packets int) {
		t.Helper()
		for range packets {
			next := p.next()
			if next.SSRC != first.SSRC {
				t.Fatalf("%s: another SSRC", what)
			}
			if next.SequenceNumber != last.SequenceNumber+1 {
				t.Fatalf("%s: sequence %d after %d", what, next.SequenceNumber, last.SequenceNumber)
			}
			if step := int32(next.Timestamp - last.Timestamp); step < 160 || step > 160 && !next.Marker {
				t.Fatalf("%s: timestamp steps by %d, marker %v", what, step, next.Marker)
			}
			last = next
		}
	}
	follow("silence", 5)
	s.Play(tone.Sine(16000, 500, -10))
	follow("tone", 5)
	if err := s.Apply(p.params); err != nil {
		t.Fatal(err)
	}
	follow("the same again", 5)
	s.Echo(0)
	stop := p.talk(800)
	follow("echo", 10)
	stop()
	s.Play(nil)
	follow("silence again", 5)
	p.params.Codec, p.params.Payload, p.params.RecvPayload = codecOf(t, "PCMA"), 8, 8
	if err := s.Apply(p.params); err != nil {
		t.Fatal(err)
	}
	for last.PayloadType != 8 { // what was on its way comes first
		follow("another codec", 1)
	}
	follow("another codec", 5)
}

func TestPacketTime(t *testing.T) {
	for _, ptime := range []time.Duration{10, 20, 30, 40, 60} {
		p := newPhone(t, "PCMU")
		p.params.Ptime = ptime * time.Millisecond
		p.call(newTestEngine(t, testConf()), Options{}).Play(tone.Sine(8000, 1004, -10))
		last := p.next()
		for range 6 {
			next := p.next()
			if len(next.Payload) != 8*int(ptime) {
				t.Fatalf("%d ms: %d octets", ptime, len(next.Payload))
			}
			if step := next.Timestamp - last.Timestamp; step != uint32(8*ptime) && !next.Marker {
				t.Fatalf("%d ms: timestamp steps by %d", ptime, step)
			}
			last = next
		}
		p.hear(1004, 100*time.Millisecond)
	}
}

func TestEcho(t *testing.T) {
	t.Parallel()
	p := newPhone(t, "PCMU")
	p.call(newTestEngine(t, testConf()), Options{}).Echo(0)
	p.talk(700)
	p.hear(700, 300*time.Millisecond)
}

func TestMute(t *testing.T) {
	t.Parallel()
	p := newPhone(t, "PCMU")
	s := p.call(newTestEngine(t, testConf()), Options{})
	s.Mute()
	p.still()
	sent := s.Stats().Sent
	p.still()
	if s.Stats().Sent != sent {
		t.Error("a muted stream sends")
	}
}

func TestFinished(t *testing.T) {
	t.Parallel()
	p, c := newPhone(t, "PCMU"), newEvents()
	s := p.call(newTestEngine(t, testConf()), Options{OnEvent: c.on})
	beep := tone.Beep(8000)
	s.Play(beep)
	if f := wait[Finished](t, c); f.Source != beep.Name() {
		t.Errorf("finished is %q, want %q", f.Source, beep.Name())
	}
	p.next() // silence goes on
}

func TestRelay(t *testing.T) {
	t.Parallel()
	e := newTestEngine(t, testConf())
	a, b := newPhone(t, "PCMU"), newPhone(t, "PCMU")
	b.params.Payload, b.params.RecvPayload = 96, 96 // dynamic at one side
	sa, sb := a.call(e, Options{Call: "1"}), b.call(e, Options{Call: "1"})
	if err := Bridge(sa, sb); err != nil {
		t.Fatal(err)
	}
	var last uint32
	for i := range 20 {
		payload := bytes.Repeat([]byte{byte(0x80 + i)}, 160)
		a.send(payload)
		got := b.next()
		for i == 0 && !bytes.Equal(got.Payload, payload) {
			got = b.next() // silence from before the bridge
		}
		switch {
		case !bytes.Equal(got.Payload, payload):
			t.Fatalf("packet %d: payload changed", i)
		case got.PayloadType != 96:
			t.Fatalf("packet %d: payload type %d", i, got.PayloadType)
		case got.SSRC == uint32(a.addr().Port()):
			t.Fatal("the SSRC of the other side shows")
		case i > 0 && got.Timestamp-last != 160:
			t.Fatalf("packet %d: timestamp steps by %d", i, got.Timestamp-last)
		}
		last = got.Timestamp
	}
	eventually(t, "20 packets are counted", func() bool { return e.Snapshot().Relayed == 20 })
}

// level is a source that stands at one level for some frames.
type level struct {
	at     int16
	frames int
}

func (l *level) Name() string { return "level" }
func (l *level) Rate() int    { return 8000 }
func (l *level) Read(frame []int16) bool {
	for i := range frame {
		frame[i] = l.at
	}
	l.frames--
	return l.frames >= 0
}

// One source after another, or silence after one that is cut off or ends, does not click.
func TestSourcesFollowSoftly(t *testing.T) {
	p := newPhone(t, "L16")
	s := p.manual(newTestEngine(t, testConf()), Options{})
	at, last, jump := time.Now(), int16(0), 0
	frames := func(n int) {
		for range n {
			at = at.Add(codec.Frame)
			s.tick(at)
			for _, x := range p.audio() {
				jump = max(jump, max(int(x)-int(last), int(last)-int(x)))
				last = x
			}
		}
	}
	s.Play(&level{at: 8000, frames: 100})
	frames(2)
	if last != 8000 {
		t.Fatalf("the source is heard as %d", last)
	}
	s.Play(&level{at: -8000, frames: 2})
	frames(5) // it ends
	if last != 0 || jump > 16000/40+1 {
		t.Errorf("a jump of %d between sources, %d at the end", jump, last)
	}
}
