package tone

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"tandem/media/codec"
)

// read gives so much of a source, in frames of 20 ms, and fails when it ends before.
func read(t testing.TB, s *Source, length time.Duration) []int16 {
	t.Helper()
	pcm := make([]int16, int(length.Seconds()*float64(s.Rate())))
	for n, at := s.Rate()/50, 0; at+n <= len(pcm); at += n {
		if !s.Read(pcm[at : at+n]) {
			t.Fatalf("%s ended after %d samples", s.Name(), at)
		}
	}
	return pcm
}

// The digital milliwatt's eight mu-law bytes (G.711 table 5) define 0 dBm0.
func TestZeroLevelIsTheDigitalMilliwatt(t *testing.T) {
	mu, _ := codec.ByName("PCMU")
	period := mu.NewDecoder().Decode(nil, []byte{0x1E, 0x0B, 0x0B, 0x1E, 0x9E, 0x8B, 0x8B, 0x9E})
	var pcm []int16
	for range 400 {
		pcm = append(pcm, period...)
	}
	d := NewDetector(8000, 1000)
	d.Hear(pcm)
	if math.Abs(d.Level()) > 0.02 {
		t.Errorf("the milliwatt measures %.3f dBm0", d.Level())
	}
	if got := Level(overloadPeak); math.Abs(got-Overload) > 1e-9 {
		t.Errorf("overload is %.3f dBm0", got)
	}
}

func TestSineHasItsLevelAndFrequency(t *testing.T) {
	for _, rate := range []int{8000, 16000} {
		for _, level := range []float64{-40, -20, -10, 0} {
			d := NewDetector(rate, 1004)
			d.Hear(read(t, Sine(rate, 1004, level), time.Second))
			if math.Abs(d.Level()-level) > 0.1 || d.Share() < 0.99 {
				t.Errorf("%d Hz: %.2f dBm0, share %.3f; want %.0f", rate, d.Level(), d.Share(), level)
			}
		}
	}
}

// A tone that runs for long keeps frequency, level and phase: nothing accumulates.
func TestOscillatorDoesNotDrift(t *testing.T) {
	const rate, hz = 8000, 1000 // a whole number of steps in a turn
	o := newOscillator(Partial{hz, 0}, rate)
	first := o.next()
	for range rate * 600 {
		o.next()
	}
	if again := o.next(); math.Abs(again-peakAt(1, hz, rate)) > 1 || first != 0 {
		t.Errorf("after ten minutes %f, want %f", again, peakAt(1, hz, rate))
	}
}

func peakAt(i int, hz, rate float64) float64 {
	return Peak(0) * math.Sin(2*math.Pi*hz*float64(i)/rate)
}

func TestDetectorTellsTonesApart(t *testing.T) {
	noise := make([]int16, 8000)
	r := rand.New(rand.NewPCG(1, 1))
	for i := range noise {
		noise[i] = int16(r.NormFloat64() * 3000)
	}
	for _, c := range []struct {
		name string
		pcm  []int16
		want bool
	}{
		{"itself", read(t, Sine(8000, 1004, -10), time.Second), true},
		{"faint", read(t, Sine(8000, 1004, -38), time.Second), true},
		{"too faint", read(t, Sine(8000, 1004, -45), time.Second), false},
		{"40 Hz away", read(t, Sine(8000, 1044, -10), time.Second), false},
		{"another", read(t, Sine(8000, 425, 0), time.Second), false},
		{"silence", make([]int16, 8000), false},
		{"noise", noise, false},
	} {
		d := NewDetector(8000, 1004)
		d.Hear(c.pcm)
		present, total := d.Heard()
		if d.Present() != c.want || total != time.Second || (present == total) != c.want {
			t.Errorf("%s: present %v (%v of %v), level %.1f", c.name, d.Present(), present, total, d.Level())
		}
	}
}

