//go:build libopus

package codec

import (
	"math"
	"testing"
)

// A tone in is the same tone out, and nothing is allocated for it.
func TestOpusEncodesATone(t *testing.T) {
	c := known(t, "opus")
	e, d, in := c.NewEncoder(), c.NewDecoder(), sine(1004, 8000, opusRate, opusRate)
	payload, pcm := make([]byte, 0, c.Room()), make([]int16, 0, opusLongest)
	var out []int16
	octets := 0
	for at := 0; at < len(in); at += c.Samples {
		payload = e.Encode(payload[:0], in[at:at+c.Samples])
		if units := c.Units(payload); units != 960 {
			t.Fatalf("%d units in a frame", units)
		}
		octets += len(payload)
		out = append(out, d.Decode(pcm, payload)...)
	}
	if of, level := share(out[len(out)/4:], 1004, opusRate); of < 0.98 || math.Abs(level-8000) > 800 {
		t.Errorf("%.3f of the power is in the tone, of amplitude %.0f", of, level)
	}
	if bits := 8 * octets; bits > 2*opusBits {
		t.Errorf("%d bits a second", bits)
	}
	if n := testing.AllocsPerRun(100, func() {
		payload = e.Encode(payload[:0], in[:c.Samples])
		d.Decode(pcm, payload)
	}); n != 0 {
		t.Errorf("%v allocations for a frame", n)
	}
}

// Silence is not sent where the peer would rather not have it, and is where it says nothing.
func TestOpusSilence(t *testing.T) {
	c := known(t, "opus")
	sent := func(w Wishes) (n int) {
		e, silence := c.NewEncoder(), make([]int16, c.Samples)
		e.(Tunable).Tune(w)
		for range 100 {
			if len(e.Encode(nil, silence)) > 0 {
				n++
			}
		}
		return n
	}
	if n := sent(Wishes{DTX: true}); n > 40 {
		t.Errorf("%d of 100 frames of silence are sent", n)
	}
	if n := sent(Wishes{}); n != 100 {
		t.Errorf("%d of 100 frames of silence are sent to a peer that did not ask", n)
	}
}

// A peer's limit is kept.
func TestOpusRate(t *testing.T) {
	c := known(t, "opus")
	e, in, octets := c.NewEncoder(), speechLike(5*opusRate, opusRate), 0
	e.(Tunable).Tune(Wishes{Rate: 12000})
	for at := 0; at+c.Samples <= len(in); at += c.Samples {
		octets += len(e.Encode(nil, in[at:at+c.Samples]))
	}
	if bits := 8 * octets / 5; bits > 14000 {
		t.Errorf("%d bits a second where 12000 are allowed", bits)
	}
}

// What was lost comes back by the spare in the packet after it, better than made up.
func TestOpusMends(t *testing.T) {
	c := known(t, "opus")
	in := speechLike(4*opusRate, opusRate)
	snr := func(fec bool) float64 {
		e, whole, lossy := c.NewEncoder(), c.NewDecoder(), c.NewDecoder().(Mender)
		e.(Tunable).Tune(Wishes{FEC: true})
		var payloads [][]byte
		for at := 0; at+c.Samples <= len(in); at += c.Samples {
			payloads = append(payloads, e.Encode(nil, in[at:at+c.Samples]))
		}
		var want, got []int16
		for i, payload := range payloads {
			want = whole.Decode(want, payload)
			switch {
			case i%10 != 9 || i+1 == len(payloads):
				got = lossy.Decode(got, payload)
			case fec:
				got = lossy.Mend(got, c.Samples, payloads[i+1])
			default:
				got = lossy.Mend(got, c.Samples, nil)
			}
		}
		if len(got) != len(want) {
			t.Fatalf("%d samples, want %d", len(got), len(want))
		}
		return bestSNR(want, got, 0)
	}
	if with, without := snr(true), snr(false); with < without+1 {
		t.Errorf("with spares %.1f dB, without %.1f dB", with, without)
	}
}

func BenchmarkOpusEncode(b *testing.B) {
	c := known(b, "opus")
	e, in, dst := c.NewEncoder(), speechLike(opusRate, opusRate), make([]byte, 0, c.Room())
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		at := i % 50 * c.Samples
		dst = e.Encode(dst[:0], in[at:at+c.Samples])
	}
}
