package prompt

import (
	"math"
	"sync"
)

// The music on hold is a piece of sixteen bars: a soft chord in each, a bass note under it, and bells
// that break the chord. It is computed once, when it is first asked for, and then shared.
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

// piece is the whole of it. Notes that ring on beyond the end go on at the beginning, so that the
// loop has no seam.
var piece = sync.OnceValue(func() []int16 {
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
})

// pad adds a note that swells and fades slowly, into the next bar: two voices a little apart, each
// with a soft octave.
func pad(mix []float64, at float64, semitones int, level float64) {
	const rise, fall = 0.9, 1.3
	add(mix, at, bar+fall, func(t float64) float64 {
		swell := min(t/rise, (bar+fall-t)/fall, 1)
		swell *= swell * (3 - 2*swell) // smooth at both ends
		hz := pitch(semitones)
		return level * swell * (sine(hz*0.9985, t) + sine(hz*1.0015, t) + 0.3*sine(2*hz, t) + 0.1*sine(3*hz, t))
	})
}

// bell adds a struck note that rings out.
func bell(mix []float64, at float64, semitones int, level float64) {
	const attack, halving, length = 0.012, 0.35, 2.5
	add(mix, at, length, func(t float64) float64 {
		gain := min(t/attack, 1) * math.Exp2(-t/halving) * min((length-t)/0.1, 1)
		hz := pitch(semitones)
		return level * gain * (sine(hz, t) + 0.35*math.Exp2(-t/0.2)*sine(2*hz, t) + 0.15*math.Exp2(-t/0.1)*sine(4*hz, t))
	})
}

// add mixes a note of so many seconds in, around the end.
func add(mix []float64, at, length float64, note func(t float64) float64) {
	first := int(at * Rate)
	for i := range int(length * Rate) {
		mix[(first+i)%len(mix)] += note(float64(i) / Rate)
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

func sine(hz, t float64) float64 { return math.Sin(2 * math.Pi * hz * t) }
