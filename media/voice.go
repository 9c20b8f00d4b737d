package media

import (
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"tandem/media/codec"
	"tandem/media/sdp"
)

// Voice is a party of a mixer that has no stream: what it plays is heard by all, and what is said can be
// recorded through it. While it is there the mixer lives, though nobody be in it. All methods may be
// called from any goroutine, but not from within a Source.
type Voice struct {
	mixer   *Mixer
	onEvent func(Event)
	plan    *plan // linear audio at the mixer's rate
	closed  atomic.Bool
	feed    atomic.Pointer[feed]
	tap     atomic.Pointer[tap]

	// The shard's own:
	said   []int16 // the frame that it plays; empty when none
	spoken *feed
	last   int16
}

// Voice adds a voice to the mixer. A mixer that ended meanwhile is found again by its name. onEvent is
// told Finished, from a media goroutine; it must not block, and may be nil.
func (e *Engine) Voice(m *Mixer, onEvent func(Event)) (*Voice, error) {
	e.topology.Lock()
	defer e.topology.Unlock()
	if e.isClosed() {
		m.forget()
		return nil, ErrClosed
	}
	m = e.Mixer(m.name, m.rate)
	m.mu.Lock()
	n := len(m.voices)
	m.mu.Unlock()
	if n >= maxVoices {
		return nil, fmt.Errorf("media: mixer %s has %d voices", m.name, n)
	}
	samples := frameSamples(m.rate)
	v := &Voice{
		mixer: m, onEvent: onEvent, said: make([]int16, 0, samples),
		plan: &plan{Params: sdp.Params{Codec: codec.Codec{Name: "L16", Rate: m.rate, Samples: samples}}},
	}
	v.feed.Store(&feed{})
	m.change(func() { m.voices = append(slices.Clone(m.voices), v) })
	return v, nil
}

// Mixer is where the voice is.
func (v *Voice) Mixer() *Mixer { return v.mixer }

// Play plays the source to all parties from the next frame on, in place of what it played; nil plays
// nothing. When the source ends, Finished is told.
func (v *Voice) Play(source Source) {
	v.feed.Store(&feed{paced: source != nil, source: source, told: true})
}

// Record writes what everybody says, whom nobody hears and special parties left out, and what other
// voices play, into a channel of the recording; a nil recorder ends it.
func (v *Voice) Record(r *Recorder, channel int) error {
	if r == nil {
		v.tap.Store(nil)
		return nil
	}
	if channel < 0 || channel >= r.channels {
		return fmt.Errorf("media: no channel %d in a recording of %d", channel, r.channels)
	}
	if v.closed.Load() || r.full.Load() {
		return ErrClosed
	}
	v.tap.Store(&tap{recorder: r, channel: channel})
	return nil
}

// Close takes the voice out of the mixer; where it was the last one in it, the mixer ends. No event is
// told after it, except one that is under way.
func (v *Voice) Close() {
	if v.closed.Swap(true) {
		return
	}
	m := v.mixer
	m.engine.topology.Lock()
	defer m.engine.topology.Unlock()
	m.change(func() {
		m.voices = slices.DeleteFunc(slices.Clone(m.voices), func(other *Voice) bool { return other == v })
	})
}

// speak makes the voice's next frame, and tells whether there is one.
func (v *Voice) speak(at time.Time) bool {
	f := v.feed.Load()
	v.said = v.said[:0]
	if !f.paced || v.closed.Load() {
		v.spoken, v.last = nil, 0
		return false
	}
	pcm, more := f.next(at, v.plan)
	if !more {
		if v.feed.CompareAndSwap(f, &feed{}) {
			v.mixer.shard.notify(v, Finished{Source: f.source.Name()})
		}
		v.spoken, v.last = nil, 0
		return false
	}
	if f != v.spoken {
		soften(pcm, v.last)
	}
	v.spoken, v.last = f, pcm[len(pcm)-1]
	v.said = append(v.said, pcm...)
	return true
}

// record writes the frame that was mixed.
func (v *Voice) record(at time.Time) {
	t := v.tap.Load()
	if t == nil || v.closed.Load() {
		return
	}
	m, own := v.mixer, v.said
	if len(own) == 0 {
		own = nil
	}
	m.without(everyone, own)
	t.write(m.mix, at)
}

// deliver runs on the shard's event goroutine.
func (v *Voice) deliver(e Event) {
	if v.onEvent != nil && !v.closed.Load() {
		v.onEvent(e)
	}
}
