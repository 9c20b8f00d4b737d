package dtmf

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"tandem/media/codec"
	"tandem/media/tone"
)

// hear runs a source through a fresh detector in frames of 20 ms, with some silence after it.
func hear(s *tone.Source) []Press {
	d, frame := NewDetector(s.Rate()), make([]int16, s.Rate()/50)
	var got []Press
	for s.Read(frame) {
		got = d.Hear(got, frame)
	}
	clear(frame)
	for range 3 {
		got = d.Hear(got, frame)
	}
	return got
}

func keys(presses []Press) string {
	var s []byte
	for _, p := range presses {
		s = append(s, p.Key)
	}
	return string(s)
}

// pair is a key's two tones with deviations, for so long.
func pair(rate int, key byte, length time.Duration, stretch, rowLevel, columnLevel float64) *tone.Source {
	row, column, _ := tone.Key(key)
	return tone.New("pair", rate, false,
		tone.Step{For: 33 * time.Millisecond},
		tone.Step{For: length, Partials: []tone.Partial{
			{Hz: row * stretch, DBm0: rowLevel}, {Hz: column * stretch, DBm0: columnLevel}}})
}

func TestDetectorHearsEveryKey(t *testing.T) {
	for _, rate := range []int{8000, 16000} {
		for _, length := range []time.Duration{45, 60, 100, 500} {
			s := tone.Digits(rate, tone.Keys, length*time.Millisecond, 45*time.Millisecond)
			got := hear(s)
			if keys(got) != tone.Keys {
				t.Errorf("%d Hz, %d ms: heard %q", rate, length, keys(got))
			}
			for _, p := range got {
				if off := p.Duration - length*time.Millisecond; off.Abs() > 15*time.Millisecond {
					t.Errorf("%d Hz: %c held %v, heard %v", rate, p.Key, length*time.Millisecond, p.Duration)
				}
			}
		}
	}
}

// The limits of Q.24: what must be accepted and what must be refused, for each key.
func TestDetectorThresholds(t *testing.T) {
	const ms = time.Millisecond
	for _, c := range []struct {
		name           string
		length         time.Duration
		stretch        float64
		row, column    float64
		accept, refuse bool
	}{
		{"usual", 60 * ms, 1, -10, -8, true, false},
		{"shortest", 42 * ms, 1, -10, -8, true, false},
		{"too short", 22 * ms, 1, -10, -8, false, true},
		{"1.5 % high", 60 * ms, 1.015, -10, -8, true, false},
		{"1.5 % low", 60 * ms, 0.985, -10, -8, true, false},
		{"4 % high", 200 * ms, 1.04, -10, -10, false, true},
		{"4 % low", 200 * ms, 0.96, -10, -10, false, true},
		{"faint", 60 * ms, 1, -26, -26, true, false},
		{"too faint", 200 * ms, 1, -36, -36, false, true},
		{"loud", 60 * ms, 1, -3, -3, true, false},
		{"column 4 dB louder", 60 * ms, 1, -14, -10, true, false},
		{"column 8 dB weaker", 60 * ms, 1, -10, -18, true, false},
		{"column 9 dB louder", 200 * ms, 1, -19, -10, false, true},
		{"column 13 dB weaker", 200 * ms, 1, -10, -23, false, true},
	} {
		for i := range len(tone.Keys) {
			key := tone.Keys[i]
			got := keys(hear(pair(8000, key, c.length, c.stretch, c.row, c.column)))
			if c.accept && got != string(key) || c.refuse && got != "" {
				t.Errorf("%s: key %c was heard as %q", c.name, key, got)
			}
		}
	}
}

func TestDetectorBridgesAShortGap(t *testing.T) {
	row, column, _ := tone.Key('7')
	on := tone.Step{For: 60 * time.Millisecond, Partials: []tone.Partial{{Hz: row, DBm0: -10}, {Hz: column, DBm0: -8}}}
	for gap, want := range map[time.Duration]string{8: "7", 40: "77"} {
		s := tone.New("gap", 8000, false, on, tone.Step{For: gap * time.Millisecond}, on)
		if got := keys(hear(s)); got != want {
			t.Errorf("gap of %d ms: %q, want %q", gap, got, want)
		}
	}
}

