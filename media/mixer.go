package media

import (
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"tandem/media/codec"
)

// inaudible is the peak below which a frame adds nothing to a mix: -60 dB of full scale, the noise
// of an idle A-law line and less.
const inaudible = 32

// ownMix is how many frames a party goes on with a mix of its own after it was audible. Encoders
// that remember, such as G.722's, should not be changed at every pause for breath.
const ownMix = 50

// Mixer is a conference: each party hears all others. Once per frame it takes what every party
// said, sums those who are audible, and sends each its own mix; all who have been silent for a while
// hear the same, which is encoded once per codec.
type Mixer struct {
	name   string
	rate   int
	engine *Engine
	shard  *shard
	slot   int

	mu      sync.Mutex
	parties []*party // replaced, never changed: a tick of a large room does not keep others waiting

	// The shard's own:
	sum    []int32
	mix    []int16
	common map[codec.Codec]*common
}

// party is a stream in a mixer.
type party struct {
	mixer  *Mixer
	stream *Stream
	left   atomic.Bool

	// The shard's own:
	plan     *plan
	audible  bool             // in this frame
	rings    bool             // audible only by what its resampler held back
	own      int              // frames for which it still gets a mix of its own
	heard    []int16          // what it said, at its own rate
	said     []int16          // the same at the mixer's rate
	wideIn   *codec.Resampler // nil where the rates agree
	wideOut  *codec.Resampler
	outgoing []int16
}

// common is the mix of all who were audible, encoded for those who were not.
type common struct {
	encoder   codec.Encoder
	resampler *codec.Resampler
	pcm       []int16
	octets    []byte
	made      bool // in this frame
}

// newMixer is called with engine.mu held.
func newMixer(e *Engine, name string, rate int) *Mixer {
	if rate != 16000 {
		rate = 8000
	}
	m := &Mixer{
		name: name, rate: rate, engine: e, shard: e.shardOf(name),
		sum: make([]int32, frameSamples(rate)), mix: make([]int16, frameSamples(rate)),
		common: map[codec.Codec]*common{},
	}
	e.mixers[name] = m
	return m
}

// Name is what the mixer was asked for by.
func (m *Mixer) Name() string { return m.name }

// Parties is how many streams have joined.
func (m *Mixer) Parties() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.parties)
}

// Join makes the stream a party of the mixer and ends whatever else it took part in. A mixer that
// ended meanwhile is found again by its name. An error means that it is full.
func (s *Stream) Join(m *Mixer) error {
	e := s.engine
	e.topology.Lock()
	defer e.topology.Unlock()
	if s.closed.Load() {
		m.forget()
		return ErrClosed
	}
	if s.party != nil && s.party.mixer == m {
		return nil
	}
	m = e.Mixer(m.name, m.rate)
	if n := m.Parties(); e.conf.MaxParties > 0 && n >= e.conf.MaxParties {
		return fmt.Errorf("media: mixer %s is full: %d parties", m.name, n)
	}
	s.detach()
	s.party = &party{mixer: m, stream: s}
	s.ear.pulledBy(true)
	s.send(&feed{})
	m.add(s.party)
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

func (m *Mixer) add(p *party) {
	m.mu.Lock()
	m.parties = append(slices.Clone(m.parties), p)
	first := len(m.parties) == 1
	m.mu.Unlock()
	if first {
		m.slot = m.shard.add(m)
	}
}

// leave takes the party out; the last one ends the mixer. Called with the topology locked.
func (p *party) leave() {
	m := p.mixer
	p.left.Store(true)
	m.mu.Lock()
	m.parties = slices.DeleteFunc(slices.Clone(m.parties), func(other *party) bool { return other == p })
	last := len(m.parties) == 0
	m.mu.Unlock()
	if last {
		m.shard.remove(m, m.slot)
		m.forget()
	}
}

// forget gives up the name of a mixer that nobody is in: after its last party, or when the one it was
// made for did not come. Called with the topology locked.
func (m *Mixer) forget() {
	m.engine.mu.Lock()
	defer m.engine.mu.Unlock()
	if m.Parties() == 0 && m.engine.mixers[m.name] == m {
		delete(m.engine.mixers, m.name)
	}
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

func (m *Mixer) tick(at time.Time) {
	m.mu.Lock()
	parties := m.parties
	m.mu.Unlock()
	clear(m.sum)
	for _, c := range m.common {
		c.made = false
	}
	for _, p := range parties {
		p.follow()
		if p.listen(at) {
			add(m.sum, p.said)
		}
	}
	for _, p := range parties {
		switch {
		case p.plan == nil || p.left.Load():
		case p.own > 0:
			m.without(p.part())
			p.stream.sender.frame(at, p.plan, p.resampled(m.mix))
		default:
			p.stream.sender.payload(at, p.plan, m.encoded(p.plan.Codec))
		}
	}
}

// listen takes the party's next frame and tells whether it is to be mixed.
func (p *party) listen(at time.Time) bool {
	heard := p.plan != nil && p.stream.overhear(p.heard, at) && loud(p.heard)
	// A resampler holds the end of a frame back. It comes out with the next, though that be silent;
	// else it would click when the party speaks again.
	rings := p.audible && p.wideIn != nil && !p.rings
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

// part is the party's share of the sum.
func (p *party) part() []int16 {
	if !p.audible {
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

// encoded is the common mix in a codec, made when the first party asks for it in a frame.
func (m *Mixer) encoded(c codec.Codec) []byte {
	shared, ok := m.common[c]
	if !ok {
		shared = &common{encoder: c.NewEncoder()}
		if c.Rate != m.rate {
			shared.resampler, _ = codec.NewResampler(m.rate, c.Rate)
		}
		m.common[c] = shared
	}
	if !shared.made {
		m.without(nil)
		pcm := m.mix
		if shared.resampler != nil {
			shared.pcm = shared.resampler.Resample(shared.pcm[:0], pcm)
			pcm = shared.pcm
		}
		shared.octets = shared.encoder.Encode(shared.octets[:0], pcm)
		shared.made = true
	}
	return shared.octets
}

// without makes the mix of all but one; nil: of all. The sum of many is wider than a sample and is
// cut off where it does not fit.
func (m *Mixer) without(own []int16) {
	for i, x := range m.sum {
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

func loud(pcm []int16) bool {
	for _, x := range pcm {
		if x > inaudible || x < -inaudible {
			return true
		}
	}
	return false
}
