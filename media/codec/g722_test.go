package codec

import (
	"hash/crc32"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// harsh is a signal that drives every branch of the coder: silence, full-scale steps, noise of
// rising level, a sweep by integer arithmetic only, so that it is the same everywhere.
func harsh() []int16 {
	pcm := make([]int16, 0, 48000)
	state := uint32(1)
	noise := func() int { state = state*1664525 + 1013904223; return int(int16(state >> 16)) }
	for range 1600 {
		pcm = append(pcm, 0)
	}
	for i := range 1600 {
		pcm = append(pcm, int16(32767-65535*(i/40%2)))
	}
	for i := range 24000 {
		pcm = append(pcm, int16(noise()*i/24000))
	}
	for phase, i := 0, 0; i < 19200; i++ {
		phase += i * 2
		saw := phase & 0xFFFF
		pcm = append(pcm, int16(max(saw, 65535-saw)*2-98304)/2)
	}
	return append(pcm, make([]int16, 1600)...)
}

// The sums stand for output that was compared, sample by sample, with an independent implementation
// known to pass the Recommendation's test sequences. All payload was equal; samples differed only
// where that one wraps a sum beyond 16 bits and this one limits it, as the Recommendation asks.
func TestG722IsExactToTheBit(t *testing.T) {
	payload := newG722Encoder().Encode(nil, harsh())
	if sum := crc32.ChecksumIEEE(payload); sum != 0xd0c3efa1 {
		t.Errorf("encoder: sum %#x", sum)
	}
	// Every byte value in every order of a random stream, the codes never sent included.
	random := make([]byte, 24000)
	r := rand.New(rand.NewPCG(1, 2))
	for i := range random {
		random[i] = byte(r.Uint32())
	}
	for _, c := range []struct {
		name    string
		payload []byte
		want    uint32
	}{{"own payload", payload, 0x946282c0}, {"random payload", random, 0xd452d98a}} {
		pcm := newG722Decoder().Decode(nil, c.payload)
		if sum := crc32.ChecksumIEEE(l16{}.Encode(nil, pcm)); sum != c.want {
			t.Errorf("decoder, %s: sum %#x", c.name, sum)
		}
	}
}

// The Recommendation compares a difference with each decision level; every scale that there is, and differences on both
// sides of every level.
func TestG722IntervalIsTheRecommendations(t *testing.T) {
	for logScale := 0; logScale <= 18432; logScale += 64 {
		b := band{logScale: logScale}
		b.rescale(logScale-(logScale+-logScale>>7), 18432, 8)
		for at, level := range lowerDecisions {
			end := level * b.scale >> 12
			for magnitude := max(end-2, 0); magnitude <= min(end+2, 32767); magnitude++ {
				want := 0
				for want < len(lowerDecisions) && magnitude >= lowerDecisions[want]*b.scale>>12 {
					want++
				}
				ratio := lowerRatio(magnitude, b.scale)
				if got := lowerCodes[0][ratio]; got != lowerPositive[want] {
					t.Fatalf("scale %d, level %d, %d: code %d, not %d", b.scale, at, magnitude, got, lowerPositive[want])
				}
				if got := lowerCodes[1][ratio]; got != lowerNegative[want] {
					t.Fatalf("scale %d, level %d, -%d: code %d, not %d", b.scale, at, magnitude+1, got, lowerNegative[want])
				}
			}
		}
	}
}

func TestG722DoesNotDependOnChunks(t *testing.T) {
	in := harsh()
	whole := newG722Encoder().Encode(nil, in)
	wholePCM := newG722Decoder().Decode(nil, whole)

	r := rand.New(rand.NewPCG(3, 4))
	var payload []byte
	var pcm []int16
	e, d := newG722Encoder(), newG722Decoder()
	for rest := in; len(rest) > 0; {
		n := min(len(rest), r.IntN(50)) // odd and zero lengths too
		before := len(payload)
		payload = e.Encode(payload, rest[:n])
		pcm = d.Decode(pcm, payload[before:])
		rest = rest[n:]
	}
	if !slices.Equal(payload, whole) {
		t.Error("the payload depends on how the samples were cut")
	}
	if !slices.Equal(pcm, wholePCM) {
		t.Error("the samples depend on how the payload was cut")
	}
}

// Tones through encoder and decoder: the lower band has six bits, the upper only two.
func TestG722ToneQuality(t *testing.T) {
	for _, c := range []struct{ hz, least float64 }{
		{200, 30}, {1000, 30}, {2500, 28}, {3400, 25}, {5000, 12}, {6500, 12},
	} {
		in := sine(c.hz, 16000, 10000, 16000)
		out := newG722Decoder().Decode(nil, newG722Encoder().Encode(nil, in))
		if snr := bestSNR(in, out, 40); snr < c.least {
			t.Errorf("%.0f Hz: %.1f dB, want %.0f at least", c.hz, snr, c.least)
		}
	}
}

func TestG722SpeechLikeQuality(t *testing.T) {
	in := speechLike(16000, 16000)
	out := newG722Decoder().Decode(nil, newG722Encoder().Encode(nil, in))
	if snr := bestSNR(in, out, 40); snr < 15 {
		t.Errorf("%.1f dB, want 15 at least", snr)
	}
}

// A decoder that joins late, or lost a packet, comes back to the encoder's state by its leak.
func TestG722RecoversFromLoss(t *testing.T) {
	in := speechLike(32000, 16000)
	payload := newG722Encoder().Encode(nil, in)
	whole := newG722Decoder().Decode(nil, payload)
	late := newG722Decoder().Decode(nil, payload[3200:])
	if snr := bestSNR(whole[16000:], late[9600:], 0); snr < 20 {
		t.Errorf("after 0.6 s the late decoder is %.1f dB from the other, want 20", snr)
	}
}

func sine(hz, amplitude float64, n, rate int) []int16 {
	pcm := make([]int16, n)
	for i := range pcm {
		pcm[i] = int16(math.Round(amplitude * math.Sin(2*math.Pi*hz*float64(i)/float64(rate))))
	}
	return pcm
}

// speechLike is noise through a few slow resonances with syllables of a quarter of a second.
func speechLike(n, rate int) []int16 {
	pcm := make([]int16, n)
	r := rand.New(rand.NewPCG(5, 6))
	var y [3]struct{ one, two float64 }
	for i := range pcm {
		sec := float64(i) / float64(rate)
		x := r.NormFloat64() * (0.1 + math.Abs(math.Sin(2*math.Pi*2*sec)))
		sum := 0.0
		for k, hz := range [3]float64{500, 1500, 2500} {
			radius := 0.95
			out := x + 2*radius*math.Cos(2*math.Pi*hz/float64(rate))*y[k].one - radius*radius*y[k].two
			y[k].two, y[k].one = y[k].one, out
			sum += out
		}
		pcm[i] = int16(max(min(sum*250, 30000), -30000))
	}
	return pcm
}

// bestSNR compares out with in over all delays up to the given one, in dB.
func bestSNR(in, out []int16, delays int) float64 {
	best := math.Inf(-1)
	for delay := 0; delay <= delays; delay++ {
		signal, noise := 0.0, 1e-9
		for i := 800; i+delay < len(out) && i < len(in); i++ {
			x, y := float64(in[i]), float64(out[i+delay])
			signal += x * x
			noise += (x - y) * (x - y)
		}
		best = max(best, 10*math.Log10(signal/noise))
	}
	return best
}
