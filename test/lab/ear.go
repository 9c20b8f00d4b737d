package lab

import (
	"math"
	"time"
)

const (
	// window is the piece of sound that is judged at once: bins 20 Hz wide.
	window = 50 * time.Millisecond
	// audible is the power below which a window is silence, relative to a full-scale sine: -45 dB.
	audible = 3e-5
	// dominant is the part of a window's power that the tones must have together: what a codec and
	// a seam between two packets add is far below the rest.
	dominant = 0.6
	// each is the part that each of several tones must have, so that one alone is not taken for all.
	each = 0.15
)

// Heard is for how long a channel holds these tones, all at once and nothing else of weight. It
// counts whole windows, so it may miss up to two of them for each piece of tone.
func (s Sound) Heard(channel int, hz ...float64) time.Duration {
	return s.windows(channel, func(samples []float64) bool { return sounds(samples, s.Rate, hz) })
}

// Silent is for how long a channel holds nothing to be heard.
func (s Sound) Silent(channel int) time.Duration {
	return s.windows(channel, func(samples []float64) bool { return power(samples) < audible/2 })
}

// windows adds up the windows of a channel that are as asked.
func (s Sound) windows(channel int, is func([]float64) bool) (total time.Duration) {
	if channel >= len(s.Channels) {
		return 0
	}
	n := count(s.Rate, window)
	for rest := s.Channels[channel]; n > 0 && len(rest) >= n; rest = rest[n:] {
		if is(rest[:n]) {
			total += window
		}
	}
	return total
}

// sounds says whether the tones, and they alone, make up the samples.
func sounds(samples []float64, rate int, hz []float64) bool {
	all := power(samples)
	if all < audible/2 {
		return false
	}
	sum := 0.0
	for _, f := range hz {
		p := goertzel(samples, rate, f)
		if p < each*all {
			return false
		}
		sum += p
	}
	return sum > dominant*all
}

// power is the mean square of the samples; that of a full-scale sine is 1/2.
func power(samples []float64) (sum float64) {
	for _, v := range samples {
		sum += v * v
	}
	return sum / float64(len(samples))
}

// goertzel is the power of one frequency in the samples, on the scale of power (Goertzel 1958).
func goertzel(samples []float64, rate int, hz float64) float64 {
	angle := 2 * math.Pi * hz / float64(rate)
	k := 2 * math.Cos(angle)
	var last, before float64
	for _, v := range samples {
		last, before = v+k*last-before, last
	}
	n := float64(len(samples))
	return 2 * (last*last + before*before - k*last*before) / (n * n)
}
