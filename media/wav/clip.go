package wav

import (
	"errors"
	"fmt"
	"io"
	"os"

	"tandem/media/codec"
)

// MaxClip is the longest clip, in samples: ten minutes at 16 kHz.
const MaxClip = 10 * 60 * 16000

// Clip is a file's audio in memory, one channel, at 8000 or 16000 samples a second.
type Clip struct {
	name string
	rate int
	pcm  []int16
}

// Load reads a file into a clip that bears the path as its name.
func Load(path string) (*Clip, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("wav: %w", err)
	}
	defer f.Close()
	c, err := ReadClip(path, f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return c, nil
}

// ReadClip reads a clip. Two channels are added up to one; rates above 16 kHz that are multiples of
// 8 kHz are brought down to it.
func ReadClip(name string, from io.Reader) (*Clip, error) {
	r, err := NewReader(from)
	if err != nil {
		return nil, err
	}
	rate := min(r.format.Rate, 16000)
	resampler, err := codec.NewResampler(r.format.Rate, rate)
	if err != nil {
		return nil, fmt.Errorf("%w: %d samples a second; 8000, 16000, 24000, 32000 and 48000 are",
			ErrFormat, r.format.Rate)
	}
	c := &Clip{name: name, rate: rate}
	piece := make([]int16, 2048)
	for {
		n, err := r.Read(piece)
		if errors.Is(err, io.EOF) {
			return c, nil
		}
		if err != nil {
			return nil, err
		}
		c.pcm = resampler.Resample(c.pcm, mono(piece[:n], r.format.Channels))
		if len(c.pcm) > MaxClip {
			return nil, fmt.Errorf("%w: longer than %d samples", ErrFormat, MaxClip)
		}
	}
}

// mono adds interleaved channels up, at half their level, in place.
func mono(pcm []int16, channels int) []int16 {
	if channels == 1 {
		return pcm
	}
	for i := range len(pcm) / 2 {
		pcm[i] = int16((int(pcm[2*i]) + int(pcm[2*i+1])) / 2)
	}
	return pcm[:len(pcm)/2]
}

// Name is the clip's name.
func (c *Clip) Name() string { return c.name }

// Rate is the clip's sample rate.
func (c *Clip) Rate() int { return c.rate }

// Samples is the clip's audio. It is shared and must not be changed.
func (c *Clip) Samples() []int16 { return c.pcm }

// Source plays the clip once from its beginning. Any number of sources may play one clip.
func (c *Clip) Source() *Source { return &Source{clip: c} }

// Source is a media source: Name, Rate, Read, Left, Skip.
type Source struct {
	clip *Clip
	at   int
}

// Name is the clip's name.
func (s *Source) Name() string { return s.clip.name }

// Rate is the clip's sample rate.
func (s *Source) Rate() int { return s.clip.rate }

// Read fills the frame, the last one up with silence; false at the end.
func (s *Source) Read(frame []int16) bool {
	if s.at == len(s.clip.pcm) {
		return false
	}
	n := copy(frame, s.clip.pcm[s.at:])
	clear(frame[n:])
	s.at += n
	return true
}

// Left is how many frames are to come, the last of which may be shorter.
func (s *Source) Left() int {
	return (len(s.clip.pcm) - s.at + s.frame() - 1) / s.frame()
}

// Skip goes over frames that nobody hears, to the end at most.
func (s *Source) Skip(frames int) { s.at = min(s.at+frames*s.frame(), len(s.clip.pcm)) }

// frame is the length of a frame in samples: 20 ms.
func (s *Source) frame() int { return s.clip.rate / 50 }
