package sound

import (
	"math"
	"sync/atomic"
	"time"

	"tandem/media/codec"
)

// endless is the limit of what goes on until it is stopped, in samples.
const endless = math.MaxInt

// Player plays a sound or a tone once to one stream or mixer. It is a media source: Name, Rate, Read, Coded, Pass,
// Encoder, Left, Skip. All but the first two are called by one goroutine at a time, the rest may be by any.
type Player struct {
	name string
	rate int
	from voice

	left      int          // samples to be played yet
	position  atomic.Int64 // samples played of the last turn
	completed atomic.Bool
}

// voice is what a player plays: a turn of samples, again and again.
type voice interface {
	// read fills the frame and moves on; less than all of it only at the end of what never repeats.
	read(pcm []int16) int
	// coded is the next frame as payload; nil when it must be read instead.
	coded(c codec.Codec) (octets []byte, last int16)
	// pass goes over so many samples.
	pass(n int)
	// encoder is one that has made all payload so far.
	encoder(c codec.Codec) codec.Encoder
	// position is how many samples of the turn were played.
	position() int
}

// Name tells what plays.
func (p *Player) Name() string { return p.name }

// Rate is the sample rate: 8000 or 16000.
func (p *Player) Rate() int { return p.rate }

// Position is where it stands in the sound: one of 3 s that was repeated for 7.2 s stands at 1.2 s. What it
// was told to begin behind counts as played.
func (p *Player) Position() time.Duration { return span(int(p.position.Load()), p.rate) }

// Completed tells that all was played: to the end of the sound, or of its time.
func (p *Player) Completed() bool { return p.completed.Load() }

// Read fills the next frame, the last one up with silence; false at the end.
func (p *Player) Read(frame []int16) bool {
	if p.left == 0 {
		p.completed.Store(true)
		return false
	}
	n := p.from.read(frame[:min(len(frame), p.left)])
	clear(frame[n:])
	if n < len(frame) {
		p.left = n // it ends here, be it that it has no more or that its time is over
	}
	p.played(n)
	return n > 0
}

// Coded is the next frame as payload of a codec of the player's rate, and its last sample. Nil when it
// has to be read. The payload is shared and must not be changed; it is valid until the next call.
func (p *Player) Coded(c codec.Codec) (octets []byte, last int16) {
	if c.Rate != p.rate || p.left < c.Samples {
		return nil, 0
	}
	return p.from.coded(c)
}

// Pass goes over the frame that Coded gave.
func (p *Player) Pass(c codec.Codec) {
	p.from.pass(c.Samples)
	p.played(c.Samples)
}

// Left is how many frames are to come, the last of which may be shorter; less than 0: it goes on until it is stopped.
func (p *Player) Left() int {
	if p.left == endless {
		return -1
	}
	frame := p.frame()
	return (p.left + frame - 1) / frame
}

// Skip goes over frames that nobody hears, to the end at most.
func (p *Player) Skip(frames int) {
	if n := min(frames*p.frame(), p.left); n > 0 {
		p.from.pass(n)
		p.played(n)
	}
}

// frame is the length of a frame in samples.
func (p *Player) frame() int { return samples(codec.Frame, p.rate) }

// Encoder is one that has made all the payload that Coded gave so far.
func (p *Player) Encoder(c codec.Codec) codec.Encoder { return p.from.encoder(c) }

func (p *Player) played(n int) {
	if p.left != endless {
		p.left -= n
	}
	p.position.Store(int64(p.from.position()))
	if p.left == 0 {
		p.completed.Store(true)
	}
}

// Player plays the sound at a sample rate, 8000 or 16000, beginning at from. limit 0 plays it to its end;
// more plays it for that time, again from its beginning where it is shorter; less until it is stopped.
// The name is repeated in media.Finished. The first players of a long sound at another rate than its file's
// play it at that, as their Rate tells, while it is made over for the next.
func (s *Sound) Player(name string, rate int, from, limit time.Duration) *Player {
	v := s.at(rate)
	start := min(samples(max(from, 0), v.rate), len(v.pcm))
	left := len(v.pcm) - start
	switch {
	case len(v.pcm) == 0:
		left = 0 // again and again would be nothing for ever
	case limit > 0:
		left = samples(limit, v.rate)
	case limit < 0:
		left = endless
	}
	p := &Player{name: name, rate: v.rate, from: &turns{version: v, at: start}, left: left}
	p.position.Store(int64(start))
	return p
}

// turns is a sound again and again.
type turns struct {
	version *version
	at      int       // next sample; the length of the sound at the end of a turn
	room    [640]byte // for a frame of the widest codec
}

func (t *turns) position() int { return t.at }

func (t *turns) read(pcm []int16) (n int) {
	for n < len(pcm) {
		if t.at == len(t.version.pcm) {
			t.at = 0
		}
		copied := copy(pcm[n:], t.version.pcm[t.at:])
		n, t.at = n+copied, t.at+copied
	}
	return n
}

// pass leaves the end of a turn as read does: the next one has not begun.
func (t *turns) pass(n int) {
	if t.at += n; t.at > len(t.version.pcm) {
		t.at = (t.at-1)%len(t.version.pcm) + 1
	}
}

func (t *turns) encoder(c codec.Codec) codec.Encoder { return t.version.encoder(c, t.at) }

// coded gives no frame that is in two turns or begins one: an encoder with a memory does not know of the
// turn before.
func (t *turns) coded(c codec.Codec) ([]byte, int16) {
	end := t.at + c.Samples
	if t.at == 0 || end > len(t.version.pcm) {
		return nil, 0
	}
	return t.version.payload(c, t.at, t.room[:]), t.version.pcm[end-1]
}
