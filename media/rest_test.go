package media

import (
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"tandem/media/codec"
	house "tandem/media/prompt"
	"tandem/media/rtp"
	"tandem/media/sdp"
	"tandem/media/sound"
	"tandem/media/tone"
)

// What a source plays after so many frames is the same whether they were read or gone over, and so is how many it has.
func TestSkipIsAsGoodAsReading(t *testing.T) {
	short := music(t, 8000, 700*time.Millisecond)
	for name, open := range map[string]func() passing{
		"player":             func() passing { return short.Player("p", 8000, 0, 0) },
		"player, repeated":   func() passing { return short.Player("p", 8000, 30*time.Millisecond, 1234*time.Millisecond) },
		"player, for ever":   func() passing { return short.Player("p", 16000, 0, -1) },
		"tone":               func() passing { return sound.Tone("t", 8000, 440, 350, 50, 615*time.Millisecond) },
		"tone, for ever":     func() passing { return sound.Tone("t", 16000, 440, 0, 0, -1) },
		"beep":               func() passing { return tone.Beep(8000) },
		"ringback":           func() passing { return tone.Ringback(16000) },
		"tune":               func() passing { return tone.Tune(8000) },
		"keys":               func() passing { return tone.Digits(8000, "12", 90*time.Millisecond, 50*time.Millisecond) },
		"music of the house": func() passing { return house.Music().(passing) },
		"speech":             func() passing { return house.Say("10", "1") },
	} {
		t.Run(name, func(t *testing.T) {
			for _, before := range []int{0, 3} {
				for _, n := range []int{0, 1, 2, 7, 50, 1000} {
					read, skipped := open(), open()
					frame, other := make([]int16, frameSamples(read.Rate())), make([]int16, frameSamples(read.Rate()))
					for range before {
						read.Read(frame)
						skipped.Read(other)
					}
					left := read.Left()
					for i := range n {
						if more := read.Read(frame); left >= 0 && more != (i < left) {
							t.Fatalf("%d frames were left, frame %d is there: %v", left, i, more)
						}
					}
					skipped.Skip(n)
					same(t, fmt.Sprint(before, " read, ", n, " gone over"), read, skipped, frame, other)
				}
			}
		})
	}
}

// same reads a frame of both.
func same(t *testing.T, what string, read, skipped passing, frame, other []int16) {
	t.Helper()
	if a, b := read.Left(), skipped.Left(); a != b {
		t.Fatalf("%s: %d frames left, of the one that was read %d", what, b, a)
	}
	if a, b := read.Read(frame), skipped.Read(other); a != b {
		t.Fatalf("%s: more is %v, of the one that was read %v", what, b, a)
	} else if !a {
		return
	}
	for i := range frame {
		if off := int(frame[i]) - int(other[i]); off < -1 || off > 1 {
			t.Fatalf("%s: sample %d is %d, not %d", what, i, other[i], frame[i])
		}
	}
}

// sleeper is a ticker that rests for so long each time.
type sleeper struct {
	metronome
	rest time.Duration
}

func (s *sleeper) tick(at time.Time) time.Time {
	s.metronome.tick(at)
	return at.Add(s.rest)
}

// One that rests is called when that is over, in step with its slot, and at once when it is roused.
func TestRest(t *testing.T) {
	synctest.Test(t, func(*testing.T) {
		s := newShard(rtp.NewUDP())
		busy, rare := &metronome{}, &sleeper{rest: 130 * time.Millisecond}
		s.add(&metronome{}) // has a slot of its own
		turn := s.add(rare)
		b := s.add(busy)
		<-time.After(time.Second)
		synctest.Wait()
		if n := len(rare.at); n != 8 {
			t.Errorf("%d ticks in a second, one each 140 ms", n)
		}
		before, stood := len(rare.at), time.Time{}
		s.rouse(turn, func() { stood = time.Now() })
		s.rouse(turn, func() { t.Error("it rests no more") })
		<-time.After(codec.Frame)
		synctest.Wait()
		if len(rare.at) != before+1 || stood.IsZero() {
			t.Errorf("%d ticks in the frame after it was roused", len(rare.at)-before)
		}
		for i, at := range rare.at {
			if step := at.Sub(rare.at[0]); step%codec.Frame != 0 || rare.real[i].Sub(at) > slotTime {
				t.Errorf("tick %d, %v after the first, came %v after its time", i, step, rare.real[i].Sub(at))
			}
		}
		s.remove(turn)
		s.remove(turn)
		before = len(rare.at)
		s.rouse(turn, func() { t.Error("it is gone") })
		<-time.After(time.Second)
		s.remove(b)
		s.close()
		if len(rare.at) != before {
			t.Error("ticked when it was gone")
		}
		if n := len(busy.at); n < 100 || s.late.Load() != 0 {
			t.Errorf("the one beside it had %d ticks; %d were late", n, s.late.Load())
		}
	})
}

