package media

import (
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"tandem/media/codec"
)

// inaudible is the peak below which a frame adds nothing to a mix: -60 dB of full scale, the noise
// of an idle A-law line and less.
const inaudible = 32

// Mixer is a conference: each party hears all others, as far as their roles let it. Once per frame it
// takes what every party said, sums those who are audible, and sends each its own mix; all who have been
// silent for a while, or whom nobody hears, hear the same, which is encoded once per codec.
type Mixer struct {
	name   string
	rate   int
	engine *Engine
	shard  *shard
	turn   *turn

	threshold atomic.Int32 // frames whose peak is not above it are not mixed

	mu      sync.Mutex
	parties []*party // replaced, never changed: a tick of a large room does not keep others waiting
	voices  []*Voice // likewise

	// The shard's own:
	sums   sums
	mix    []int16
	common map[hearing]*common
}

// hearing is what a mix that many hear is made of, and what it is encoded with.
type hearing struct {
	of     audience
	codec  codec.Codec
	wishes codec.Wishes
}

// common is a mix that many hear, encoded for them.
type common struct {
	encoder   codec.Encoder
	resampler *codec.Resampler
	pcm       []int16
	octets    []byte
	made      bool // in this frame
	idle      int  // frames since it was made last
}

// newMixer is called with engine.mu held.
func newMixer(e *Engine, name string, rate int) *Mixer {
	if rate != 16000 {
		rate = 8000
	}
	m := &Mixer{
		name: name, rate: rate, engine: e, shard: e.shardOf(name),
		sums: newSums(frameSamples(rate)), mix: make([]int16, frameSamples(rate)),
		common: map[hearing]*common{},
	}
	m.threshold.Store(inaudible)
	e.mixers[name] = m
	return m
}

// Name is what the mixer was asked for by.
func (m *Mixer) Name() string { return m.name }

// Rate is the sample rate it works at: 8000 or 16000.
func (m *Mixer) Rate() int { return m.rate }

// Parties is how many streams have joined.
func (m *Mixer) Parties() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.parties)
}

// SetThreshold sets how loud a party has to be to be mixed: the peak of a frame, 0 to 32767. Who was
// louder stays in the mix for a fifth of a second, so that words keep their ends. 32, which only leaves
// the noise of an idle line out, is the beginning; it comes back with a mixer that has ended.
func (m *Mixer) SetThreshold(peak int) { m.threshold.Store(int32(min(max(peak, 0), 1<<15-1))) }

// Threshold is what SetThreshold set.
func (m *Mixer) Threshold() int { return int(m.threshold.Load()) }

// Join makes the stream a party of the mixer that hears and is heard by all.
func (s *Stream) Join(m *Mixer) error { return s.JoinAs(m, Role{}) }

// JoinAs makes the stream a party of the mixer and ends whatever else it took part in; a stream that is
// in it already only changes its role. A mixer that ended meanwhile is found again by its name. An error
// means that it is full.
func (s *Stream) JoinAs(m *Mixer, r Role) error {
	e := s.engine
	e.topology.Lock()
	defer e.topology.Unlock()
	if s.closed.Load() {
		m.forget()
		return ErrClosed
	}
	m = e.Mixer(m.name, m.rate)
	if s.party != nil && s.party.mixer == m {
		s.attending.role = r
		s.attend()
		return nil
	}
	if n := m.Parties(); e.conf.MaxParties > 0 && n >= e.conf.MaxParties {
		return fmt.Errorf("media: mixer %s is full: %d parties", m.name, n)
	}
	s.detach()
	s.attending.role = r
	s.seat(m, r)
	s.attend()
	return nil
}

// Leave takes the stream out of the mixer it is in; it sends silence then.
func (s *Stream) Leave() {
	s.engine.topology.Lock()
	defer s.engine.topology.Unlock()
	if s.party == nil {
		return
	}
	s.detach()
	s.send(&feed{paced: true})
}

// change lets parties and voices come and go. The first begins the mixer's ticks, the last ends it.
// Called with the topology locked.
func (m *Mixer) change(list func()) {
	m.mu.Lock()
	before := len(m.parties) + len(m.voices)
	list()
	after := len(m.parties) + len(m.voices)
	m.mu.Unlock()
	switch {
	case before == 0 && after > 0:
		m.turn = m.shard.add(m)
	case before > 0 && after == 0:
		m.shard.remove(m.turn)
		m.forget()
	}
}

// forget gives up the name of a mixer that nobody is in: after its last party or voice, or when the one
// it was made for did not come. Called with the topology locked.
func (m *Mixer) forget() {
	m.engine.mu.Lock()
	defer m.engine.mu.Unlock()
	m.mu.Lock()
	empty := len(m.parties)+len(m.voices) == 0
	m.mu.Unlock()
	if empty && m.engine.mixers[m.name] == m {
		delete(m.engine.mixers, m.name)
	}
}

func (m *Mixer) tick(at time.Time) (until time.Time) {
	m.mu.Lock()
	parties, voices := m.parties, m.voices
	m.mu.Unlock()
	m.sums.clear()
	for h, c := range m.common {
		if c.made, c.idle = false, c.idle+1; c.idle > maxIdle {
			delete(m.common, h)
		}
	}
	for _, v := range voices {
		if v.speak(at) {
			m.sums.add(v.said, fromVoice)
		}
	}
	for _, p := range parties {
		p.follow()
		if p.listen(at) {
			m.sums.add(p.said, p.now.said())
		}
	}
	for _, p := range parties {
		switch {
		case p.plan == nil || p.left.Load() || p.stream.speechless(p.plan):
		case p.own > 0:
			m.without(p.now.hears(), p.part())
			p.stream.sender.frame(at, p.plan, p.resampled(m.mix))
		default:
			p.stream.sender.payload(at, p.plan, m.encoded(hearing{p.now.hears(), p.plan.Codec, p.plan.Wishes}))
		}
	}
	for _, v := range voices {
		v.record(at)
	}
	return until
}

// encoded is the mix for an audience in a codec, made when the first party asks for it in a frame.
func (m *Mixer) encoded(h hearing) []byte {
	shared, ok := m.common[h]
	if !ok {
		shared = &common{encoder: h.codec.NewEncoder()}
		if h.codec.Rate != m.rate {
			shared.resampler, _ = codec.NewResampler(m.rate, h.codec.Rate)
		}
		if e, ok := shared.encoder.(codec.Tunable); ok {
			e.Tune(h.wishes)
		}
		m.common[h] = shared
	}
	if !shared.made {
		m.without(h.of, nil)
		pcm := m.mix
		if shared.resampler != nil {
			shared.pcm = shared.resampler.Resample(shared.pcm[:0], pcm)
			pcm = shared.pcm
		}
		shared.octets = shared.encoder.Encode(shared.octets[:0], pcm)
		shared.made, shared.idle = true, 0
	}
	return shared.octets
}

// without makes the mix for an audience of all but one; nil: of all. The sum of many is wider than a
// sample and is cut off where it does not fit.
func (m *Mixer) without(a audience, own []int16) {
	for i, x := range m.sums.of(a) {
		if own != nil {
			x -= int32(own[i])
		}
		m.mix[i] = int16(min(max(x, -1<<15), 1<<15-1))
	}
}

func add(sum []int32, pcm []int16) {
	for i, x := range pcm {
		sum[i] += int32(x)
	}
}
