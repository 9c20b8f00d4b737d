package sound

import (
	"slices"
	"sync"
	"testing"
	"time"

	"tandem/media/codec"
	"tandem/media/tone"
)

// counting is a sound whose samples are their own numbers, from 1.
func counting(samples, rate int) *Sound {
	pcm := make([]int16, samples)
	for i := range pcm {
		pcm[i] = int16(i%30000 + 1)
	}
	return newSound(pcm, rate)
}

const ms = time.Millisecond

// What is played of a sound of so long, from where and for how long; where it stands then, and whether
// that was all of it. frames is how many are read before it is looked at; less than 0 is to the end.
func TestPlayer(t *testing.T) {
	for _, c := range []struct {
		name                   string
		long, from, limit      time.Duration
		frames                 int
		played, position       time.Duration
		completed              bool
		firstSample, endSample int16 // endSample is the last that is not the silence of a last frame
	}{
		{"to its end", 100 * ms, 0, 0, -1, 100 * ms, 100 * ms, true, 1, 800},
		{"its last frame is half", 90 * ms, 0, 0, -1, 90 * ms, 90 * ms, true, 1, 720},
		{"cut", 100 * ms, 0, 50 * ms, -1, 50 * ms, 50 * ms, true, 1, 400},
		{"repeated and cut", 3000 * ms, 0, 7200 * ms, -1, 7200 * ms, 1200 * ms, true, 1, 9600},
		{"two whole turns", 100 * ms, 0, 200 * ms, -1, 200 * ms, 100 * ms, true, 1, 800},
		{"for ever", 30 * ms, 0, -1, 50, 1000 * ms, 10 * ms, false, 1, 80},
		{"from its middle", 100 * ms, 60 * ms, 0, -1, 40 * ms, 100 * ms, true, 481, 800},
		{"from its middle, repeated", 100 * ms, 60 * ms, 100 * ms, -1, 100 * ms, 60 * ms, true, 481, 480},
		{"from behind its end", 100 * ms, 5 * time.Second, 0, -1, 0, 100 * ms, true, 0, 0},
		{"from behind its end, repeated", 100 * ms, 5 * time.Second, 20 * ms, -1, 20 * ms, 20 * ms, true, 1, 160},
		{"from before its beginning", 100 * ms, -5 * time.Second, 0, -1, 100 * ms, 100 * ms, true, 1, 800},
		{"stopped", 100 * ms, 0, 0, 2, 40 * ms, 40 * ms, false, 1, 320},
		{"nothing", 0, 0, 0, -1, 0, 0, true, 0, 0},
		{"nothing for ever", 0, 0, -1, -1, 0, 0, true, 0, 0},
		{"nothing for a while", 0, 0, time.Second, -1, 0, 0, true, 0, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := counting(samples(c.long, 8000), 8000)
			if s.Length() != c.long {
				t.Errorf("it lasts %v", s.Length())
			}
			p := s.Player("name", 8000, c.from, c.limit)
			if p.Completed() {
				t.Error("completed before it began")
			}
			var all []int16
			frame := make([]int16, 160)
			for n := 0; n != c.frames && p.Read(frame); n++ {
				all = append(all, frame...)
			}
			end := samples(c.played, 8000)
			if silent := all[min(end, len(all)):]; len(silent) >= 160 || slices.Max(append(silent, 0)) > 0 {
				t.Errorf("%d samples after its end", len(silent))
			}
			if len(all) < end || end > 0 && (all[0] != c.firstSample || all[end-1] != c.endSample) {
				t.Errorf("played %d samples, the first and last are wrong", len(all))
			}
			if p.Position() != c.position || p.Completed() != c.completed || p.Name() != "name" {
				t.Errorf("%s stands at %v, completed: %v", p.Name(), p.Position(), p.Completed())
			}
		})
	}
}

// Frames taken as payload are those that would have been read, wherever it began and however it repeats.
func TestPlayerCoded(t *testing.T) {
	for _, c := range codec.Known {
		if c.Bytes == 0 {
			continue // it is not kept as payload
		}
		for _, from := range []time.Duration{0, 7 * ms, 990 * ms, 2490 * ms} {
			s := counting(samples(2500*ms, c.Rate), c.Rate)
			plain, coded := s.Player("a", c.Rate, from, 6*time.Second), s.Player("b", c.Rate, from, 6*time.Second)
			want, got, taken := make([]int16, c.Samples), make([]int16, c.Samples), 0
			for n := 0; plain.Read(want); n++ {
				octets, last := coded.Coded(c)
				if octets == nil {
					if !coded.Read(got) || !slices.Equal(got, want) {
						t.Fatalf("%s from %v: frame %d is another one", c.Name, from, n)
					}
					continue
				}
				taken++
				coded.Pass(c)
				if last != want[len(want)-1] || len(octets) != c.Bytes {
					t.Fatalf("%s from %v: frame %d ends with %d in %d octets", c.Name, from, n, last, len(octets))
				}
				if !c.Remembers() && !slices.Equal(octets, c.NewEncoder().Encode(nil, want)) {
					t.Fatalf("%s from %v: frame %d has another payload", c.Name, from, n)
				}
			}
			if coded.Read(got) || !coded.Completed() || coded.Position() != plain.Position() || taken < 280 {
				t.Errorf("%s from %v: %d taken, completed %v, at %v not %v", c.Name, from, taken,
					coded.Completed(), coded.Position(), plain.Position())
			}
		}
	}
}

