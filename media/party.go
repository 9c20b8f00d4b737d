package media

import (
	"slices"
	"sync/atomic"
	"time"

	"tandem/media/codec"
)

// ownMix is how many frames a party goes on with a mix of its own after it was audible. Encoders
// that remember, such as G.722's, should not be changed at every pause for breath.
const ownMix = 50

// heldFrames is how many frames a party stays in the mix after it was above a threshold that was set.
const heldFrames = 10

// party is a stream in a mixer.
type party struct {
	mixer  *Mixer
	stream *Stream
	role   atomic.Pointer[Role]
	left   atomic.Bool

	// The shard's own:
	plan     *plan
	now      Role             // in this frame
	audible  bool             // in this frame
	held     int              // frames for which it stays audible though it is not loud
	rings    bool             // audible only by what its resampler held back
	own      int              // frames for which it still gets a mix of its own
	heard    []int16          // what it said, at its own rate
	said     []int16          // the same at the mixer's rate
	wideIn   *codec.Resampler // nil where the rates agree
	wideOut  *codec.Resampler
	outgoing []int16
}

// leave takes the party out. Called with the topology locked.
func (p *party) leave() {
	p.left.Store(true)
	p.mixer.change(func() {
		p.mixer.parties = slices.DeleteFunc(slices.Clone(p.mixer.parties),
			func(other *party) bool { return other == p })
	})
}

// follow takes over what SDP has settled since the last frame.
func (p *party) follow() {
	before, now := p.plan, p.stream.plan.Load()
	p.plan = now
	if now == nil || before != nil && before.Codec == now.Codec {
		return
	}
	m, c := p.mixer, now.Codec
	p.own, p.wideIn, p.wideOut = 0, nil, nil
	p.heard, p.outgoing = make([]int16, c.Samples), make([]int16, 0, c.Samples)
	p.said = make([]int16, frameSamples(m.rate))
	if c.Rate != m.rate {
		// Rates of codecs and mixers are all multiples of 8000 Hz.
		p.wideIn, _ = codec.NewResampler(c.Rate, m.rate)
		p.wideOut, _ = codec.NewResampler(m.rate, c.Rate)
	}
}

// listen takes the party's next frame and tells whether it is to be mixed.
func (p *party) listen(at time.Time) bool {
	p.now = *p.role.Load()
	heard := p.plan != nil && p.stream.overhear(p.heard, at) && p.loud() && !p.now.Muted
	// A resampler holds the end of a frame back. It comes out with the next, though that be silent;
	// else it would click when the party speaks again.
	rings := p.audible && p.wideIn != nil && !p.rings && !p.now.Muted
	p.audible, p.rings = heard || rings, rings && !heard
	p.own = max(p.own-1, 0)
	if !p.audible {
		return false
	}
	p.own = ownMix
	if p.wideIn == nil {
		copy(p.said, p.heard)
		return true
	}
	p.said = p.wideIn.Resample(p.said[:0], p.heard)
	return true
}

// loud tells whether what was heard is above the mixer's threshold, or was shortly before.
func (p *party) loud() bool {
	threshold := int16(p.mixer.threshold.Load())
	p.held = max(p.held-1, 0)
	if above(p.heard, threshold) {
		if p.held = 0; threshold > inaudible {
			p.held = heldFrames
		}
		return true
	}
	return p.held > 0
}

// part is the party's share of what it hears.
func (p *party) part() []int16 {
	if !p.audible || !p.now.hears().includes(p.now.said()) {
		return nil
	}
	return p.said
}

func (p *party) resampled(mix []int16) []int16 {
	if p.wideOut == nil {
		return mix
	}
	p.outgoing = p.wideOut.Resample(p.outgoing[:0], mix)
	return p.outgoing
}

// above tells whether a sample is beyond the threshold either way.
func above(pcm []int16, threshold int16) bool {
	for _, x := range pcm {
		if x > threshold || x < -threshold {
			return true
		}
	}
	return false
}
