package dtmf

import (
	"math"
	"time"

	"tandem/media/tone"
)

// The detector looks at windows of 12.75 ms, each overlapping half of the one before. That is long
// enough to tell 697 from 770 Hz, and short enough that a key of 40 ms fills four windows while one
// of 23 ms can not (ITU-T Q.24 table A-1). A key that is not clear must last 60 ms: that is what
// keeps high voices, whose partials may meet two of the tones, from pressing keys.
const (
	windowAt8k  = 102 // samples at 8 kHz
	hopAt8k     = 51
	windowsDown = 4 // clear ones in a row begin a key
	windowsSure = 7 // in a row do even when they are not clear
	windowsUp   = 4 // in a row end it: a gap of up to 10 ms is none
)

// Thresholds of one window.
const (
	minLevel   = -30  // dBm0 of either tone
	minShare   = 0.75 // of all energy in the two tones: speech spreads it
	clearShare = 0.85 // when there is no doubt; tones 1.5 % off, or in noise, have less
)

// Ratios of power.
var (
	columnOver  = decibels(6)  // the column may be so much louder than the row
	columnUnder = decibels(10) // ... or so much weaker
	othersUnder = decibels(8)  // every other row and column must be so far below the chosen one
)

// Detector finds keys in audio. It serves one stream.
type Detector struct {
	rate, window, hop int
	coefficients      [8]float64 // rows, then columns
	floor             float64    // Goertzel power of minLevel

	line []int16 // the last window
	have int     // samples in it

	candidate byte // what the last windows showed
	seen      int  // how many in a row
	clear     int  // how many clear ones in a row
	key       byte // the key that is down, 0 when none
	held      int  // windows since it went down
	quiet     int  // windows since it was last heard
	reported  bool // it was held for MaxPress
}

// NewDetector listens to audio of 8000 or 16000 samples a second, or another multiple of 8000.
func NewDetector(rate int) *Detector {
	scale := max(rate/8000, 1)
	d := &Detector{rate: rate, window: windowAt8k * scale, hop: hopAt8k * scale}
	d.line = make([]int16, d.window)
	for i := range 4 {
		d.coefficients[i] = 2 * math.Cos(2*math.Pi*tone.Rows[i]/float64(rate))
		d.coefficients[4+i] = 2 * math.Cos(2*math.Pi*tone.Columns[i]/float64(rate))
	}
	d.floor = math.Pow(tone.Peak(minLevel)*float64(d.window)/2, 2)
	return d
}

// Held is the key that is down now, 0 when none is.
func (d *Detector) Held() byte { return d.key }

// Hear takes audio in pieces of any length and appends the keys that end in it to dst.
func (d *Detector) Hear(dst []Press, pcm []int16) []Press {
	for len(pcm) > 0 {
		n := copy(d.line[d.have:], pcm)
		d.have += n
		pcm = pcm[n:]
		if d.have == d.window {
			key, share := d.look()
			dst = d.follow(dst, key, share)
			d.have = copy(d.line, d.line[d.hop:])
		}
	}
	return dst
}

// follow moves the key's state by what the next window shows.
func (d *Detector) follow(dst []Press, shown byte, share float64) []Press {
	if shown != d.candidate {
		d.candidate, d.seen, d.clear = shown, 0, 0
	}
	d.seen++
	if d.clear++; share < clearShare {
		d.clear = 0
	}
	if d.key != 0 {
		d.held++
		if d.quiet++; shown == d.key {
			d.quiet = 0
		}
		dst = d.release(dst)
	}
	if d.key == 0 && shown != 0 && (d.clear >= windowsDown || d.seen >= windowsSure) {
		d.key, d.held, d.quiet, d.reported = shown, d.seen, 0, false
	}
	return dst
}

// release reports the key that is down when it ends, or when it has been down for too long.
func (d *Detector) release(dst []Press) []Press {
	length := d.length(d.held - d.quiet)
	over := d.quiet >= windowsUp
	if !d.reported && (over || length >= MaxPress) {
		dst = append(dst, Press{Key: d.key, Duration: min(length, MaxPress)})
		d.reported = true
	}
	if over {
		d.key = 0
	}
	return dst
}

// length is how long a key is that was seen in so many windows: the first and the last are filled
// by it for about seven parts of ten.
func (d *Detector) length(windows int) time.Duration {
	samples := windows*d.hop + d.window*4/10
	return time.Duration(samples) * time.Second / time.Duration(d.rate)
}

// look tells which key one window shows, 0 for none, and the two tones' share of all energy.
func (d *Detector) look() (key byte, share float64) {
	var energy float64
	for _, x := range d.line {
		energy += float64(x) * float64(x)
	}
	// Both tones together can not have more power than all there is: silence costs no filters.
	if energy*float64(d.window)/2 < d.floor {
		return 0, 0
	}
	power := d.filter()
	row, rowOnly := strongest(power[:4])
	column, columnOnly := strongest(power[4:])
	r, c := power[row], power[4+column]
	share = 2 * (r + c) / (float64(d.window) * energy)
	if r < d.floor || c < d.floor || c > r*columnOver || r > c*columnUnder ||
		!rowOnly || !columnOnly || share < minShare {
		return 0, 0
	}
	return tone.Keys[row*4+column], share
}

// filter runs the eight Goertzel filters side by side, four to a pass.
func (d *Detector) filter() (power [8]float64) {
	for i := 0; i < 8; i += 4 {
		c := d.coefficients[i : i+4 : i+4]
		var a1, a2, b1, b2, c1, c2, d1, d2 float64
		for _, s := range d.line {
			x := float64(s)
			a1, a2 = x+c[0]*a1-a2, a1
			b1, b2 = x+c[1]*b1-b2, b1
			c1, c2 = x+c[2]*c1-c2, c1
			d1, d2 = x+c[3]*d1-d2, d1
		}
		power[i] = a1*a1 + a2*a2 - c[0]*a1*a2
		power[i+1] = b1*b1 + b2*b2 - c[1]*b1*b2
		power[i+2] = c1*c1 + c2*c2 - c[2]*c1*c2
		power[i+3] = d1*d1 + d2*d2 - c[3]*d1*d2
	}
	return power
}

// strongest is the index of the greatest power, and whether all others are well below it.
func strongest(power []float64) (index int, alone bool) {
	for i, p := range power {
		if p > power[index] {
			index = i
		}
	}
	for i, p := range power {
		if i != index && p*othersUnder > power[index] {
			return index, false
		}
	}
	return index, true
}

// decibels is a ratio of power.
func decibels(db float64) float64 { return math.Pow(10, db/10) }