func TestCadences(t *testing.T) {
	for _, c := range []struct {
		make    func(int) *Source
		on, off time.Duration
	}{
		{Ringback, time.Second, 4 * time.Second},
		{Busy, 500 * time.Millisecond, 500 * time.Millisecond},
		{Congestion, 250 * time.Millisecond, 250 * time.Millisecond},
	} {
		s := c.make(8000)
		d := NewDetector(8000, 425)
		d.Hear(read(t, s, 3*(c.on+c.off)))
		if present, _ := d.Heard(); present != 3*c.on {
			t.Errorf("%s: %v of tone in three rounds, want %v", s.Name(), present, 3*c.on)
		}
	}
}

func TestSourceEnds(t *testing.T) {
	s := Beep(8000)
	frame := make([]int16, 160)
	frames := 0
	for s.Read(frame) {
		frames++
	}
	if frames != 20 {
		t.Errorf("%d frames of a beep of 400 ms", frames)
	}
	if s.Read(frame) {
		t.Error("it plays on after its end")
	}
	if New("nothing", 8000, true).Read(frame) {
		t.Error("a source without steps plays")
	}
	if New("instants", 8000, true, Step{For: 1}, Step{For: 2}).Read(frame) {
		t.Error("a source whose steps are shorter than a sample plays")
	}
}

func TestEndWithinAFrameIsSilence(t *testing.T) {
	s := New("short", 8000, false, Step{Partials: []Partial{{1000, 0}}, For: 10 * time.Millisecond})
	frame := make([]int16, 160)
	for i := range frame {
		frame[i] = 99
	}
	if !s.Read(frame) || frame[159] != 0 || frame[40] == 99 {
		t.Error("the rest of the last frame is not silence")
	}
}

// Nothing that is played clips, clicks or is silent.
func TestEveryToneIsClean(t *testing.T) {
	for _, s := range []*Source{
		Sine(8000, 1004, -10), Ringback(8000), Busy(8000), Congestion(8000), Beep(8000), Joined(8000),
		Left(8000), Tune(8000), Tune(16000), Digits(8000, Keys, 100*time.Millisecond, 50*time.Millisecond),
	} {
		frame, loudest, last := make([]int16, s.Rate()/50), 0, 0
		for range 100 {
			if !s.Read(frame) {
				break
			}
			for _, x := range frame {
				loudest = max(loudest, int(x), -int(x))
				last = int(x)
			}
		}
		if loudest < 1000 || loudest > 25000 {
			t.Errorf("%s: peak %d", s.Name(), loudest)
		}
		if s.step == len(s.steps) && last != 0 && last > 100 {
			t.Errorf("%s ends at %d", s.Name(), last)
		}
	}
	if frame := make([]int16, 160); !Silence(8000).Read(frame) || frame[5] != 0 {
		t.Error("silence is not silent")
	}
}

func TestKeys(t *testing.T) {
	seen := make(map[[2]float64]byte)
	for i := range len(Keys) {
		row, column, ok := Key(Keys[i])
		if other := seen[[2]float64{row, column}]; !ok || other != 0 {
			t.Errorf("%c: %v, same as %c", Keys[i], ok, other)
		}
		seen[[2]float64{row, column}] = Keys[i]
	}
	if row, column, _ := Key('0'); row != 941 || column != 1336 {
		t.Errorf("0 is %v + %v", row, column)
	}
	if _, _, ok := Key('x'); ok {
		t.Error("x is on the keypad")
	}
}

func TestReadDoesNotAllocate(t *testing.T) {
	s, d, frame := Tune(8000), NewDetector(8000, 1004), make([]int16, 160)
	if n := testing.AllocsPerRun(200, func() { s.Read(frame); d.Hear(frame) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkSine(b *testing.B)     { bench(b, Sine(8000, 1004, -10)) }
func BenchmarkTune(b *testing.B)     { bench(b, Tune(8000)) }
func BenchmarkRingback(b *testing.B) { bench(b, Ringback(8000)) }

func bench(b *testing.B, s *Source) {
	frame := make([]int16, 160)
	b.ReportAllocs()
	for b.Loop() {
		s.Read(frame)
	}
}

func BenchmarkDetector(b *testing.B) {
	d, frame := NewDetector(8000, 1004), make([]int16, 160)
	b.ReportAllocs()
	for b.Loop() {
		d.Hear(frame)
	}
}
