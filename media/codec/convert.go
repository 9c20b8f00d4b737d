package codec

import (
	"fmt"
	"math"
	"slices"
)

// fileRates are the sample rates of files, as far as they are known: each needs filters of its own, which
// stay in memory.
var fileRates = []int{8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000}

// maxOff is how far a rate may be off one of those and is taken for it: old hardware ran at 8012 Hz.
const maxOff = 0.005

// FileRate is the known rate that a file's own means; false when there is none.
func FileRate(hz int) (rate int, known bool) {
	for _, r := range fileRates {
		if math.Abs(float64(hz-r)) <= maxOff*float64(r) {
			return r, true
		}
	}
	return 0, false
}

// Convert changes the sample rate of audio that is all there. Unlike a Resampler's it is neither delayed
// nor cut off: what sounded after a second still does. Rates are those of FileRate.
func Convert(pcm []int16, from, to int) ([]int16, error) {
	for _, rate := range []int{from, to} {
		if !slices.Contains(fileRates, rate) {
			return nil, fmt.Errorf("codec: cannot convert %d to %d Hz: the rates are %v", from, to, fileRates)
		}
	}
	if from == to {
		return pcm, nil
	}
	r := newResampler(from, to)
	b := r.bank
	delay := b.taps * b.up / 2 / b.down // of the filter, in samples at the new rate
	length := (len(pcm)*b.up + b.down - 1) / b.down
	out := r.Resample(make([]int16, 0, length+delay+1), pcm)
	rest := make([]int16, b.taps) // what the filter holds back
	for len(out) < length+delay {
		out = r.Resample(out, rest)
	}
	return slices.Clip(out[delay : delay+length]), nil
}
