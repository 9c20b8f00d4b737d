package codec

import (
	"math/bits"
	"slices"
)

// The bytes of the smallest positive value in each law: what silence looks like on the wire.
const (
	MuLawSilence byte = 0xFF
	ALawSilence  byte = 0xD5
)

// The decoding tables are computed from the segment rule of ITU-T G.711. The encoding tables hold
// the answer for each of the 65536 linear values, so that a sample costs one load either way. The
// linear scale is 16 bits: full scale of both laws is close to 32768.
var (
	muLawLinear = expandTable(expandMuLaw)
	aLawLinear  = expandTable(expandALaw)
	linearMuLaw = compressTable(compressMuLaw)
	linearALaw  = compressTable(compressALaw)
)

// muLaw codes PCMU. It has no state.
type muLaw struct{}

func (muLaw) Encode(dst []byte, pcm []int16) []byte {
	dst, out := extend(dst, len(pcm))
	for i, x := range pcm {
		out[i] = linearMuLaw[uint16(x)]
	}
	return dst
}

func (muLaw) Decode(dst []int16, payload []byte) []int16 {
	dst, out := extend(dst, len(payload))
	for i, b := range payload {
		out[i] = muLawLinear[b]
	}
	return dst
}

// aLaw codes PCMA. It has no state.
type aLaw struct{}

func (aLaw) Encode(dst []byte, pcm []int16) []byte {
	dst, out := extend(dst, len(pcm))
	for i, x := range pcm {
		out[i] = linearALaw[uint16(x)]
	}
	return dst
}

func (aLaw) Decode(dst []int16, payload []byte) []int16 {
	dst, out := extend(dst, len(payload))
	for i, b := range payload {
		out[i] = aLawLinear[b]
	}
	return dst
}

// extend makes dst longer by n, and returns the new part too: filling that is faster than appending.
func extend[T byte | int16](dst []T, n int) (all, added []T) {
	all = slices.Grow(dst, n)[:len(dst)+n]
	return all, all[len(dst):]
}

func expandTable(expand func(byte) int16) *[256]int16 {
	var t [256]int16
	for i := range t {
		t[i] = expand(byte(i))
	}
	return &t
}

func compressTable(compress func(int) byte) *[65536]byte {
	var t [65536]byte
	for i := range t {
		t[i] = compress(int(int16(uint16(i))))
	}
	return &t
}

// expandMuLaw: the byte travels inverted; below the sign come a segment of 3 bits and a step of 4.
// A magnitude is (2*step+33) << segment, less 33, on a scale of 14 bits.
func expandMuLaw(b byte) int16 {
	b = ^b
	segment, step := b>>4&7, int(b&15)
	magnitude := ((2*step+33)<<segment - 33) * 4
	if b&0x80 != 0 {
		return int16(-magnitude)
	}
	return int16(magnitude)
}

// compressMuLaw undoes expandMuLaw with decisions half-way between two steps. Input is limited to
// the highest value that the last segment can hold.
func compressMuLaw(x int) byte {
	const bias, clip = 33 * 4, 8159*4 - 1
	var sign byte
	if x < 0 {
		sign, x = 0x80, -x
	}
	x = min(x, clip) + bias
	segment := bits.Len(uint(x)) - 8
	step := x >> (segment + 3) & 15
	return ^(sign | byte(segment<<4|step))
}

// expandALaw: every other bit travels inverted and the sign bit is set for positive values. The two
// lowest segments have the same step; each further one doubles it.
func expandALaw(b byte) int16 {
	b ^= 0x55
	segment, step := b>>4&7, int(b&15)
	magnitude := (2*step + 1) * 8
	if segment > 0 {
		magnitude = (2*step + 33) * 8 << (segment - 1)
	}
	if b&0x80 == 0 {
		return int16(-magnitude)
	}
	return int16(magnitude)
}

// compressALaw undoes expandALaw. The law has no zero: -1 belongs to the first negative step.
func compressALaw(x int) byte {
	sign := byte(0x80)
	if x < 0 {
		sign, x = 0, -x-1
	}
	segment := max(bits.Len(uint(x))-8, 0)
	step := x >> max(segment+3, 4) & 15
	return (sign | byte(segment<<4|step)) ^ 0x55
}
