package codec

import (
	"math"
	"testing"
)

func TestByName(t *testing.T) {
	for _, c := range []struct {
		name         string
		clock, bytes int
		known        bool
	}{
		{"PCMU", 8000, 160, true}, {"pcma", 8000, 160, true}, {"G722/8000", 8000, 160, true},
		{"L16", 8000, 320, true}, {"L16/16000", 16000, 640, true}, {"Opus", 48000, 0, true}, {"opus/48000", 48000, 0, true},
		{"G722/16000", 0, 0, false}, {"L16/44100", 0, 0, false}, {"opus/8000", 0, 0, false}, {"iLBC", 0, 0, false}, {"", 0, 0, false},
	} {
		got, known := ByName(c.name)
		if known != c.known || got.Clock != c.clock || got.Bytes != c.bytes {
			t.Errorf("%q: %+v %v", c.name, got, known)
		}
	}
}

func TestByStatic(t *testing.T) {
	for number, want := range map[int]string{0: "PCMU", 8: "PCMA", 9: "G722", -1: "", 3: "", 96: ""} {
		if got, ok := ByStatic(number); got.Name != want || ok != (want != "") {
			t.Errorf("%d: %q, want %q", number, got.Name, want)
		}
	}
}

func TestUnknownCodecHasNoCoder(t *testing.T) {
	if c := (Codec{Name: "iLBC"}); c.NewEncoder() != nil || c.NewDecoder() != nil {
		t.Error("a coder for an unknown codec")
	}
}

// What Known promises of a frame must hold for the coders, and nothing may be allocated.
func TestFramesOfKnownCodecs(t *testing.T) {
	for _, c := range Known {
		if c.Bytes == 0 {
			continue // of no fixed size
		}
		t.Run(c.Name, func(t *testing.T) {
			if c.Samples != c.Rate/50 {
				t.Errorf("%d samples in 20 ms at %d Hz", c.Samples, c.Rate)
			}
			in := sine(440, 8000, c.Samples, c.Rate)
			payload, pcm := make([]byte, 0, c.Bytes), make([]int16, 0, c.Samples)
			e, d := c.NewEncoder(), c.NewDecoder()
			if n := testing.AllocsPerRun(100, func() {
				payload = e.Encode(payload[:0], in)
				pcm = d.Decode(pcm[:0], payload)
			}); n != 0 {
				t.Errorf("%v allocations per frame", n)
			}
			if len(payload) != c.Bytes || len(pcm) != c.Samples {
				t.Errorf("%d bytes, %d samples; want %d, %d", len(payload), len(pcm), c.Bytes, c.Samples)
			}
		})
	}
}

// Facts of the Recommendation's tables 1 and 2: the ends, the steps around zero, the signs.
func TestG711KnownValues(t *testing.T) {
	for _, c := range []struct {
		law    Decoder
		b      byte
		linear int16
	}{
		{muLaw{}, 0x80, 32124}, {muLaw{}, 0x00, -32124}, {muLaw{}, 0xFF, 0}, {muLaw{}, 0x7F, 0},
		{muLaw{}, 0xFE, 8}, {muLaw{}, 0x9E, 8828}, {aLaw{}, 0xAA, 32256},
		{aLaw{}, 0x2A, -32256}, {aLaw{}, 0xD5, 8}, {aLaw{}, 0x55, -8}, {aLaw{}, 0xD4, 24},
	} {
		if got := c.law.Decode(nil, []byte{c.b}); got[0] != c.linear {
			t.Errorf("%T %#02x: %d, want %d", c.law, c.b, got[0], c.linear)
		}
	}
	if p := (muLaw{}).Encode(nil, []int16{0}); p[0] != MuLawSilence {
		t.Errorf("mu-law zero is %#x", p[0])
	}
	if p := (aLaw{}).Encode(nil, []int16{0}); p[0] != ALawSilence {
		t.Errorf("A-law zero is %#x", p[0])
	}
}

// Each of the 256 bytes survives the way to linear and back, but for mu-law's negative zero.
func TestG711EveryByteReturns(t *testing.T) {
	for i := range 256 {
		b := byte(i)
		mu := (muLaw{}).Encode(nil, (muLaw{}).Decode(nil, []byte{b}))[0]
		if mu != b && b != 0x7F {
			t.Errorf("mu-law %#02x came back as %#02x", b, mu)
		}
		if a := (aLaw{}).Encode(nil, (aLaw{}).Decode(nil, []byte{b}))[0]; a != b {
			t.Errorf("A-law %#02x came back as %#02x", b, a)
		}
	}
}

// Every linear value within the law's range must come back within half a step of its segment.
func TestG711EncodesToTheNearest(t *testing.T) {
	for x := -32256; x <= 32256; x++ {
		mu := (muLaw{}).Encode(nil, []int16{int16(x)})
		half := 4 << (^mu[0] >> 4 & 7)
		if got := (muLaw{}).Decode(nil, mu)[0]; abs(x-int(got)) > half {
			t.Fatalf("mu-law: %d became %d, the step is %d", x, got, 2*half)
		}
		a := (aLaw{}).Encode(nil, []int16{int16(x)})
		half = 8 << max(int((a[0]^0x55)>>4&7)-1, 0)
		if got := (aLaw{}).Decode(nil, a)[0]; abs(x-int(got)) > half {
			t.Fatalf("A-law: %d became %d, the step is %d", x, got, 2*half)
		}
	}
	for _, x := range []int16{math.MinInt16, math.MaxInt16} {
		if got := (muLaw{}).Decode(nil, (muLaw{}).Encode(nil, []int16{x}))[0]; abs(int(got)) != 32124 {
			t.Errorf("mu-law: %d became %d beyond overload", x, got)
		}
		if got := (aLaw{}).Decode(nil, (aLaw{}).Encode(nil, []int16{x}))[0]; abs(int(got)) != 32256 {
			t.Errorf("A-law: %d became %d beyond overload", x, got)
		}
	}
}

// G.712 asks for 33 dB of a telephone channel at -10 dBm0; the law alone must do better.
func TestG711ToneQuality(t *testing.T) {
	for _, c := range Known[:2] {
		in := sine(1004, 8000, 8000, 8000)
		out := c.NewDecoder().Decode(nil, c.NewEncoder().Encode(nil, in))
		if snr := bestSNR(in, out, 0); snr < 36 {
			t.Errorf("%s: %.1f dB", c.Name, snr)
		}
	}
}

func TestL16DropsHalfASample(t *testing.T) {
	if got := (l16{}).Decode(nil, []byte{0x12, 0x34, 0x56}); len(got) != 1 || got[0] != 0x1234 {
		t.Errorf("%v", got)
	}
}

func abs(x int) int { return max(x, -x) }

func BenchmarkCodecs(b *testing.B) {
	for _, c := range Known {
		if c.Bytes == 0 {
			continue
		}
		in := speechLike(c.Samples, c.Rate)
		payload := c.NewEncoder().Encode(nil, in)
		b.Run("encode/"+c.Name, func(b *testing.B) {
			e, dst := c.NewEncoder(), make([]byte, 0, c.Bytes)
			b.ReportAllocs()
			for b.Loop() {
				dst = e.Encode(dst[:0], in)
			}
		})
		b.Run("decode/"+c.Name, func(b *testing.B) {
			d, dst := c.NewDecoder(), make([]int16, 0, c.Samples)
			b.ReportAllocs()
			for b.Loop() {
				dst = d.Decode(dst[:0], payload)
			}
		})
	}
}