func TestDetectorHearsKeysInNoiseAndThroughCodecs(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 7))
	for _, name := range []string{"PCMU", "PCMA", "G722"} {
		c, _ := codec.ByName(name)
		e, dec, d := c.NewEncoder(), c.NewDecoder(), NewDetector(c.Rate)
		s := tone.Digits(c.Rate, tone.Keys, 80*time.Millisecond, 80*time.Millisecond)
		frame := make([]int16, c.Samples)
		var got []Press
		for s.Read(frame) {
			for i := range frame {
				frame[i] += int16(r.NormFloat64() * 500) // 24 dB below the key
			}
			got = d.Hear(got, dec.Decode(nil, e.Encode(nil, frame)))
		}
		if keys(got) != tone.Keys {
			t.Errorf("%s: heard %q", name, keys(got))
		}
	}
}

// Talk-off: ten minutes of voices, music of two notes and noise must not press a key.
func TestDetectorIgnoresSpeech(t *testing.T) {
	length := 600
	if testing.Short() {
		length = 60
	}
	for seed := range uint64(3) {
		v := newVoice(seed)
		d, frame := NewDetector(8000), make([]int16, 160)
		var got []Press
		for range length * 50 {
			v.read(frame)
			got = d.Hear(got, frame)
		}
		if len(got) > 0 {
			t.Errorf("voice %d: heard %q in %d s", seed, keys(got), length)
		}
	}
}

// voice is buzz of a wandering pitch through three wandering resonances, in syllables, with breath.
type voice struct {
	r               *rand.Rand
	at              int
	phase, pitch    float64
	formant         [3]float64
	one, two        [3]float64
	targetPitch     float64
	target          [3]float64
	voiced, target0 float64
}

func newVoice(seed uint64) *voice {
	return &voice{r: rand.New(rand.NewPCG(seed, 99)), pitch: 120, targetPitch: 120,
		formant: [3]float64{500, 1500, 2500}, target: [3]float64{500, 1500, 2500}}
}

func (v *voice) read(frame []int16) {
	for i := range frame {
		if v.at%1200 == 0 { // a new sound every 150 ms
			v.targetPitch = 80 + 200*v.r.Float64()
			v.target = [3]float64{250 + 600*v.r.Float64(), 900 + 1300*v.r.Float64(), 2200 + 900*v.r.Float64()}
			v.target0 = v.r.Float64()
		}
		v.at++
		v.pitch += (v.targetPitch - v.pitch) / 400
		v.voiced += (v.target0 - v.voiced) / 200
		v.phase += v.pitch / 8000
		x := v.r.NormFloat64() * 0.05
		if v.phase >= 1 {
			v.phase--
			x += 8 * v.voiced
		}
		sum := 0.0
		for k := range v.formant {
			v.formant[k] += (v.target[k] - v.formant[k]) / 400
			const radius = 0.97
			y := x + 2*radius*math.Cos(2*math.Pi*v.formant[k]/8000)*v.one[k] - radius*radius*v.two[k]
			v.two[k], v.one[k] = v.one[k], y
			sum += y
		}
		frame[i] = int16(max(min(sum*600, 30000), -30000))
	}
}

func TestDetectorReportsALongKeyOnce(t *testing.T) {
	got := hear(pair(8000, '5', MaxPress+3*time.Second, 1, -10, -8))
	if len(got) != 1 || got[0] != (Press{'5', MaxPress}) {
		t.Errorf("%v", got)
	}
}

func TestDetectorTellsWhatIsHeld(t *testing.T) {
	d, frame := NewDetector(8000), make([]int16, 800)
	tone.Digits(8000, "9", time.Second, 0).Read(frame)
	d.Hear(nil, frame)
	if d.Held() != '9' {
		t.Errorf("held: %q", d.Held())
	}
}

func TestDetectorDoesNotAllocate(t *testing.T) {
	d, frame, got := NewDetector(8000), make([]int16, 160), make([]Press, 0, 4)
	tone.Digits(8000, "1", time.Second, 0).Read(frame)
	if n := testing.AllocsPerRun(100, func() { got = d.Hear(got[:0], frame) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkDetector(b *testing.B) {
	d, frame := NewDetector(8000), make([]int16, 160)
	newVoice(1).read(frame)
	b.ReportAllocs()
	for b.Loop() {
		d.Hear(nil, frame)
	}
}
