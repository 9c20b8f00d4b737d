package sound

import (
	"math"
	"time"

	"tandem/media/codec"
	"tandem/media/tone"
)

// toneLevel is how loud a tone is, in dBm0: that of the reference tone of telephone exchanges.
const toneLevel = -10

// Tone plays a frequency in Hz, and a second one unless that is 0, at a sample rate of 8000 or 16000.
// Frequency 0 is silence. ratio is the amplitude of the second relative to 100 for the first; together
// they are as loud as one alone. limit is how long it lasts; less than 0 is until it is stopped, and 0 is
// not at all. A frequency that the sample rate cannot carry is silence.
func Tone(name string, rate, frequency, second, ratio int, limit time.Duration) *Player {
	if rate > rates[0] {
		rate = rates[1]
	} else {
		rate = rates[0]
	}
	left, lasts := samples(max(limit, 0), rate), max(limit, 0)
	if limit < 0 {
		left = endless
	}
	step := tone.Step{Partials: partials(rate, frequency, second, ratio), For: lasts}
	return &Player{
		name: name, rate: rate, left: left,
		from: &hum{source: tone.New(name, rate, false, step)},
	}
}

// partials are the sines of a tone.
func partials(rate, frequency, second, ratio int) (list []tone.Partial) {
	if second <= 0 || frequency <= 0 {
		ratio = 0
	}
	share := float64(max(ratio, 0)) / 100
	whole := math.Hypot(1, share)
	for _, sine := range [2]struct {
		hz   int
		part float64
	}{{frequency, 1 / whole}, {second, share / whole}} {
		if sine.hz > 0 && sine.hz < rate/2 && sine.part > 0 {
			level := toneLevel + 20*math.Log10(sine.part)
			list = append(list, tone.Partial{Hz: float64(sine.hz), DBm0: level})
		}
	}
	return list
}

// hum is a tone as a player's voice: one turn without end.
type hum struct {
	source *tone.Source
	at     int
}

func (h *hum) position() int { return h.at }

func (h *hum) read(pcm []int16) int {
	if !h.source.Read(pcm) {
		return 0
	}
	h.at += len(pcm)
	return len(pcm)
}

func (h *hum) pass(n int) {
	h.source.Pass(n)
	h.at += n
}

// A tone is made anew for each who hears it.
func (h *hum) coded(codec.Codec) ([]byte, int16) { return nil, 0 }

func (h *hum) encoder(c codec.Codec) codec.Encoder { return c.NewEncoder() }
