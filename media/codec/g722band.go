package codec

// band is the adaptive part of one sub-band: the scale of the quantiser, and a predictor of two
// poles and six zeros that follows the signal. Encoder and decoder run the same one on the same
// quantised differences and so stay alike without sending any of it.
type band struct {
	scale    int // step size of the quantiser, DETL or DETH
	logScale int // its logarithm, NBL or NBH

	predicted int    // S, what the predictor expects of the next sample
	zeros     int    // SZ, the share of the six zeros in it
	signal    int    // 2 R, the last reconstructed sample, doubled and limited to 16 bits
	partial   [2]int // P, the last differences plus their zeros' share; only their signs count
	pole      [2]int // A1, A2
	zero      [6]int // B1 to B6
	diff      [6]int // 2 D, the last quantised differences, doubled and limited to 16 bits
}

func newLowerBand() band { return band{scale: 32} }
func newUpperBand() band { return band{scale: 8} }

// encodeLower returns the six bits of a sample and adapts.
func (b *band) encodeLower(x int) byte {
	e := saturate(x - b.predicted)
	negative := e >> 63 // all bits, or none
	code := lowerCodes[negative&1][lowerRatio(e^negative, b.scale)]
	b.adaptLower(code)
	return code
}

// lowerRatio says how many steps of the scale a difference is, up to the last decision level: it is within an interval
// whose upper end is D steps if it is below D*scale>>12 (QUANTL), which for whole numbers is to say that D is this ratio
// or more. One division takes the place of comparisons of which the processor would guess each second one wrong.
func lowerRatio(magnitude, scale int) int {
	steps := (uint32(magnitude+1)<<12 + uint32(scale) - 1) / uint32(scale)
	return int(min(steps, maxRatio))
}

// decodeLower returns the sample of six bits and adapts.
func (b *band) decodeLower(code byte) int {
	x := limit(b.predicted + b.scale*lowerLevels[code&63]>>15)
	b.adaptLower(code)
	return x
}

// adaptLower uses only the four upper bits, so that the two lower ones can carry other things
// in the slower modes without harm to the predictor.
func (b *band) adaptLower(code byte) {
	coarse := code >> 2 & 15
	d := b.scale * lowerCoarseLevels[coarse] >> 15
	b.rescale(lowerWeights[coarse], 18432, 8)
	b.adapt(d)
}

// encodeUpper returns the two bits of a sample and adapts.
func (b *band) encodeUpper(x int) byte {
	e := saturate(x - b.predicted)
	negative := e >> 63
	code := 3 + 2*negative
	if e^negative >= 564*b.scale>>12 {
		code--
	}
	b.adaptUpper(byte(code))
	return byte(code)
}

// decodeUpper returns the sample of two bits and adapts.
func (b *band) decodeUpper(code byte) int {
	x := limit(b.predicted + b.scale*upperLevels[code&3]>>15)
	b.adaptUpper(code)
	return x
}

func (b *band) adaptUpper(code byte) {
	d := b.scale * upperLevels[code&3] >> 15
	b.rescale(upperWeights[code&3], 22528, 10)
	b.adapt(d)
}

// rescale moves the quantiser's step: a leaky sum in the logarithmic domain (LOGSCL, LOGSCH), then
// the step itself by a table of one octave and a shift (SCALEL, SCALEH). A factor of 127/128 is written
// as the difference that it makes, here and below: x*127>>7 is x + -x>>7.
func (b *band) rescale(weight, highest, shift int) {
	logScale := min(max(b.logScale+-b.logScale>>7+weight, 0), highest)
	b.logScale = logScale
	b.scale = octave[logScale>>6&31] << 1 >> uint(shift+1-logScale>>11) << 2
}

// adapt takes the next quantised difference into the predictor and makes the next prediction.
func (b *band) adapt(d int) {
	partial := b.zeros + d
	pole1, pole2 := b.adaptPoles(partial)
	b.partial[1], b.partial[0] = b.partial[0], partial

	signal := saturate(2 * (b.predicted + d))
	poles := saturate(pole1*signal>>15 + pole2*b.signal>>15)
	b.signal = signal
	b.predicted = saturate(poles + b.adaptZeros(d))
}

// adaptPoles steps both pole coefficients by the signs of the last three partial signals and keeps
// them inside the triangle of stability (UPPOL2, UPPOL1). That keeps both within 16 bits, too.
func (b *band) adaptPoles(partial int) (first, second int) {
	differ1, differ2 := (partial^b.partial[0])>>63, (partial^b.partial[1])>>63

	first, second = b.pole[0], b.pole[1]
	step := min(signed(saturate(4*first), ^differ1), 32767)
	second = min(max(step>>7+signed(128, differ2)+second+-second>>7, -12288), 12288)
	first += signed(192, differ1) + -first>>8
	bound := 15360 - second
	first = min(max(first, -bound), bound)
	b.pole[0], b.pole[1] = first, second
	return first, second
}

// adaptZeros steps the six zero coefficients, shifts the differences, and sums what the zeros
// contribute to the next prediction (UPZERO, DELAYD, FILTEZ). The leak of 1/256 keeps a coefficient
// within 16 bits by itself. It is written out, since half of the coder's time is spent here.
func (b *band) adaptZeros(d int) int {
	step := 128
	if d == 0 {
		step = 0
	}
	x, z := &b.diff, &b.zero
	x0, x1, x2, x3, x4, x5, x6 := saturate(2*d), x[0], x[1], x[2], x[3], x[4], x[5]
	x[0], x[1], x[2], x[3], x[4], x[5] = x0, x1, x2, x3, x4, x5
	z0 := z[0] + -z[0]>>8 + signed(step, (d^x1)>>63)
	z1 := z[1] + -z[1]>>8 + signed(step, (d^x2)>>63)
	z2 := z[2] + -z[2]>>8 + signed(step, (d^x3)>>63)
	z3 := z[3] + -z[3]>>8 + signed(step, (d^x4)>>63)
	z4 := z[4] + -z[4]>>8 + signed(step, (d^x5)>>63)
	z5 := z[5] + -z[5]>>8 + signed(step, (d^x6)>>63)
	z[0], z[1], z[2], z[3], z[4], z[5] = z0, z1, z2, z3, z4, z5
	b.zeros = saturate((z0*x0>>15 + z1*x1>>15) + (z2*x2>>15 + z3*x3>>15) + (z4*x4>>15 + z5*x5>>15))
	return b.zeros
}

// signed is x, or -x where all bits of minus are set: a branch would be guessed wrong half of the time.
func signed(x, minus int) int { return x ^ minus - minus }

// limit keeps a reconstructed sample within 15 bits (LIMIT).
func limit(x int) int { return min(max(x, -16384), 16383) }
