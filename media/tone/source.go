package tone

import (
	"math"
	"time"
)

// Partial is one sine of a tone.
type Partial struct {
	Hz   float64
	DBm0 float64
}

// Step is a stretch of a tone: all its partials at once for a time. Without partials it is silence.
// A step that never ends has no time.
type Step struct {
	Partials []Partial
	For      time.Duration
	Halving  time.Duration // the level falls by half in so long, like a bell's; 0 holds it
}

// maxPartials bounds what is added up for one sample.
const maxPartials = 4

// framesPerSecond is how often a media source is read.
const framesPerSecond = 50

// ramp is how long a step takes to rise and to fall, so that it does not click.
const ramp = 4 * time.Millisecond

// Source plays steps, once or for ever. It is a media source: Name, Rate, Read, Left, Skip.
type Source struct {
	name   string
	rate   int
	repeat bool
	steps  []Step

	step     int // the one that sounds now; len(steps) at the end
	at, size int // samples into it, and its length; size 0 never ends
	voices   [maxPartials]oscillator
	count    int // of voices
	gain     float64
	decay    float64 // of gain, per sample
}

// New makes a source of steps. Partials of one step beyond the fourth are not played.
func New(name string, rate int, repeat bool, steps ...Step) *Source {
	s := &Source{name: name, rate: rate, repeat: repeat && len(steps) > 0, steps: steps, step: -1}
	s.advance()
	return s
}

// Name tells what plays.
func (s *Source) Name() string { return s.name }

// Rate is the sample rate it was made for.
func (s *Source) Rate() int { return s.rate }

// Read fills the frame. False means the end came before it; where the end falls into the frame, the
// rest is silence.
func (s *Source) Read(frame []int16) bool {
	if s.step >= len(s.steps) {
		return false
	}
	for i := range frame {
		frame[i] = s.next()
	}
	return true
}

// Left is how many frames are to come, the last of which may be shorter; less than 0: it has no end.
func (s *Source) Left() int {
	if s.step >= len(s.steps) {
		return 0
	}
	if s.repeat || s.size == 0 {
		return -1
	}
	n := s.size - s.at
	for _, step := range s.steps[s.step+1:] {
		if step.For <= 0 {
			return -1
		}
		n += int(step.For.Seconds() * float64(s.rate))
	}
	return (n + s.frame() - 1) / s.frame()
}

// Skip goes over frames that nobody hears, to the end at most.
func (s *Source) Skip(frames int) { s.Pass(frames * s.frame()) }

// Pass goes over samples that nobody hears, to the end at most.
func (s *Source) Pass(n int) {
	for n > 0 && s.step < len(s.steps) {
		if s.size > 0 && n >= s.size-s.at {
			n -= s.size - s.at
			s.advance()
			continue
		}
		for i := range s.count {
			s.voices[i].pass(n)
		}
		s.gain *= math.Pow(s.decay, float64(n))
		s.at, n = s.at+n, 0
	}
}

// frame is the length of a frame in samples.
func (s *Source) frame() int { return s.rate / framesPerSecond }

func (s *Source) next() int16 {
	if s.step >= len(s.steps) {
		return 0
	}
	sum := 0.0
	for i := range s.count {
		sum += s.voices[i].next()
	}
	sum *= s.gain * s.edge()
	s.gain *= s.decay
	if s.at++; s.at == s.size {
		s.advance()
	}
	return int16(math.Round(max(min(sum, 32767), -32768)))
}

// edge is the share of the level at the beginning and the end of a step.
func (s *Source) edge() float64 {
	n := int(ramp.Milliseconds()) * s.rate / 1000
	nearest := s.at
	if s.size > 0 {
		nearest = min(nearest, s.size-1-s.at)
	}
	return min(float64(nearest+1)/float64(n), 1)
}

// advance goes to the next step that has a length.
func (s *Source) advance() {
	for range len(s.steps) + 1 {
		s.step++
		if s.step == len(s.steps) && s.repeat {
			s.step = 0
		}
		if s.step >= len(s.steps) {
			return
		}
		if s.begin(s.steps[s.step]) {
			return
		}
	}
	s.step = len(s.steps)
}

// begin is false for a step shorter than a sample.
func (s *Source) begin(step Step) bool {
	s.at, s.size = 0, int(step.For.Seconds()*float64(s.rate))
	if step.For > 0 && s.size == 0 {
		return false
	}
	s.count = min(len(step.Partials), maxPartials)
	for i := range s.count {
		s.voices[i] = newOscillator(step.Partials[i], s.rate)
	}
	s.gain, s.decay = 1, 1
	if step.Halving > 0 {
		s.decay = math.Pow(0.5, 1/(step.Halving.Seconds()*float64(s.rate)))
	}
	return true
}
