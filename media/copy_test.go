package media

import (
	"errors"
	"testing"
	"time"

	"tandem/media/codec"
)

// Two parties of a call whose packets are relayed, and two streams to a recording server: what one says is in one, what the other
// says in the other, while the relay goes on.
func TestCopyBothParties(t *testing.T) {
	t.Parallel()
	e := newTestEngine(t, testConf())
	a, b := newPhone(t, "PCMU"), newPhone(t, "PCMU")
	left, right := newPhone(t, "PCMU"), newPhone(t, "PCMA")
	sa, sb := a.call(e, Options{Call: "c"}), b.call(e, Options{Call: "c"})
	if err := Bridge(sa, sb); err != nil {
		t.Fatal(err)
	}
	cl, cr := left.call(e, Options{Call: "c"}), right.call(e, Options{Call: "c"})
	for stream, of := range map[*Stream]*Stream{cl: sa, cr: sb} {
		if err := stream.Copy(of); err != nil {
			t.Fatal(err)
		}
	}
	a.talk(440)
	b.talk(1000)
	for p, hz := range map[*phone][2]float64{left: {440, 1000}, right: {1000, 440}} {
		p.hear(hz[0], time.Second)
		var pcm []int16
		for range 50 {
			pcm = append(pcm, p.audio()...)
		}
		if other := share(pcm, 8000, hz[1]); other > 0.05 {
			t.Errorf("%g Hz of the other side is %.2f of what the server hears", hz[1], other)
		}
	}
	if e.Snapshot().Relayed == 0 {
		t.Error("the call is not relayed any more")
	}
}

// A party that changes to another codec, of another rate, is heard on, whatever the recording server talks, and also where that
// follows.
func TestCopyFollowsCodec(t *testing.T) {
	t.Parallel()
	e := newTestEngine(t, testConf())
	a, stays, follows := newPhone(t, "PCMU"), newPhone(t, "PCMU"), newPhone(t, "PCMU")
	from, first, second := a.call(e, Options{Call: "c"}), stays.call(e, Options{Call: "c"}), follows.call(e, Options{Call: "c"})
	for _, s := range []*Stream{first, second} {
		if err := s.Copy(from); err != nil {
			t.Fatal(err)
		}
	}
	change := func(p *phone, s *Stream, name string) {
		t.Helper()
		other := newPhone(t, name)
		other.params.Remote, other.params.RemoteRTCP = p.params.Remote, p.params.RemoteRTCP
		p.mu.Lock()
		p.params, p.encode, p.decode, p.header.PayloadType = other.params, other.encode, other.decode, other.header.PayloadType
		p.mu.Unlock()
		if err := s.Apply(p.params); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"PCMU", "G722", "PCMA"} {
		change(a, from, name)
		change(follows, second, name)
		stop := a.talk(440)
		stays.hear(440, 400*time.Millisecond)
		follows.hear(440, 400*time.Millisecond)
		stop()
	}
}

// A copy ends with what it is a copy of, and with its own stream; then nobody listens any more.
func TestCopyEnds(t *testing.T) {
	t.Parallel()
	e := newTestEngine(t, testConf())
	a, server := newPhone(t, "PCMU"), newPhone(t, "PCMU")
	from, to := a.call(e, Options{Call: "c"}), server.call(e, Options{Call: "c"})
	if err := to.Copy(to); err == nil {
		t.Error("a stream is a copy of itself")
	}
	if err := to.Copy(from); err != nil {
		t.Fatal(err)
	}
	if !from.ear.tended.Load() {
		t.Error("nobody listens")
	}
	if err := to.Copy(from); err != nil {
		t.Error(err) // again
	}
	to.Play(nil)
	if from.ear.tended.Load() {
		t.Error("somebody listens still")
	}
	if err := to.Copy(from); err != nil {
		t.Fatal(err)
	}
	a.talk(440)
	server.hear(440, 300*time.Millisecond)
	from.Close()
	if err := to.Copy(from); !errors.Is(err, ErrClosed) {
		t.Errorf("of a stream that is closed: %v", err)
	}
	server.quiet(300 * time.Millisecond)
	to.Close()
}

// There are so many copies of a stream, and no more.
func TestCopyLimit(t *testing.T) {
	t.Parallel()
	e := newTestEngine(t, testConf())
	from := newPhone(t, "PCMU").call(e, Options{Call: "c"})
	for i := range maxTaps + 1 {
		err := newPhone(t, "PCMU").call(e, Options{Call: "c"}).Copy(from)
		if want := i == maxTaps; errors.Is(err, ErrRecordings) != want {
			t.Errorf("copy %d: %v", i, err)
		}
	}
}

// What waits in a copy is bounded, begins with some in hand, and follows another rate.
func TestCopiedRing(t *testing.T) {
	c := &copied{from: &Stream{id: "x"}, rate: 8000}
	frame, one := make([]int16, 160), make([]int16, 160)
	read := func() int16 { c.Read(frame); return frame[0] }
	write := func(x int16) { one[0] = x; c.write(one, time.Time{}) }
	write(1)
	if read() != 0 {
		t.Error("it begins with nothing in hand")
	}
	write(2)
	for want := int16(1); want <= 2; want++ {
		if got := read(); got != want {
			t.Errorf("%d, want %d", got, want)
		}
	}
	if read() != 0 {
		t.Error("it makes something up")
	}
	for x := range int16(copyFrames + 3) {
		write(x)
	}
	if got := read(); got != 3 {
		t.Errorf("the oldest is %d, want 3", got)
	}
	c.write(make([]int16, int(16000*codec.Frame/time.Second)), time.Time{})
	if n := len(c.ring[(c.first+c.held-1)%copyFrames]); n != 160 {
		t.Errorf("a frame of 16 kHz is %d samples", n)
	}
}
