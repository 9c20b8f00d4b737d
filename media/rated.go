package media

import (
	"time"

	"tandem/media/codec"
)

// rated brings frames to one rate, whatever rate each comes at: a stream may change its codec.
type rated struct {
	from      int // the rate that the resampler was made for
	resampler *codec.Resampler
	room      []int16
}

// at is a frame at a rate in Hz: itself, or one that is good until the next.
func (r *rated) at(rate int, pcm []int16) []int16 {
	from := len(pcm) * int(time.Second/codec.Frame)
	if from == rate {
		return pcm
	}
	if r.from != from {
		r.resampler, _ = codec.NewResampler(from, rate) // both rates are multiples of 8000 Hz
		r.from = from
	}
	r.room = r.resampler.Resample(r.room[:0], pcm)
	return r.room
}
