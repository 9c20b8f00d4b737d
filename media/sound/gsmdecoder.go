package sound

// gsmDecoder is the full-rate speech decoder of GSM 06.10 (ETS 300 961), to the bit: a pulse train is
// raised to its level, what was 40 to 120 samples ago is added to it, and a lattice filter of eight
// stages shapes it. Numbers are those of the standard: 16 bits that saturate.
type gsmDecoder struct {
	past    [120]int16 // what the long-term predictor reaches back to
	lag     int        // of the last subframe whose own was sensible
	larBack [8]int16   // the log area ratios of the frame before
	lattice [9]int16
	last    int16 // of the de-emphasis
}

const gsmSubframe = 40

// The coding of the eight log area ratios (table 4.1 and 4.2): bits, the smallest code, an offset, and
// the inverse of the step.
var (
	larBits    = [8]int{6, 6, 5, 5, 4, 4, 3, 3}
	larLowest  = [8]int16{-32, -32, -16, -16, -8, -8, -4, -4}
	larOffset  = [8]int16{0, 0, 2048, -2560, 94, -1792, -341, -1144}
	larInverse = [8]int16{13107, 13107, 13107, 13107, 19223, 17476, 31454, 29708}
)

var (
	lagGains   = [4]int16{3277, 11469, 21299, 32767}                              // table 4.3b
	blockScale = [8]int16{18431, 20479, 22527, 24575, 26623, 28671, 30719, 32767} // table 4.6
)

// gsmRanges are the parts of a frame in which the filter moves from the frame before to this one.
var gsmRanges = []struct {
	until int
	mix   func(before, now int16) int16
}{
	{13, func(before, now int16) int16 { return plus(plus(before>>2, now>>2), before>>1) }},
	{27, func(before, now int16) int16 { return plus(before>>1, now>>1) }},
	{40, func(before, now int16) int16 { return plus(plus(before>>2, now>>2), now>>1) }},
	{gsmLength, func(_, now int16) int16 { return now }},
}

func newGSMDecoder() *gsmDecoder { return &gsmDecoder{lag: gsmSubframe} }

// frame appends the 160 samples of the next 260 bits.
func (d *gsmDecoder) frame(dst []int16, next func(bits int) int16) []int16 {
	var lar [8]int16
	for i := range lar {
		lar[i] = expandLAR(i, next(larBits[i]))
	}
	var excitation [gsmLength]int16
	for sub := 0; sub < gsmLength; sub += gsmSubframe {
		d.subframe(excitation[sub:sub+gsmSubframe], next)
	}
	d.shape(excitation[:], lar)
	d.larBack = lar
	for _, x := range excitation {
		d.last = plus(x, times(d.last, 28180))
		dst = append(dst, plus(d.last, d.last)&^7)
	}
	return dst
}

func expandLAR(i int, code int16) int16 {
	x := (code + larLowest[i]) << 10
	x = times(larInverse[i], minus(x, larOffset[i]<<1))
	return plus(x, x)
}

// subframe decodes 40 samples of the excitation.
func (d *gsmDecoder) subframe(out []int16, next func(bits int) int16) {
	lag, gain, grid, level := int(next(7)), next(2), int(next(2)), next(6)
	if lag >= 40 && lag <= 120 {
		d.lag = lag
	}
	for i := range 13 {
		out[grid+3*i] = pulse(level, next(3))
	}
	back := d.past[len(d.past)-d.lag:] // at least a subframe
	for i := range out {
		out[i] = plus(out[i], times(lagGains[gain], back[i]))
	}
	copy(d.past[:], d.past[gsmSubframe:])
	copy(d.past[len(d.past)-gsmSubframe:], out)
}

// pulse is one sample of the regular pulse train, of a block whose greatest has the level.
func pulse(level, code int16) int16 {
	exponent := int16(0)
	if level > 15 {
		exponent = level>>3 - 1
	}
	mantissa := level - exponent<<3
	if mantissa == 0 {
		exponent, mantissa = -4, 7
	} else {
		for mantissa <= 7 {
			mantissa = mantissa<<1 | 1
			exponent--
		}
		mantissa -= 8
	}
	shift := 6 - exponent
	round := int16(0)
	if shift > 0 {
		round = 1 << (shift - 1)
	}
	return plus(times(blockScale[mantissa], (code<<1-7)<<12), round) >> shift
}

// shape runs the excitation through the short-term filter, in place.
func (d *gsmDecoder) shape(pcm []int16, lar [8]int16) {
	from := 0
	for _, part := range gsmRanges {
		var reflection [8]int16
		for i := range reflection {
			reflection[i] = reflect(part.mix(d.larBack[i], lar[i]))
		}
		for i, x := range pcm[from:part.until] {
			for stage := 7; stage >= 0; stage-- {
				x = minus(x, times(reflection[stage], d.lattice[stage]))
				d.lattice[stage+1] = plus(d.lattice[stage], times(reflection[stage], x))
			}
			d.lattice[0] = x
			pcm[from+i] = x
		}
		from = part.until
	}
}

// reflect turns a log area ratio into a reflection coefficient.
func reflect(lar int16) int16 {
	x := lar
	if x < 0 {
		x = minus(0, x)
	}
	switch {
	case x < 11059:
		x <<= 1
	case x < 20070:
		x += 11059
	default:
		x = plus(x>>2, 26112)
	}
	if lar < 0 {
		return -x
	}
	return x
}

func plus(a, b int16) int16  { return saturated(int32(a) + int32(b)) }
func minus(a, b int16) int16 { return saturated(int32(a) - int32(b)) }

// times multiplies fractions of 1, rounded.
func times(a, b int16) int16 { return saturated((int32(a)*int32(b) + 16384) >> 15) }

func saturated(x int32) int16 { return int16(min(max(x, -1<<15), 1<<15-1)) }