// One with a memory goes on over the pieces, in whatever order they are first asked for: its decoder
// hears the sound.
func TestCodedPieces(t *testing.T) {
	c, _ := codec.ByName("G722")
	pcm := make([]int16, 5*16000)
	tone.Sine(16000, 1000, -10).Read(pcm)
	for _, first := range []int{0, 3} {
		s := newSound(pcm, 16000)
		v := s.at(16000)
		v.payload(c, first*16000, nil)
		decoder, from := c.NewDecoder(), 320
		for at := from; at < len(pcm); at += 320 {
			heard := decoder.Decode(nil, v.payload(c, at, nil))
			if at < 16000 {
				continue // the decoder came in the middle
			}
			d := tone.NewDetector(16000, 1000)
			for range 3 {
				d.Hear(heard)
			}
			if !d.Present() {
				t.Fatalf("piece %d first: the tone breaks off at %v", first, span(at, 16000))
			}
		}
	}
}

// A codec of another rate, or one that is not known, has to be read.
func TestCodedOtherCodec(t *testing.T) {
	p := counting(8000, 8000).Player("x", 8000, 10*ms, 0)
	wide, _ := codec.ByName("L16/16000")
	opus, _ := codec.ByName("opus")
	for _, c := range []codec.Codec{wide, opus, {Name: "G729", Rate: 8000, Samples: 160, Bytes: 20}} {
		if octets, _ := p.Coded(c); octets != nil || p.Position() != 10*ms {
			t.Errorf("%s is had encoded", c.Name)
		}
	}
}

// Many play a sound at both rates for the first time at once, while others look where they are.
func TestPlayersTogether(t *testing.T) {
	s := counting(3*8000, 8000)
	var all sync.WaitGroup
	for i := range 20 {
		c := codec.Known[i%len(codec.Known)]
		p := s.Player("x", c.Rate, 20*ms, 0)
		all.Go(func() {
			frame := make([]int16, c.Samples)
			for p.Read(frame) {
				if octets, _ := p.Coded(c); octets != nil {
					p.Pass(c)
				}
			}
		})
		all.Go(func() {
			for !p.Completed() {
				p.Position()
			}
		})
	}
	all.Wait()
}

// Nobody waits for a long sound to be made over: the first play it as it is.
func TestLongSoundOtherRate(t *testing.T) {
	s := counting(samples(waitFor, 8000)+1, 8000)
	s.versions[1].once.Do(func() {}) // it takes its time
	if p := s.Player("x", 16000, ms, 0); p.Rate() != 8000 || p.Position() != ms {
		t.Errorf("it is played at %d Hz, from %v", p.Rate(), p.Position())
	}
	s = counting(samples(waitFor, 8000)+1, 8000)
	s.Player("x", 16000, 0, 0)
	<-s.versions[1].made
	if p := s.Player("x", 16000, ms, 0); p.Rate() != 16000 || p.Position() != ms {
		t.Errorf("it is played at %d Hz, from %v", p.Rate(), p.Position())
	}
}

func TestTone(t *testing.T) {
	for _, c := range []struct {
		name                               string
		rate, frequency, second, ratio, hz int
		limit                              time.Duration
		level                              float64 // of hz, in dBm0; 0 means silence
		frames                             int     // 1000 means more than are counted
	}{
		{"one", 8000, 1000, 0, 0, 1000, time.Second, -10, 50},
		{"at the wide rate", 16000, 5000, 0, 0, 5000, time.Second, -10, 50},
		{"two alike, the first", 8000, 500, 1500, 100, 500, time.Second, -13, 50},
		{"two alike, the second", 8000, 500, 1500, 100, 1500, time.Second, -13, 50},
		{"a weak second", 8000, 500, 1500, 10, 1500, time.Second, -30, 50},
		{"a strong second", 8000, 500, 1500, 10000, 1500, time.Second, -10, 50},
		{"twice the same", 8000, 500, 500, 100, 500, time.Second, -7, 50},
		{"for ever", 8000, 1000, 0, 0, 1000, -1, -10, 1000},
		{"not at all", 8000, 1000, 0, 0, 1000, 0, 0, 0},
		{"silence", 8000, 0, 0, 0, 1000, time.Second, 0, 50},
		{"silence with a second", 8000, 0, 1000, 100, 1000, time.Second, 0, 50},
		{"too high for the rate", 8000, 7000, 0, 0, 1000, time.Second, 0, 50},
		{"below nothing", 8000, -5, -5, -5, 1000, time.Second, 0, 50},
		{"half a frame at its end", 8000, 1000, 0, 0, 1000, 990 * ms, -10, 50},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := Tone("tone", c.rate, c.frequency, c.second, c.ratio, c.limit)
			d, frame, n, loudest := tone.NewDetector(c.rate, float64(c.hz)), make([]int16, c.rate/50), 0, int16(0)
			for n < 1000 && p.Read(frame) {
				n++
				if n > 5 && n < 45 {
					d.Hear(frame)
				}
				loudest = max(loudest, slices.Max(frame))
			}
			if n != c.frames {
				t.Errorf("%d frames", n)
			}
			if c.level == 0 && loudest > 0 || c.level != 0 && (d.Level() < c.level-0.3 || d.Level() > c.level+0.3) {
				t.Errorf("its level is %.1f dBm0, its peak %d", d.Level(), loudest)
			}
			if want := c.limit >= 0; p.Completed() != want && n > 0 || want && p.Position() != c.limit {
				t.Errorf("at %v, completed: %v", p.Position(), p.Completed())
			}
		})
	}
}
