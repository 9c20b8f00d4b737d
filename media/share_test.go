package media

import (
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"tandem/media/codec"
	"tandem/media/sound"
	"tandem/media/tone"
)

// unshared is a source that has to be read.
type unshared struct{ Source }

// spoken is what a stream that plays the sources one after the other sends, payload by payload, until the
// last of them has ended, and how many frames were shared. Before frame presses it presses a key in band.
func spoken(t *testing.T, name string, hide bool, presses int, sources ...Source) (sent [][]byte, shared int) {
	t.Helper()
	e := newTestEngine(t, testConf())
	p := newPhone(t, name)
	p.params.Event = 0
	s := p.manual(e, Options{})
	at := time.Now()
	for _, source := range sources {
		if hide {
			source = unshared{source}
		}
		s.Play(source)
		mine := s.feed.Load()
		for n := 0; s.feed.Load() == mine; n++ {
			if n == presses {
				if err := s.SendDigits("5", 60*time.Millisecond, 60*time.Millisecond); err != nil {
					t.Fatal(err)
				}
			}
			before, _ := s.counted()
			at = at.Add(codec.Frame)
			s.tick(at)
			if s.sharing.source != nil {
				shared++
			}
			if after, _ := s.counted(); after > before {
				sent = append(sent, p.next().Payload)
			} else {
				sent = append(sent, nil)
			}
		}
	}
	return sent, shared
}

func (s *Stream) counted() (packets, octets uint64) {
	st := s.Stats()
	return st.Sent, st.SentBytes
}

// music is something that never sounds the same twice.
func music(t *testing.T, rate int, long time.Duration) *sound.Sound {
	pcm := make([]int16, int(long.Seconds()*float64(rate)))
	tone.Tune(rate).Read(pcm)
	return waveSound(t, rate, pcm)
}

// With codecs that have no memory, nobody can tell frames that were shared from such that were not: a
// tone before, the middle of a sound, turns, a cut, a key pressed over it, silence after.
func TestSharedFramesAreTheSame(t *testing.T) {
	for _, name := range []string{"PCMU", "PCMA", "L16", "L16/16000"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rate := codecOf(t, name).Rate
			what := music(t, rate, 1230*time.Millisecond)
			sources := func() []Source {
				return []Source{
					sound.Tone("tone", rate, 700, 0, 0, 55*time.Millisecond),
					what.Player("a", rate, 333*time.Millisecond, 3*time.Second),
					what.Player("b", rate, 0, 0),
					sound.Tone("silence", rate, 0, 0, 0, 60*time.Millisecond),
				}
			}
			want, none := spoken(t, name, true, 10, sources()...)
			got, shared := spoken(t, name, false, 10, sources()...)
			if none != 0 || shared < 180 {
				t.Errorf("%d and %d of %d frames were shared", none, shared, len(got))
			}
			if len(got) != len(want) {
				t.Fatalf("%d frames, not %d", len(got), len(want))
			}
			for i := range want {
				if !slices.Equal(got[i], want[i]) {
					t.Fatalf("frame %d is another one", i)
				}
			}
		})
	}
}

// G.722 has a memory: going over to shared frames and back leaves the peer's decoder where it was, to
// what the codec itself adds.
func TestSharedG722(t *testing.T) {
	t.Parallel()
	what := music(t, 16000, 2300*time.Millisecond)
	sources := func() []Source {
		return []Source{
			sound.Tone("tone", 16000, 700, 0, 0, 200*time.Millisecond),
			what.Player("a", 16000, 330*time.Millisecond, 6*time.Second),
			what.Player("b", 16000, 0, 1010*time.Millisecond),
			sound.Tone("tone", 16000, 900, 0, 0, 200*time.Millisecond),
		}
	}
	want, _ := spoken(t, "G722", true, 100, sources()...)
	got, shared := spoken(t, "G722", false, 100, sources()...)
	if shared < 250 {
		t.Errorf("%d of %d frames were shared", shared, len(got))
	}
	one, other := codecOf(t, "G722").NewDecoder(), codecOf(t, "G722").NewDecoder()
	signal, noise := 0.0, 0.0
	for i := range want {
		a, b := one.Decode(nil, want[i]), other.Decode(nil, got[i])
		frame, off := 1e-9, 1e-9
		for j := range a {
			frame += float64(a[j]) * float64(a[j])
			off += float64(a[j]-b[j]) * float64(a[j]-b[j])
		}
		// A quiet frame after a loud one is covered by it.
		if frame > 1e6 && off > frame/20 {
			t.Errorf("frame %d: the difference is %.1f dB below it", i, 10*math.Log10(frame/off))
		}
		signal, noise = signal+frame, noise+off
	}
	if below := 10 * math.Log10(signal/noise); below < 33 {
		t.Errorf("the difference is %.1f dB below the signal", below)
	}
}

// A sound that was encoded for one codec is played on when the peer goes over to another.
func TestSharedFollowsApply(t *testing.T) {
	t.Parallel()
	e := newTestEngine(t, testConf())
	p := newPhone(t, "G722")
	s := p.call(e, Options{})
	s.Play(waveSound(t, 16000, sineOf(16000, 600, 30*time.Second)).Player("x", 16000, 0, -1))
	for _, name := range []string{"G722", "PCMU", "L16/16000", "G722"} {
		c := codecOf(t, name)
		p.params.Codec, p.params.Payload = c, uint8(max(c.Static, 97*min(1, -c.Static)))
		p.decode = c.NewDecoder()
		if err := s.Apply(p.params); err != nil {
			t.Fatal(err)
		}
		p.hear(600, 400*time.Millisecond)
	}
}

// Each source that comes to its end is told by its name, in order; one that is replaced is not.
func TestFinishedNamesItsSource(t *testing.T) {
	t.Parallel()
	e := newTestEngine(t, testConf())
	told := newEvents()
	s := newPhone(t, "PCMU").call(e, Options{OnEvent: told.on})
	what := waveSound(t, 8000, sineOf(8000, 600, 100*time.Millisecond))
	replaced := what.Player("replaced", 8000, 0, -1)
	s.Play(replaced)
	eventually(t, "it plays", func() bool { return replaced.Position() > 0 })
	for i := range 3 {
		name := fmt.Sprint("prompt ", i)
		p := what.Player(name, 8000, 0, 0)
		s.Play(p)
		if f := wait[Finished](t, told); f.Source != name {
			t.Errorf("%s has ended, not %s", f.Source, name)
		}
		if !p.Completed() || p.Position() != 100*time.Millisecond {
			t.Errorf("it stands at %v, completed: %v", p.Position(), p.Completed())
		}
	}
	if replaced.Completed() {
		t.Error("what was replaced is completed")
	}
}

func TestPlayingAllocatesNothing(t *testing.T) {
	e := newTestEngine(t, testConf())
	for _, name := range []string{"PCMU", "PCMA", "G722"} {
		p := newPhone(t, name)
		s := p.manual(e, Options{})
		rate := p.params.Codec.Rate
		s.Play(music(t, rate, 400*time.Millisecond).Player("x", rate, 5*time.Millisecond, -1))
		at := time.Now()
		noAllocs(t, name, func() {
			at = at.Add(codec.Frame)
			s.tick(at)
		})
	}
}