// A shard where all rest sleeps as long, and makes nothing good for those who come back.
func TestAllRest(t *testing.T) {
	synctest.Test(t, func(*testing.T) {
		s := newShard(rtp.NewUDP())
		one := &sleeper{rest: 10 * time.Second}
		turn := s.add(one)
		<-time.After(25 * time.Second)
		synctest.Wait()
		one.rest = 0
		roused := time.Now()
		s.rouse(turn, func() {})
		<-time.After(95 * time.Millisecond)
		s.remove(turn)
		s.close()
		late := slices.DeleteFunc(slices.Clone(one.at), func(at time.Time) bool { return at.After(roused.Add(-codec.Frame)) })
		if len(late) != 3 || len(one.at)-len(late) < 4 || len(one.at)-len(late) > 6 {
			t.Errorf("%d ticks in 25 s, %d in 95 ms", len(late), len(one.at)-len(late))
		}
	})
}

// twin is a stream without sockets whose ticks a test makes: each frame, or only those that it does not rest through.
type twin struct {
	*Stream
	rests bool
	until time.Time
	ticks int
}

func (w *twin) frame(at time.Time) {
	if stirred := w.turn.stirred.Swap(false); w.rests && !stirred && at.Before(w.until) {
		return
	}
	w.ticks++
	w.until = w.tick(at)
}

// sent takes what has been sent, but not the reports.
func (w *twin) sent() []rtp.Header {
	out := w.conn.(*sink)
	defer func() { out.sent = nil }()
	return out.sent
}

// Whatever a stream is asked for, and whatever its peer lets it send: one that rests sends what one sends that is ticked
// in each frame, with the same sequence numbers and timestamps, and its sources end in the same frame.
func TestRestIsNotHeard(t *testing.T) {
	e := newTestEngine(t, testConf())
	e.conf.Silence = 0
	var plans []sdp.Params
	for _, d := range []sdp.Direction{sdp.SendRecv, sdp.SendOnly, sdp.RecvOnly, sdp.Inactive} {
		p := testPlan(t, "PCMU").Params
		p.Direction, p.RecvEvent = d, 101
		plans = append(plans, p)
	}
	rapid.Check(t, func(r *rapid.T) {
		every, rests := &twin{Stream: fuzzStream(t, e, "PCMU")}, &twin{Stream: fuzzStream(t, e, "PCMU"), rests: true}
		rests.sender.ssrc, rests.sender.seq, rests.sender.line = every.sender.ssrc, every.sender.seq, every.sender.line
		at := time.Now()
		for range rapid.IntRange(1, 12).Draw(r, "changes") {
			do := change(r, plans)
			do(every.Stream)
			do(rests.Stream)
			for range rapid.IntRange(1, 150).Draw(r, "frames") {
				at = at.Add(codec.Frame)
				every.frame(at)
				rests.frame(at)
				if a, b := every.sent(), rests.sent(); !slices.Equal(a, b) {
					r.Fatalf("sent is %+v, of the one that does not rest %+v", b, a)
				}
				if a, b := every.feed.Load().source == nil, rests.feed.Load().source == nil; a != b {
					r.Fatalf("it has come to its end: %v, of the one that does not rest %v", b, a)
				}
			}
		}
		if every.ticks > 2*watchFrames && !rests.sender.sends() && !rests.sender.dials.Load() && !rests.until.After(at) {
			r.Fatalf("it may not send and does not rest, after %d frames", every.ticks)
		}
	})
}

// change is something that may be done to a stream.
func change(r *rapid.T, plans []sdp.Params) func(*Stream) {
	switch rapid.IntRange(0, 5).Draw(r, "what") {
	case 0, 1:
		p := rapid.SampledFrom(plans).Draw(r, "plan")
		return func(s *Stream) { _ = s.Apply(p) }
	case 2:
		long := time.Duration(rapid.IntRange(1, 1000).Draw(r, "ms")) * time.Millisecond
		return func(s *Stream) { s.Play(sound.Tone("tone", 8000, 440, 0, 0, long)) }
	case 3:
		return func(s *Stream) { s.Play(house.Music()) }
	case 4:
		return (*Stream).Mute
	default:
		return func(s *Stream) { _ = s.SendDigits("1", minDigit, 0) }
	}
}

