package prompt

import (
	"math"
	"math/cmplx"
	"sync"
)

// The music on hold is a piece of sixteen bars: a soft chord in each, a bass note under it, and bells
// that break the chord. It is computed once, when it is first asked for (50 ms of a core), and then
// shared.
const (
	bar   = 3.0 // seconds
	beats = 6   // bells in a bar
)

// chords are the bars, each as semitones above middle C: bass note, then four notes of the chord.
var chords = [16][5]int{
	{-12, 0, 4, 7, 11}, {-15, -3, 0, 4, 7}, {-19, -3, 0, 5, 9}, {-17, -1, 2, 7, 9},
	{-12, 0, 4, 7, 11}, {-8, -1, 4, 7, 11}, {-19, -3, 0, 4, 9}, {-17, -5, 0, 2, 7},
	{-10, -3, 2, 5, 9}, {-17, -1, 2, 5, 7}, {-8, -1, 4, 7, 11}, {-15, -3, 0, 4, 7},
	{-10, -3, 0, 5, 9}, {-7, -4, 0, 5, 8}, {-12, 0, 4, 7, 9}, {-17, -1, 2, 5, 7},
}

// melody is which notes of the chord the bells strike in each of four kinds of bar; -1 is a rest.
var melody = [4][beats]int{
	{1, 2, 3, 4, 3, 2}, {4, -1, 3, 2, 3, -1}, {1, 3, 2, 4, -1, 3}, {4, 3, -1, 2, 1, -1},
}

// musicPeak leaves room above the loudest moment, and makes the piece as loud as speech is.
const musicPeak = 9000

// Music plays the music on hold from its beginning, for ever.
func Music() Source { return &loop{pcm: piece()} }

// loop plays shared samples over and over.
type loop struct {
	pcm []int16
	at  int
}

// Name tells what plays.
func (l *loop) Name() string { return "music" }

// Rate is the sample rate of all prompts.
func (l *loop) Rate() int { return Rate }

// Read always fills the frame.
func (l *loop) Read(frame []int16) bool {
	for filled := 0; filled < len(frame); {
		n := copy(frame[filled:], l.pcm[l.at:])
		filled += n
		l.at = (l.at + n) % len(l.pcm)
	}
	return true
}

// Left is less than 0: it has no end.
func (l *loop) Left() int { return -1 }

// Skip goes over frames that nobody hears.
func (l *loop) Skip(frames int) { l.at = (l.at + frames*frameSamples) % len(l.pcm) }

// piece is the whole of it. Notes that ring on beyond the end go on at the beginning, so that the
// loop has no seam.
var piece = sync.OnceValue(compose)

func compose() []int16 {
	mix := make([]float64, int(bar*Rate)*len(chords))
	for i, chord := range chords {
		at := float64(i) * bar
		pad(mix, at, chord[0], 0.6)
		for _, n := range chord[1:] {
			pad(mix, at, n, 0.45)
		}
		for j, n := range melody[i%len(melody)] {
			if n >= 0 {
				bell(mix, at+bar*float64(j)/beats, chord[n]+12, 0.8)
			}
		}
	}
	return scaled(mix)
}

// partial is one sine of a note: its frequency as a multiple of the note's, its level, and the time
// in which that halves by itself, 0 for never.
type partial struct{ ratio, level, halving float64 }

// A pad is two voices a little apart, each with a soft octave. A bell is bright when it is struck.
var (
	padPartials  = []partial{{0.9985, 1, 0}, {1.0015, 1, 0}, {2, 0.3, 0}, {3, 0.1, 0}}
	bellPartials = []partial{{1, 1, 0.35}, {2, 0.35, 0.13}, {4, 0.15, 0.08}}
)

// pad adds a note that swells and fades slowly, into the next bar.
func pad(mix []float64, at float64, semitones int, level float64) {
	const rise, fall = 0.9, 1.3
	add(mix, at, bar+fall, note{semitones, level, rise, fall, padPartials})
}

// bell adds a struck note that rings out.
func bell(mix []float64, at float64, semitones int, level float64) {
	add(mix, at, 2.5, note{semitones, level, 0.012, 0.1, bellPartials})
}

// note is what add plays; rise and fall are seconds.
type note struct {
	semitones  int // above middle C
	level      float64
	rise, fall float64
	partials   []partial
}

// add mixes a note of so many seconds in, around the end. Each partial is a pointer that turns by its
// frequency and shrinks by its decay from sample to sample.
func add(mix []float64, at, length float64, n note) {
	var pointers, turns [4]complex128
	for i, p := range n.partials {
		radius := 1.0
		if p.halving > 0 {
			radius = math.Exp2(-1 / (p.halving * Rate))
		}
		turns[i] = cmplx.Rect(radius, 2*math.Pi*pitch(n.semitones)*p.ratio/Rate)
		pointers[i] = complex(n.level*p.level, 0)
	}
	to := int(at * Rate)
	for i := range int(length * Rate) {
		t := float64(i) / Rate
		gain := min(t/n.rise, (length-t)/n.fall, 1)
		gain *= gain * (3 - 2*gain) // smooth at both ends
		sum := 0.0
		for k := range n.partials {
			sum += imag(pointers[k])
			pointers[k] *= turns[k]
		}
		mix[to] += gain * sum
		if to++; to == len(mix) {
			to = 0
		}
	}
}

// scaled brings the loudest moment to musicPeak.
func scaled(mix []float64) []int16 {
	loudest := 0.0
	for _, x := range mix {
		loudest = max(loudest, math.Abs(x))
	}
	pcm := make([]int16, len(mix))
	for i, x := range mix {
		pcm[i] = int16(math.Round(x / loudest * musicPeak))
	}
	return pcm
}

// pitch is the frequency of a note above middle C.
func pitch(semitones int) float64 { return 261.63 * math.Exp2(float64(semitones)/12) }
