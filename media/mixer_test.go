package media

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"tandem/media/codec"
	"tandem/media/tone"
)

// levels is how loud each frequency is in what the phone hears for so long, at its loudest.
func (p *phone) levels(hz []float64, long time.Duration) []float64 {
	p.t.Helper()
	detectors, loudest := make([]*tone.Detector, len(hz)), make([]float64, len(hz))
	for i, f := range hz {
		detectors[i], loudest[i] = tone.NewDetector(p.params.Codec.Rate, f), -100
	}
	for range int(long / codec.Frame) {
		pcm := p.audio()
		for i, d := range detectors {
			d.Hear(pcm)
			loudest[i] = max(loudest[i], d.Level())
		}
	}
	return loudest
}

// Five talk, each hears the other four and not itself; a sixth says nothing and hears all.
func TestConference(t *testing.T) {
	for _, rate := range []int{8000, 16000} {
		t.Run(fmt.Sprint(rate), func(t *testing.T) {
			t.Parallel()
			e := newTestEngine(t, testConf())
			tones := []float64{500, 800, 1100, 1400, 1700}
			var phones []*phone
			for i, name := range []string{"PCMU", "PCMA", "G722", "PCMU", "G722", "PCMU"} {
				p := newPhone(t, name)
				if err := p.call(e, Options{Call: fmt.Sprint(i)}).Join(e.Mixer("room", rate)); err != nil {
					t.Fatal(err)
				}
				if i < len(tones) {
					p.talk(tones[i])
				}
				phones = append(phones, p)
			}
			if n := e.Mixer("room", rate).Parties(); n != 6 {
				t.Fatalf("%d parties", n)
			}
			for i, p := range phones {
				p.hearAll(tones, i)
			}
			if n := e.Snapshot().Mixers; n != 1 {
				t.Errorf("%d mixers", n)
			}
		})
	}
}

// hearAll waits until the phone hears all tones, and then checks that it does not hear its own.
func (p *phone) hearAll(tones []float64, own int) {
	p.t.Helper()
	for try := 0; ; try++ {
		missing := 0
		levels := p.levels(tones, 400*time.Millisecond)
		for i, level := range levels {
			if i != own && (level < -13 || level > -7) {
				missing++
			}
			if i == own && level > -30 {
				missing++ // heard itself, from before all had joined or for good
			}
		}
		if missing == 0 {
			return
		}
		if try == 5 {
			p.t.Fatalf("phone %d hears %.0f dBm0 of the tones", own, levels)
		}
	}
}

func TestConferenceComesAndGoes(t *testing.T) {
	t.Parallel()
	c := testConf()
	c.MaxParties = 2
	e := newTestEngine(t, c)
	a, b, third := newPhone(t, "PCMU"), newPhone(t, "PCMU"), newPhone(t, "PCMU")
	sa, sb, s3 := a.call(e, Options{}), b.call(e, Options{}), third.call(e, Options{})
	room := e.Mixer("room", 8000)
	for _, s := range []*Stream{sa, sa, sb} { // twice is once
		if err := s.Join(room); err != nil {
			t.Fatal(err)
		}
	}
	if err := s3.Join(room); err == nil {
		t.Error("a third joined a room of two")
	}
	a.talk(600)
	b.hear(600, 200*time.Millisecond)
	sa.Leave()
	b.quiet(200 * time.Millisecond)
	if err := s3.Join(room); err != nil {
		t.Error(err)
	}
	sb.Close()
	s3.Play(nil) // leaves too
	eventually(t, "the room has ended", func() bool { return e.Snapshot().Mixers == 0 })
	// Who still holds the old one comes into the new one.
	if err := sa.Join(room); err != nil {
		t.Fatal(err)
	}
	if err := s3.Join(e.Mixer("room", 8000)); err != nil {
		t.Fatal(err)
	}
	third.hear(600, 200*time.Millisecond)
}

// Two at full level are cut off where they do not fit, and do not wrap around.
func TestMixSaturates(t *testing.T) {
	m := &Mixer{sums: newSums(2), mix: make([]int16, 2)}
	m.sums.add([]int16{30000, -30000}, ordinary)
	m.sums.add([]int16{30000, -30000}, ordinary)
	m.without(everyone, nil)
	if m.mix[0] != 32767 || m.mix[1] != -32768 {
		t.Errorf("two at full level make %v", m.mix)
	}
	m.without(everyone, []int16{30000, -30000})
	if m.mix[0] != 30000 || m.mix[1] != -30000 {
		t.Errorf("without one of them %v", m.mix)
	}
}

// A party that changes its codec stays in the room.
func TestConferenceFollowsApply(t *testing.T) {
	t.Parallel()
	e := newTestEngine(t, testConf())
	a, b := newPhone(t, "PCMU"), newPhone(t, "PCMU")
	sa, sb := a.call(e, Options{}), b.call(e, Options{})
	for _, s := range []*Stream{sa, sb} {
		if err := s.Join(e.Mixer("room", 16000)); err != nil {
			t.Fatal(err)
		}
	}
	a.talk(600)
	b.hear(600, 200*time.Millisecond)
	b.params.Codec, b.params.Payload, b.params.RecvPayload = codecOf(t, "G722"), 9, 9
	b.decode = b.params.Codec.NewDecoder()
	if err := sb.Apply(b.params); err != nil {
		t.Fatal(err)
	}
	b.hear(600, 200*time.Millisecond)
	b.encode, b.header.PayloadType = b.params.Codec.NewEncoder(), 9
	b.talk(1100)
	a.hear(1100, 200*time.Millisecond)
}

// A mixer whose one party has gone before it came leaves no trace.
func TestJoinAfterClose(t *testing.T) {
	e := newTestEngine(t, testConf())
	s := newPhone(t, "PCMU").call(e, Options{})
	room := e.Mixer("room", 8000)
	s.Close()
	if err := s.Join(room); !errors.Is(err, ErrClosed) {
		t.Errorf("a closed stream joins: %v", err)
	}
	if n := e.Snapshot().Mixers; n != 0 {
		t.Errorf("%d mixers left", n)
	}
}

// A party of another rate that falls silent is mixed for one frame more: the end of what it said.
func TestPartyRingsOut(t *testing.T) {
	e := newTestEngine(t, testConf())
	a := newPhone(t, "L16/16000")
	s := a.manual(e, Options{})
	room := e.Mixer("room", 8000)
	if err := s.Join(room); err != nil {
		t.Fatal(err)
	}
	room.shard.remove(room.turn)
	room.shard.settle()
	for range 320 { // one frame is there to be heard, and no more
		s.ear.ready = append(s.ear.ready, 10000)
	}
	p, at := s.party, time.Now()
	p.follow()
	var ends [2]int16
	for i, want := range []bool{true, true, false} {
		if p.listen(at) != want {
			t.Errorf("mixed in frame %d: %v", i, !want)
		}
		if i == 1 {
			ends = [2]int16{p.said[0], p.said[159]}
		}
	}
	if ends[0] < 5000 || ends[1] != 0 {
		t.Errorf("the end of what was said begins with %d and ends with %d", ends[0], ends[1])
	}
}