// A party that may hear again hears the music where it would be if it had gone on, as the clock says.
func TestMusicGoesOnUnheard(t *testing.T) {
	p := newPhone(t, "L16")
	p.params.Direction = sdp.RecvOnly
	s := p.manual(newTestEngine(t, testConf()), Options{})
	ruler := make([]int16, 16000)
	for i := range ruler {
		ruler[i] = int16(i)
	}
	s.Play(waveSound(t, p.params.Codec.Rate, ruler).Player("ruler", p.params.Codec.Rate, 0, -1))
	begin := time.Now()
	for i := range watchFrames + 1 {
		if until := s.tick(begin.Add(time.Duration(i) * codec.Frame)); i == watchFrames && until.Before(begin.Add(time.Second)) {
			t.Fatalf("it may not send and rests until %v", until)
		}
	}
	p.params.Direction = sdp.SendRecv
	if err := s.Apply(p.params); err != nil {
		t.Fatal(err)
	}
	const gone = 37 // frames
	seq := s.sender.seq
	if until := s.tick(begin.Add(gone * codec.Frame)); until.After(begin) {
		t.Errorf("it may send and rests until %v", until)
	}
	packet := p.next()
	heard := p.decode.Decode(nil, packet.Payload)
	samples := p.params.Codec.Samples
	if want := ruler[(gone+1)*samples-1]; heard[samples-1] != want {
		t.Errorf("the music stands at %d, not at %d", heard[samples-1], want)
	}
	if packet.SequenceNumber != seq || packet.Timestamp != s.sender.line.at(begin.Add(gone*codec.Frame)) || !packet.Marker {
		t.Errorf("sequence %d, not %d; timestamp %d; marker %v", packet.SequenceNumber, seq, packet.Timestamp, packet.Marker)
	}
}

// While nobody may hear it a sound ends in its time, and one that is cut off knows where it stood.
func TestUnheardSoundsKeepTheirTime(t *testing.T) {
	t.Parallel()
	e, c := newTestEngine(t, testConf()), newEvents()
	held, clock := newPhone(t, "PCMU"), newPhone(t, "PCMU")
	held.params.Direction = sdp.RecvOnly
	s := held.call(e, Options{})
	playing := sound.Tone("long", 8000, 440, 0, 0, -1)
	s.Play(playing)
	var began time.Time
	eventually(t, "the stream rests", func() bool {
		s.shard.mu.Lock()
		defer s.shard.mu.Unlock()
		if s.turn.place < 0 {
			return false
		}
		began = s.rested.at.Add(-playing.Position())
		return true
	})
	watch := clock.call(e, Options{OnEvent: c.on})
	watch.Play(sound.Tone("watch", 8000, 440, 0, 0, 300*time.Millisecond))
	wait[Finished](t, c)
	played := time.Since(began)
	short := sound.Tone("short", 8000, 440, 0, 0, 200*time.Millisecond)
	s.onEvent = c.on
	s.Play(short)
	if off := playing.Position() - played; off < -2*codec.Frame || off > 2*codec.Frame {
		t.Errorf("after %v it stands at %v", played, playing.Position())
	}
	if f := wait[Finished](t, c); f.Source != "short" || !short.Completed() {
		t.Errorf("finished is %q, completed %v", f.Source, short.Completed())
	}
}

// A stream whose packets are relayed rests, and is there again when it plays.
func TestRelayRests(t *testing.T) {
	t.Parallel()
	e := newTestEngine(t, testConf())
	a, b := newPhone(t, "PCMU"), newPhone(t, "PCMU")
	sa, sb := a.call(e, Options{Call: "1"}), b.call(e, Options{Call: "1"})
	if err := Bridge(sa, sb); err != nil {
		t.Fatal(err)
	}
	a.talk(700)
	eventually(t, "both rest", func() bool {
		sa.shard.mu.Lock()
		defer sa.shard.mu.Unlock()
		return sa.turn.place >= 0 && sb.turn.place >= 0
	})
	b.hear(700, 300*time.Millisecond)
	sb.Play(tone.Sine(8000, 1004, -10))
	b.hear(1004, 300*time.Millisecond)
}
