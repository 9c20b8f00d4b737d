package media

import (
	"time"

	"tandem/media/codec"
	"tandem/media/rtp"
)

// coded is a source that many streams play alike, so that its frames may be had as payload made once for
// all. sound.Player is one.
type coded interface {
	Source
	// Coded is the next frame as payload of a codec of the source's rate, and its last sample. Nil: this
	// one has to be read.
	Coded(c codec.Codec) (octets []byte, last int16)
	// Pass goes over the frame that Coded gave, which was sent.
	Pass(c codec.Codec)
	// Encoder is one that has made all payload so far: it goes on after that.
	Encoder(c codec.Codec) codec.Encoder
}

// sharing is a stream's use of frames that were made for many. The own encoder makes the first of a
// source, which may have been softened. One with a memory makes more, until it is where the shared one is:
// then the peer's decoder goes over from the one to the other unnoticed. Back it takes over in the shared
// one's state.
type sharing struct {
	source coded       // whose payload was sent last; nil when the own encoder made it
	codec  codec.Codec // of the last frame
	run    int         // frames of the feed that the own encoder made one after the other
}

// handover is how many frames an encoder with a memory hears before another may take over from it.
const handover = 5

// share sends the next frame of the feed as payload that is made already; false when it has to be made.
func (s *Stream) share(f *feed, at time.Time, p *plan) bool {
	if s.sharing.source == nil && p.Codec.Remembers() {
		return false // see try
	}
	octets, last := s.offered(f, p)
	if octets == nil {
		return false
	}
	f.shared.Pass(p.Codec)
	s.sharing.source, s.last = f.shared, last
	if !s.sender.payload(at, p, octets) {
		s.unshare(p)
	}
	return true
}

// offered is the payload of the feed's next frame, if there is one and it may be sent.
func (s *Stream) offered(f *feed, p *plan) (octets []byte, last int16) {
	if !f.paced || f != s.spoken || f.shared == nil || f.made.Codec != p.Codec ||
		s.sharing.codec != p.Codec || s.sender.dials.Load() {
		return nil, 0
	}
	return f.shared.Coded(p.Codec)
}

// candidate is the payload that a codec with a memory might go over to with the next frame.
func (s *Stream) candidate(f *feed, p *plan) []byte {
	if !p.Codec.Remembers() || s.sharing.run < handover {
		return nil
	}
	octets, _ := s.offered(f, p)
	return octets
}

// unshare makes the own encoder go on where the payload of others ended.
func (s *Stream) unshare(p *plan) {
	from := s.sharing.source
	s.sharing.source, s.sharing.run = nil, 0
	if from != nil && s.sharing.codec == p.Codec && p.Codec.Remembers() {
		s.sender.succeed(p, from.Encoder(p.Codec))
	}
}

// own sends a frame that the own encoder makes, or the candidate when nobody hears a difference.
func (s *Stream) own(f *feed, at time.Time, p *plan, pcm []int16, candidate []byte) {
	if f != s.spoken || s.sharing.codec != p.Codec {
		s.sharing.run = 0
	}
	s.sharing.run++
	s.sharing.codec = p.Codec
	s.spoken, s.last = f, pcm[len(pcm)-1]
	switch {
	case candidate == nil:
		s.sender.frame(at, p, pcm)
	case s.sender.either(at, p, pcm, candidate):
		s.sharing.source = f.shared
	}
}

// either sends a frame as the own encoder makes it, or as the candidate does when the peer's decoder hears
// no difference; it tells whether it was the candidate.
func (s *sender) either(at time.Time, made *plan, pcm []int16, candidate []byte) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.ready(made) || s.held(at) {
		return false
	}
	before := codec.Clone(s.encoder)
	s.scratch = s.encoder.Encode(s.scratch[:0], pcm)
	octets, alike := s.scratch, codec.Alike(before, s.scratch, candidate)
	if alike {
		octets = candidate
	}
	s.begin(at)
	s.filled += copy(s.buffer[rtp.HeaderSize+s.filled:], octets)
	s.flush()
	return alike
}

// succeed makes the encoder the one that goes on.
func (s *sender) succeed(made *plan, e codec.Encoder) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.plan == made && e != nil {
		s.encoder = e
	}
}
