package tone

import (
	"math"
	"time"
)

// detectorBlock is how much audio one judgement is made of: it tells frequencies 20 Hz apart.
const detectorBlock = 50 * time.Millisecond

// What counts as the tone: at least so loud, and at least so great a part of all that is heard.
const (
	presentLevel = -40 // dBm0
	presentShare = 0.5
)

// Detector recognises one frequency by Goertzel's filter, block by block.
type Detector struct {
	coefficient float64
	size        int // of a block, in samples

	filled   int
	one, two float64 // the filter's last two values
	energy   float64

	level, share float64
	blocks       int
	present      int
}

// NewDetector listens for a frequency in audio of the given rate.
func NewDetector(rate int, hz float64) *Detector {
	return &Detector{
		coefficient: 2 * math.Cos(2*math.Pi*hz/float64(rate)),
		size:        int(detectorBlock.Seconds() * float64(rate)),
		level:       math.Inf(-1),
	}
}

// Hear takes audio in pieces of any length.
func (d *Detector) Hear(pcm []int16) {
	for _, x := range pcm {
		v := float64(x)
		d.one, d.two = v+d.coefficient*d.one-d.two, d.one
		d.energy += v * v
		if d.filled++; d.filled == d.size {
			d.judge()
		}
	}
}

func (d *Detector) judge() {
	n := float64(d.size)
	power := max(d.one*d.one+d.two*d.two-d.coefficient*d.one*d.two, 0)
	d.level = Level(2 * math.Sqrt(power) / n)
	d.share = 0
	if d.energy > 0 {
		d.share = min(2*power/(n*d.energy), 1)
	}
	d.blocks++
	if d.Present() {
		d.present++
	}
	d.filled, d.one, d.two, d.energy = 0, 0, 0, 0
}

// Level is that of the tone in the last whole block, in dBm0; minus infinity at first.
func (d *Detector) Level() float64 { return d.level }

// Share is the tone's part of all energy in the last whole block, 0 to 1.
func (d *Detector) Share() float64 { return d.share }

// Present tells whether the last whole block was mainly the tone.
func (d *Detector) Present() bool { return d.level >= presentLevel && d.share >= presentShare }

// Heard tells for how long the tone was present, out of how much audio.
func (d *Detector) Heard() (present, total time.Duration) {
	return time.Duration(d.present) * detectorBlock, time.Duration(d.blocks) * detectorBlock
}
