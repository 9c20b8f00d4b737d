package codec

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

var ratePairs = [][2]int{
	{8000, 16000}, {16000, 8000}, {8000, 48000}, {48000, 8000}, {16000, 48000}, {48000, 16000},
}

func resampler(t testing.TB, from, to int) *Resampler {
	t.Helper()
	r, err := NewResampler(from, to)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// power is the mean square of pcm in dB, without the filter's run-in at both ends.
func power(pcm []int16) float64 {
	pcm = pcm[len(pcm)/8 : len(pcm)*7/8]
	sum := 1e-9
	for _, x := range pcm {
		sum += float64(x) * float64(x)
	}
	return 10 * math.Log10(sum/float64(len(pcm)))
}

// Tones inside the band of the lower rate come through unchanged in level and pure.
func TestResamplePassband(t *testing.T) {
	for _, p := range ratePairs {
		half := float64(min(p[0], p[1])) / 2
		for part := 0.05; part <= 0.85; part += 0.2 {
			hz := half * part
			in := sine(hz, 10000, p[0]/5, p[0])
			out := resampler(t, p[0], p[1]).Resample(nil, in)
			if gain := power(out) - power(in); math.Abs(gain) > 0.1 {
				t.Errorf("%d to %d, %.0f Hz: %.2f dB", p[0], p[1], hz, gain)
			}
			if rest := power(withoutTone(out, hz, p[1])) - power(out); rest > -60 {
				t.Errorf("%d to %d, %.0f Hz: images at %.1f dB", p[0], p[1], hz, rest)
			}
		}
	}
}

// Tones above the lower rate's band must not fold back.
func TestResampleAliases(t *testing.T) {
	for _, p := range ratePairs {
		if p[0] < p[1] {
			continue
		}
		half := float64(p[1]) / 2
		for part := 1.06; part*half < float64(p[0])/2; part += 0.31 {
			in := sine(half*part, 10000, p[0]/5, p[0])
			out := resampler(t, p[0], p[1]).Resample(nil, in)
			if loss := power(in) - power(out); loss < 65 {
				t.Errorf("%d to %d: %.0f Hz only %.1f dB down", p[0], p[1], half*part, loss)
			}
		}
	}
}

// withoutTone takes the best fitting tone away.
func withoutTone(pcm []int16, hz float64, rate int) []int16 {
	var s, c, ss, cc, sc float64
	for i, x := range pcm[len(pcm)/8 : len(pcm)*7/8] {
		sin, cos := math.Sincos(2 * math.Pi * hz * float64(i+len(pcm)/8) / float64(rate))
		s, c = s+float64(x)*sin, c+float64(x)*cos
		ss, cc, sc = ss+sin*sin, cc+cos*cos, sc+sin*cos
	}
	det := ss*cc - sc*sc
	a, b := (s*cc-c*sc)/det, (c*ss-s*sc)/det
	rest := make([]int16, len(pcm))
	for i, x := range pcm {
		sin, cos := math.Sincos(2 * math.Pi * hz * float64(i) / float64(rate))
		rest[i] = int16(math.Round(float64(x) - a*sin - b*cos))
	}
	return rest
}

func TestResampleDoesNotDependOnChunks(t *testing.T) {
	for _, p := range ratePairs {
		in := speechLike(p[0]/5, p[0])
		whole := resampler(t, p[0], p[1]).Resample(nil, in)
		if len(whole) != p[1]/5 {
			t.Errorf("%d to %d: %d samples of 200 ms", p[0], p[1], len(whole))
		}
		r, random := resampler(t, p[0], p[1]), rand.New(rand.NewPCG(1, 1))
		var cut []int16
		for rest := in; len(rest) > 0; {
			n := min(len(rest), random.IntN(700))
			cut = r.Resample(cut, rest[:n])
			rest = rest[n:]
		}
		if !slices.Equal(whole, cut) {
			t.Errorf("%d to %d: the result depends on how the samples were cut", p[0], p[1])
		}
	}
}

func TestResampleFullScaleDoesNotWrap(t *testing.T) {
	in := make([]int16, 1600)
	for i := range in {
		in[i] = int16(32767 - 65535*(i/20%2))
	}
	out := resampler(t, 8000, 16000).Resample(nil, in)
	for i := 100; i < len(out); i++ {
		if d := int(out[i]) - int(out[i-1]); abs(d) > 50000 {
			t.Fatalf("sample %d jumps by %d", i, d)
		}
	}
}

func TestResamplerRates(t *testing.T) {
	for _, p := range [][2]int{{0, 8000}, {8000, 44100}, {-8000, 8000}, {96000, 8000}} {
		if _, err := NewResampler(p[0], p[1]); err == nil {
			t.Errorf("%d to %d was accepted", p[0], p[1])
		}
	}
	if out := resampler(t, 8000, 8000).Resample(nil, []int16{1, 2}); !slices.Equal(out, []int16{1, 2}) {
		t.Errorf("same rate: %v", out)
	}
}

func TestResampleFrameDoesNotAllocate(t *testing.T) {
	for _, p := range ratePairs {
		r, in, out := resampler(t, p[0], p[1]), make([]int16, p[0]/50), make([]int16, 0, p[1]/50)
		if n := testing.AllocsPerRun(50, func() { out = r.Resample(out[:0], in) }); n != 0 {
			t.Errorf("%d to %d: %v allocations", p[0], p[1], n)
		}
		if len(out) != p[1]/50 {
			t.Errorf("%d to %d: %d samples of 20 ms", p[0], p[1], len(out))
		}
	}
}

func BenchmarkResample(b *testing.B) {
	for _, p := range ratePairs {
		b.Run(string(rune('0'+p[0]/8000))+"x8k-to-"+string(rune('0'+p[1]/8000))+"x8k", func(b *testing.B) {
			r, in, out := resampler(b, p[0], p[1]), speechLike(p[0]/50, p[0]), make([]int16, 0, p[1]/50)
			b.ReportAllocs()
			for b.Loop() {
				out = r.Resample(out[:0], in)
			}
		})
	}
}
