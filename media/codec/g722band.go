package codec

// band is the adaptive part of one sub-band: the scale of the quantiser, and a predictor of two
// poles and six zeros that follows the signal. Encoder and decoder run the same one on the same
// quantised differences and so stay alike without sending any of it.
type band struct {
	scale    int // step size of the quantiser, DETL or DETH
	logScale int // its logarithm, NBL or NBH

	predicted int    // S, what the predictor expects of the next sample
	zeros     int    // SZ, the share of the six zeros in it
	signal    [2]int // R, the last reconstructed samples
	partial   [2]int // P, the last differences plus their zeros' share
	pole      [2]int // A1, A2
	zero      [6]int // B1 to B6
	diff      [6]int // 2 D, the last quantised differences, doubled and limited to 16 bits
}

func newLowerBand() band { return band{scale: 32} }
func newUpperBand() band { return band{scale: 8} }

// encodeLower returns the six bits of a sample and adapts.
func (b *band) encodeLower(x int) byte {
	e := saturate(x - b.predicted)
	magnitude := e
	if e < 0 {
		magnitude = -(e + 1)
	}
	n := b.lowerInterval(magnitude)
	code := lowerPositive[n]
	if e < 0 {
		code = lowerNegative[n]
	}
	b.adaptLower(code)
	return code
}

// lowerInterval finds which of the 30 intervals a difference falls into (QUANTL). The decision
// levels rise with their index, so five halvings do.
func (b *band) lowerInterval(magnitude int) int {
	from, to := 0, len(lowerDecisions)
	for from < to {
		middle := (from + to) / 2
		if magnitude < lowerDecisions[middle]*b.scale>>12 {
			to = middle
		} else {
			from = middle + 1
		}
	}
	return from
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
	magnitude, code := e, byte(3)
	if e < 0 {
		magnitude, code = -(e + 1), 1
	}
	if magnitude >= 564*b.scale>>12 {
		code--
	}
	b.adaptUpper(code)
	return code
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
// the step itself by a table of one octave and a shift (SCALEL, SCALEH).
func (b *band) rescale(weight, highest, shift int) {
	b.logScale = min(max(b.logScale*127>>7+weight, 0), highest)
	mantissa := octave[b.logScale>>6&31]
	if s := shift - b.logScale>>11; s >= 0 {
		b.scale = mantissa >> s << 2
	} else {
		b.scale = mantissa << -s << 2
	}
}

// adapt takes the next quantised difference into the predictor and makes the next prediction.
func (b *band) adapt(d int) {
	signal := saturate(b.predicted + d)
	partial := saturate(b.zeros + d)
	b.adaptPoles(partial)
	b.adaptZeros(d)
	b.partial[1], b.partial[0] = b.partial[0], partial
	b.signal[1], b.signal[0] = b.signal[0], signal

	poles := b.pole[0]*saturate(2*b.signal[0])>>15 + b.pole[1]*saturate(2*b.signal[1])>>15
	b.predicted = saturate(saturate(poles) + b.zeros)
}

// adaptPoles steps both pole coefficients by the signs of the last three partial signals and keeps
// them inside the triangle of stability (UPPOL2, UPPOL1).
func (b *band) adaptPoles(partial int) {
	same1 := sameSign(partial, b.partial[0])
	same2 := sameSign(partial, b.partial[1])

	step := saturate(4 * b.pole[0])
	if same1 > 0 {
		step = min(-step, 32767)
	}
	second := step>>7 + 128*same2 + b.pole[1]*32512>>15
	b.pole[1] = min(max(second, -12288), 12288)

	first := saturate(192*same1 + b.pole[0]*32640>>15)
	bound := saturate(15360 - b.pole[1])
	b.pole[0] = min(max(first, -bound), bound)
}

// adaptZeros steps the six zero coefficients, shifts the differences, and sums what the zeros
// contribute to the next prediction (UPZERO, DELAYD, FILTEZ). The leak of 1/256 keeps a coefficient
// within 16 bits by itself.
func (b *band) adaptZeros(d int) {
	step := 128
	if d == 0 {
		step = 0
	}
	sum, next := 0, saturate(2*d)
	for i := range b.zero {
		before := b.diff[i]
		zero := step*sameSign(d, before) + b.zero[i]*32640>>15
		sum += zero * next >> 15
		b.zero[i], b.diff[i], next = zero, next, before
	}
	b.zeros = saturate(sum)
}

// sameSign is 1 when both numbers have the same sign bit, else -1.
func sameSign(a, b int) int { return 1 | (a^b)>>63 }

// limit keeps a reconstructed sample within 15 bits (LIMIT).
func limit(x int) int { return min(max(x, -16384), 16383) }
