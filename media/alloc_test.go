package media

import (
	"testing"
	"time"

	"tandem/media/codec"
	"tandem/media/tone"
)

// manual opens a stream whose frames the test makes, all of them: before it is told of the phone it has nobody to send to.
func (p *phone) manual(e *Engine, o Options) *Stream {
	s := p.open(e, o)
	s.shard.remove(s.turn)
	s.shard.settle()
	p.accept(s)
	return s
}

// once tells of its first tick.
type once chan struct{}

func (o once) tick(time.Time) (until time.Time) {
	select {
	case o <- struct{}{}:
	default:
	}
	return until
}

// settle waits until a tick that was under way has ended.
func (s *shard) settle() {
	o := make(once, 1)
	turn := s.add(o)
	<-o
	s.remove(turn)
}

// feeder hands packets to the stream as its socket would, without the kernel in between.
func (p *phone) feeder(s *Stream) (packet func()) {
	header, payload, datagram := p.header, make([]byte, p.params.Codec.Bytes), make([]byte, 1500)
	return func() {
		s.receiver.budget = budget{} // time passes faster here
		header.SequenceNumber++
		header.Timestamp += uint32(p.params.Codec.Clock / 50)
		n, _ := header.MarshalTo(datagram)
		n += copy(datagram[n:], payload)
		s.receive(datagram[:n], p.addr())
	}
}

// noAllocs runs a step until every buffer is filled, and then demands that it allocates nothing.
func noAllocs(t *testing.T, what string, step func()) {
	t.Helper()
	for range 40 {
		step()
	}
	if n := testing.AllocsPerRun(200, step); n != 0 {
		t.Errorf("%s: %v allocations", what, n)
	}
}

func TestRelayAllocatesNothing(t *testing.T) {
	e := newTestEngine(t, testConf())
	a, b := newPhone(t, "PCMU"), newPhone(t, "PCMU")
	sa, sb := a.manual(e, Options{ID: "a"}), b.manual(e, Options{ID: "b"})
	if err := Bridge(sa, sb); err != nil {
		t.Fatal(err)
	}
	noAllocs(t, "relay", a.feeder(sa))
	if e.Snapshot().Relayed < 200 {
		t.Error("nothing was relayed")
	}
}

func TestPacingAllocatesNothing(t *testing.T) {
	e := newTestEngine(t, testConf())
	for _, name := range []string{"PCMU", "PCMA", "G722"} {
		p := newPhone(t, name)
		s := p.manual(e, Options{})
		at := time.Now()
		step := func() {
			at = at.Add(codec.Frame)
			s.tick(at)
		}
		noAllocs(t, name+" silence", step)
		s.Play(tone.Sine(16000, 1004, -10))
		noAllocs(t, name+" tone", step)
	}
}

func TestTranscodingAllocatesNothing(t *testing.T) {
	e := newTestEngine(t, testConf())
	a, b := newPhone(t, "PCMU"), newPhone(t, "G722")
	a.params.RecvEvent = 0 // keys are looked for in the audio
	sa, sb := a.manual(e, Options{ID: "a"}), b.manual(e, Options{ID: "b"})
	if err := Bridge(sa, sb); err != nil {
		t.Fatal(err)
	}
	packet, at := a.feeder(sa), time.Now()
	noAllocs(t, "transcoding", func() {
		at = at.Add(codec.Frame)
		packet()
		sa.tick(at)
		sb.tick(at)
	})
}

func TestMixingAllocatesNothing(t *testing.T) {
	e := newTestEngine(t, testConf())
	room := e.Mixer("room", 8000)
	at := time.Now()
	var talk []func()
	for i, name := range []string{"PCMU", "PCMA", "G722", "PCMU", "G722"} {
		p := newPhone(t, name)
		s := p.manual(e, Options{})
		if err := s.Join(room); err != nil {
			t.Fatal(err)
		}
		if i < 3 {
			talk = append(talk, p.feeder(s))
		}
	}
	room.shard.remove(room.turn)
	room.shard.settle()
	noAllocs(t, "mixing", func() {
		at = at.Add(codec.Frame)
		for _, packet := range talk {
			packet()
		}
		room.tick(at)
	})
}
