package media

import (
	"errors"
	"time"
)

// Bridge joins two streams, both ways, and ends whatever either took part in. While both have the
// same codec and the same audio per packet, packets are relayed: payload untouched, header ours.
// Otherwise audio is played out of one side's buffer, resampled and encoded for the other. Which of
// the two it is follows each Apply.
func Bridge(a, b *Stream) error {
	if a == b || a.engine != b.engine {
		return errors.New("media: a bridge needs two streams of one engine")
	}
	a.engine.topology.Lock()
	defer a.engine.topology.Unlock()
	if a.closed.Load() || b.closed.Load() {
		return ErrClosed
	}
	a.detach()
	b.detach()
	a.peer, b.peer = b, a
	a.rewire()
	return nil
}

// Unbridge ends the bridge the stream is in; both sides send silence then.
func (s *Stream) Unbridge() {
	s.engine.topology.Lock()
	defer s.engine.topology.Unlock()
	if s.peer == nil {
		return
	}
	s.detach()
	s.send(&feed{paced: true})
}

// rewire makes packets flow as the stream's partners and the plans demand. Called with the topology
// locked, after either has changed.
func (s *Stream) rewire() {
	switch {
	case s.echo && s.delay == 0:
		s.relayFrom(s)
	case s.echo:
		s.delayFrom(s.plan.Load())
	case s.peer != nil:
		connect(s, s.peer)
	case s.party != nil && s.attending.target == nil:
		s.attend()
	}
}

func connect(a, b *Stream) {
	p, q := a.plan.Load(), b.plan.Load()
	if len(a.attending.by)+len(b.attending.by) > 0 {
		gather(a, b)
		return
	}
	a.scatter()
	b.scatter()
	switch {
	case p == nil || q == nil:
		// One side is not negotiated yet: the other hears silence until it is.
		a.send(&feed{paced: true})
		b.send(&feed{paced: true})
	case p.relays(q):
		a.relayFrom(b)
		b.relayFrom(a)
	default:
		a.transcodeFrom(b)
		b.transcodeFrom(a)
	}
}

func (s *Stream) relayFrom(other *Stream) {
	other.ear.pulledBy(false)
	s.sender.adopt(other)
	s.send(&feed{})
	other.onward.Store(&onward{to: s, packets: true})
}

// transcodeFrom leaves a feed that does that already as it is: its resampler remembers, and an
// exchange that changes nothing is not to be heard.
func (s *Stream) transcodeFrom(other *Stream) {
	s.sender.adopt(nil)
	other.onward.Store(&onward{to: s})
	rate := other.plan.Load().Codec.Rate
	if o, ok := s.feed.Load().source.(*overheard); ok && o.from == other && o.rate == rate {
		other.ear.pulledBy(true)
		return
	}
	s.send(&feed{paced: true, source: &overheard{from: other, rate: rate}})
}

// listening is a source that is made of what a stream hears. It is told the time that the next frame
// belongs to: a shard that makes up for a delay reads several at once, and none of them is late.
type listening interface {
	of() *Stream
	due(at time.Time)
}

// overheard is the audio of another stream, as a source.
type overheard struct {
	from *Stream
	rate int
	at   time.Time
}

func (o *overheard) Name() string     { return "stream " + o.from.id }
func (o *overheard) Rate() int        { return o.rate }
func (o *overheard) of() *Stream      { return o.from }
func (o *overheard) due(at time.Time) { o.at = at }
func (o *overheard) Read(frame []int16) bool {
	o.from.overhear(frame, o.at)
	return true
}
