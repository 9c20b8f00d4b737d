package tone

import "math"

// Levels of reference, in dBm0.
const (
	Overload     = 3.17  // the loudest sine that mu-law can carry
	overloadPeak = 32636 // its peak in 16 bits: 8159 on the 14 bits of G.711
)

// Peak is the amplitude of a sine of the given level.
func Peak(dbm0 float64) float64 { return overloadPeak * math.Pow(10, (dbm0-Overload)/20) }

// Level is the level in dBm0 of a sine of the given amplitude; minus infinity for none.
func Level(peak float64) float64 { return Overload + 20*math.Log10(peak/overloadPeak) }

// turn is one turn of the sine in 1024 parts, with straight lines between them: clean to 106 dB.
const turnBits = 10

var turn = func() (t [1<<turnBits + 1]float64) {
	for i := range t {
		t[i] = math.Sin(2 * math.Pi * float64(i) / (1 << turnBits))
	}
	return t
}()

// oscillator is one sine: a phase of 32 bits that wraps by itself, so that neither frequency nor
// level drifts however long it runs.
type oscillator struct {
	phase, step uint32
	peak        float64
}

func newOscillator(p Partial, rate int) oscillator {
	return oscillator{step: uint32(math.Round(p.Hz / float64(rate) * (1 << 32))), peak: Peak(p.DBm0)}
}

func (o *oscillator) next() float64 {
	const rest = 32 - turnBits
	i := o.phase >> rest
	part := float64(o.phase&(1<<rest-1)) / (1 << rest)
	o.phase += o.step
	return o.peak * (turn[i] + part*(turn[i+1]-turn[i]))
}

// pass goes over so many samples.
func (o *oscillator) pass(n int) { o.phase += o.step * uint32(n) }
