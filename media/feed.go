package media

import (
	"time"

	"tandem/media/codec"
)

// feed is what a stream sends of its own accord. Its shard reads it once per frame; only that
// goroutine touches the state, so a stream gets a new feed when it is to send something else.
type feed struct {
	paced  bool   // false: the shard sends nothing; a relay, a mixer or nobody does
	source Source // nil: silence
	told   bool   // the end of the source is an event for the owner

	made      *plan // what the scratch below was made for
	shared    coded // the source, where its frames may be had as payload
	resampler *codec.Resampler
	raw, pcm  []int16
}

// next is the frame of the time, at the plan's sample rate. more is false when the source has ended.
func (f *feed) next(at time.Time, p *plan) (pcm []int16, more bool) {
	if f.made == nil || f.made.Codec != p.Codec {
		f.prepare(p)
	}
	if f.source == nil {
		clear(f.pcm) // the first was softened
		return f.pcm, true
	}
	if l, ok := f.source.(listening); ok {
		l.due(at)
	}
	if f.raw == nil || !f.source.Read(f.raw) {
		return nil, false
	}
	if f.resampler == nil {
		return f.raw, true
	}
	return f.resampler.Resample(f.pcm[:0], f.raw), true
}

func (f *feed) prepare(p *plan) {
	f.made, f.raw, f.resampler, f.shared = p, nil, nil, nil
	f.pcm = make([]int16, p.Codec.Samples)
	if f.source == nil {
		return
	}
	resampler, err := codec.NewResampler(f.source.Rate(), p.Codec.Rate)
	if err != nil {
		return // without a frame to read into the source counts as ended
	}
	f.raw = make([]int16, frameSamples(f.source.Rate()))
	if f.source.Rate() != p.Codec.Rate {
		f.resampler = resampler
		return
	}
	f.shared, _ = f.source.(coded)
}

// frameSamples is the length of a frame at the sample rate.
func frameSamples(rate int) int { return rate / int(time.Second/codec.Frame) }
