package media

import (
	"time"

	"tandem/media/codec"
)

// coded is a source that many streams play alike, so that its frames may be had as payload made once for
// all. sound.Player is one.
type coded interface {
	Source
	// Coded is the next frame as payload of a codec of the source's rate, and its last sample. Nil: this
	// one has to be read.
	Coded(c codec.Codec) (octets []byte, last int16)
	// Before is what was played last, n samples at most.
	Before(n int) []int16
}

// sharing is a stream's use of frames that were made for many. The own encoder makes the first of a
// source, which may have been softened. One with a memory makes some more: once it has heard the same as
// the shared one, the peer's decoder goes over from the one to the other unnoticed.
type sharing struct {
	source coded       // whose payload was sent last; nil when the own encoder made it
	codec  codec.Codec // of the last frame
	run    int         // frames of the feed that the own encoder made one after the other
}

// handover is how many frames an encoder with a memory hears before another takes over from it.
const handover = 5

// share sends the next frame of the feed as payload that is made already; false when it has to be made.
func (s *Stream) share(f *feed, at time.Time, p *plan) bool {
	if f != s.spoken || f.shared == nil || f.made.Codec != p.Codec || s.sharing.codec != p.Codec ||
		s.sender.dials.Load() {
		return false
	}
	if s.sharing.source == nil && p.Codec.Remembers() && s.sharing.run < handover {
		return false
	}
	octets, last := f.shared.Coded(p.Codec)
	if octets == nil {
		return false
	}
	s.sharing.source, s.last = f.shared, last
	if !s.sender.payload(at, p, octets) {
		s.unshare(p)
	}
	return true
}

// unshare makes the own encoder go on where the payload of others ended.
func (s *Stream) unshare(p *plan) {
	from := s.sharing.source
	s.sharing.source, s.sharing.run = nil, 0
	if from != nil && s.sharing.codec == p.Codec && p.Codec.Remembers() {
		s.sender.remind(p, from.Before(handover*p.Codec.Samples))
	}
}

// owned follows a frame that the own encoder made.
func (s *Stream) owned(f *feed, p *plan) {
	if f != s.spoken || s.sharing.codec != p.Codec {
		s.sharing.run = 0
	}
	s.sharing.run++
	s.sharing.codec = p.Codec
}
