package codec

import (
	"fmt"
	"math"
	"sync"
)

// The filter's demands, relative to half the lower of the two rates: flat up to passEdge, and
// stopLoss dB down from stopEdge on. Between 8 and 16 kHz that is 3.4 and 4.2 kHz: what folds back
// stays above the telephone band.
const (
	passEdge = 0.85
	stopEdge = 1.05
	stopLoss = 70
)

// maxRate bounds the rates, and with them the length of the filters.
const maxRate = 48000

// Resampler changes the sample rate of one stream by a polyphase low-pass filter. It keeps the end
// of what it was given, so cutting the stream anywhere makes no difference. Its delay is 22 samples
// of the lower rate: 2.75 ms at 8 kHz.
type Resampler struct {
	bank  *bank
	line  []float32 // the last taps-1 samples, and room for a block of new ones
	at    int       // next output: input sample within the block ...
	phase int       // ... and the fraction beyond it, in 1/up
}

// resampleBlock is how many samples a resampler takes in one round.
const resampleBlock = 320

// NewResampler accepts rates that are multiples of 8000 Hz up to 48000 Hz.
func NewResampler(from, to int) (*Resampler, error) {
	for _, rate := range []int{from, to} {
		if rate <= 0 || rate > maxRate || rate%8000 != 0 {
			return nil, fmt.Errorf("codec: cannot resample %d to %d Hz: %d is not a multiple of 8000 up to %d",
				from, to, rate, maxRate)
		}
	}
	return newResampler(from, to), nil
}

func newResampler(from, to int) *Resampler {
	b := bankFor(from, to)
	return &Resampler{bank: b, line: make([]float32, b.taps-1+resampleBlock)}
}

// Resample appends what can be said after src to dst. A frame of whole milliseconds gives exactly
// its length at the new rate.
func (r *Resampler) Resample(dst, src []int16) []int16 {
	if r.bank.up == r.bank.down {
		return append(dst, src...)
	}
	for len(src) > 0 {
		n := min(len(src), resampleBlock)
		dst = r.block(dst, src[:n])
		src = src[n:]
	}
	return dst
}

func (r *Resampler) block(dst, src []int16) []int16 {
	b := r.bank
	fresh := r.line[b.taps-1:]
	for i, x := range src {
		fresh[i] = float32(x)
	}
	n := max((len(src)-r.at)*b.up-r.phase+b.down-1, 0) / b.down
	dst, out := extend(dst, n)
	for first := range min(b.up, n) {
		at := r.phase + first*b.down
		r.sift(out[first:], b.phases[at%b.up], r.line[r.at+at/b.up:])
	}
	next := r.phase + n*b.down
	r.at, r.phase = r.at+next/b.up-len(src), next%b.up
	copy(r.line, r.line[len(src):len(src)+b.taps-1])
	return dst
}

// sift makes the samples of one phase, which are so far apart as there are phases. Three are made at a time, so that a
// tap is loaded once for all of them; what four need does not fit into the registers of a processor.
func (r *Resampler) sift(out []int16, taps, line []float32) {
	up, down, at := r.bank.up, r.bank.down, 0
	for ; len(out) > 2*up; at += 3 * down {
		x, y, z := dot3(taps, line[at:], line[at+down:], line[at+2*down:])
		out[0], out[up], out[2*up] = rounded(x), rounded(y), rounded(z)
		out = out[min(3*up, len(out)):]
	}
	for ; len(out) > 0; at += down {
		out[0] = rounded(dot(taps, line[at:]))
		out = out[min(up, len(out)):]
	}
}

// rounded is the nearest sample. A number that is moved above zero first is rounded by cutting it off, either way.
func rounded(x float32) int16 {
	const zero = 1 << 20
	return int16(saturate(int(float64(x)+zero+0.5) - zero))
}

// dot3 is dot for three places of a line.
func dot3(taps, x, y, z []float32) (float32, float32, float32) {
	x, y, z = x[:len(taps)], y[:len(taps)], z[:len(taps)]
	var x0, x1, y0, y1, z0, z1 float32
	for i := 1; i < len(taps); i += 2 {
		even, odd := taps[i-1], taps[i]
		x0 += even * x[i-1]
		x1 += odd * x[i]
		y0 += even * y[i-1]
		y1 += odd * y[i]
		z0 += even * z[i-1]
		z1 += odd * z[i]
	}
	return x0 + x1, y0 + y1, z0 + z1
}

// dot multiplies in two chains, so that not every addition has to wait for the one before. Filters are of even length.
func dot(taps, line []float32) float32 {
	line = line[:len(taps)]
	var even, odd float32
	for i := 1; i < len(taps); i += 2 {
		even += taps[i-1] * line[i-1]
		odd += taps[i] * line[i]
	}
	return even + odd
}

// bank is the filter of one pair of rates, one row per phase, each reversed so that it runs along
// the line. It is shared by all resamplers of the pair.
type bank struct {
	up, down, taps int
	phases         [][]float32
}

var banks struct {
	sync.Mutex
	byRates map[[2]int]*bank
}

func bankFor(from, to int) *bank {
	banks.Lock()
	defer banks.Unlock()
	key := [2]int{from, to}
	b, ok := banks.byRates[key]
	if !ok {
		if banks.byRates == nil {
			banks.byRates = make(map[[2]int]*bank)
		}
		b = newBank(from, to)
		banks.byRates[key] = b
	}
	return b
}

// newBank designs a windowed sinc by Kaiser's rule at the common multiple of both rates and deals
// its taps out to the phases.
func newBank(from, to int) *bank {
	divisor := gcd(from, to)
	b := &bank{up: to / divisor, down: from / divisor}
	rate := float64(from * b.up)
	half := float64(min(from, to)) / 2
	width := 2 * math.Pi * half * (stopEdge - passEdge) / rate
	length := (stopLoss - 7.95) / (2.285 * width)
	b.taps = (int(math.Ceil(length/float64(b.up))) + 3) / 4 * 4

	beta := 0.1102 * (stopLoss - 8.7)
	cut := half * (stopEdge + passEdge) / 2 / rate // of the sampling rate
	middle := float64(b.taps*b.up-1) / 2
	b.phases = make([][]float32, b.up)
	for phase := range b.phases {
		row := make([]float32, b.taps)
		for j := range row {
			t := float64(j*b.up+phase) - middle
			h := 2 * cut * sinc(2*cut*t) * kaiser(beta, t/(middle+0.5))
			row[b.taps-1-j] = float32(h * float64(b.up))
		}
		b.phases[phase] = row
	}
	return b
}

func sinc(x float64) float64 {
	if x == 0 {
		return 1
	}
	return math.Sin(math.Pi*x) / (math.Pi * x)
}

// kaiser is the window at x of -1 to 1.
func kaiser(beta, x float64) float64 {
	return bessel0(beta*math.Sqrt(max(1-x*x, 0))) / bessel0(beta)
}

// bessel0 is the modified Bessel function of order zero, by its power series.
func bessel0(x float64) float64 {
	sum, term := 1.0, 1.0
	for k := 1.0; term > sum*1e-12; k++ {
		term *= x / (2 * k) * x / (2 * k)
		sum += term
	}
	return sum
}

func gcd(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}
