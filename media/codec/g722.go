package codec

// G.722 splits 16 kHz audio into two bands of 8 kHz by a quadrature mirror filter and codes each by
// adaptive differential PCM: six bits for the lower band, two for the upper. This is the 64 kbit/s
// mode; the arithmetic is the Recommendation's own, to the bit, in the names of its figures.

// g722Encoder makes one byte of two samples.
type g722Encoder struct {
	split    mirror
	low, up  band
	first    int16 // the first sample of a pair whose second has not come yet
	haveHalf bool
}

func newG722Encoder() *g722Encoder {
	return &g722Encoder{low: newLowerBand(), up: newUpperBand()}
}

// Encode keeps an odd last sample for the next call.
func (e *g722Encoder) Encode(dst []byte, pcm []int16) []byte {
	if e.haveHalf && len(pcm) > 0 {
		dst = append(dst, e.pair(e.first, pcm[0]))
		pcm, e.haveHalf = pcm[1:], false
	}
	dst, out := extend(dst, len(pcm)/2)
	for i := range out {
		out[i] = e.pair(pcm[2*i], pcm[2*i+1])
	}
	pcm = pcm[2*len(out):]
	if len(pcm) == 1 {
		e.first, e.haveHalf = pcm[0], true
	}
	return dst
}

func (e *g722Encoder) pair(a, b int16) byte {
	even, odd := e.split.step(int(a), int(b))
	// The filter's gain is 4096; two sums and the 15 bits of the coders take one bit each.
	low, up := (even+odd)>>14, (even-odd)>>14
	return e.up.encodeUpper(up)<<6 | e.low.encodeLower(low)
}

// g722Decoder makes two samples of one byte.
type g722Decoder struct {
	join    mirror
	low, up band
}

func newG722Decoder() *g722Decoder {
	return &g722Decoder{low: newLowerBand(), up: newUpperBand()}
}

func (d *g722Decoder) Decode(dst []int16, payload []byte) []int16 {
	dst, out := extend(dst, 2*len(payload))
	for i, b := range payload {
		low, up := d.low.decodeLower(b&63), d.up.decodeUpper(b>>6)
		even, odd := d.join.step(low+up, low-up)
		out[2*i], out[2*i+1] = int16(saturate(even>>11)), int16(saturate(odd>>11))
	}
	return dst
}

// mirror is the 24-tap quadrature mirror filter, the same for both directions. The window is stored
// twice, one after the other, so that it can be read in one piece wherever it begins.
type mirror struct {
	window [48]int32
	at     int
}

// step takes the next two samples and returns the sums over the even and the odd taps, counted from
// the newest sample. The odd taps are the even ones backwards (G.722 table 11).
func (m *mirror) step(a, b int) (even, odd int) {
	m.window[m.at], m.window[m.at+24] = int32(a), int32(a)
	m.window[m.at+1], m.window[m.at+25] = int32(b), int32(b)
	m.at += 2
	if m.at == 24 {
		m.at = 0
	}
	w := (*[24]int32)(m.window[m.at:])
	e := (3*w[23] - 11*w[21]) + (12*w[19] + 32*w[17]) + (-210*w[15] + 951*w[13]) +
		(3876*w[11] - 805*w[9]) + (362*w[7] - 156*w[5]) + (53*w[3] - 11*w[1])
	o := (3*w[0] - 11*w[2]) + (12*w[4] + 32*w[6]) + (-210*w[8] + 951*w[10]) +
		(3876*w[12] - 805*w[14]) + (362*w[16] - 156*w[18]) + (53*w[20] - 11*w[22])
	return int(e), int(o)
}

func saturate(x int) int { return min(max(x, -32768), 32767) }
