package codec

import (
	"math"
	"testing"
)

// Audio keeps its length, its level and its place in time at every pair of rates.
func TestConvert(t *testing.T) {
	for _, from := range fileRates {
		for _, to := range []int{8000, 16000} {
			in := sine(700, 10000, from, from)
			for i := range in[:from/2] {
				in[i] = 0 // it begins after half a second
			}
			out, err := Convert(in, from, to)
			if err != nil {
				t.Fatal(err)
			}
			if len(out) != to {
				t.Errorf("%d to %d: %d samples", from, to, len(out))
			}
			if gain := power(out[to*5/8:]) - power(in[from*5/8:]); math.Abs(gain) > 0.1 {
				t.Errorf("%d to %d: %.2f dB", from, to, gain)
			}
			begins := 0
			for begins < len(out) && out[begins] < 2000 {
				begins++
			}
			if off := float64(begins)/float64(to) - 0.5; math.Abs(off) > 0.0005 {
				t.Errorf("%d to %d: it begins %.2f ms off", from, to, off*1000)
			}
		}
	}
}

func TestConvertNothingAndStrangeRates(t *testing.T) {
	if out, err := Convert(nil, 44100, 8000); err != nil || len(out) != 0 {
		t.Errorf("nothing: %v, %v", out, err)
	}
	if _, err := Convert(nil, 9600, 8000); err == nil {
		t.Error("9600 Hz is converted")
	}
	for hz, want := range map[int]int{
		8000: 8000, 8012: 8000, 7999: 8000, 44056: 44100, 11127: 0, 0: 0, -8000: 0, 96000: 0,
	} {
		if got, known := FileRate(hz); got != want || known != (want != 0) {
			t.Errorf("%d Hz is taken for %d, %v", hz, got, known)
		}
	}
}
