package codec

import "bytes"

// What one can hardly hear: a hundredth of the power, or a few units of the 15 bits of a sub-band.
const (
	alikeShare = 100
	alikeFloor = 4 * 4
)

// Alike tells whether a decoder that has followed the encoder so far makes nearly the same of two payloads
// of one length: whether the one can be sent in place of the other. Where a codec has no memory they have
// to be equal.
func Alike(e Encoder, a, b []byte) bool {
	g, ok := e.(*g722Encoder)
	if !ok || len(a) != len(b) {
		return bytes.Equal(a, b)
	}
	// What it adapts, an encoder adapts as its decoder does.
	one, other := g722Decoder{low: g.low, up: g.up}, g722Decoder{low: g.low, up: g.up}
	signal, off := 0, 2*alikeFloor*len(a)*-1
	for i := range a {
		low, up := one.low.decodeLower(a[i]&63), one.up.decodeUpper(a[i]>>6)
		low2, up2 := other.low.decodeLower(b[i]&63), other.up.decodeUpper(b[i]>>6)
		signal += low*low + up*up
		off += (low-low2)*(low-low2) + (up-up2)*(up-up2)
	}
	return off*alikeShare <= signal
}
