package codec

import "encoding/binary"

// l16 codes linear samples in network byte order (RFC 3551 section 4.5.11). It has no state; half a
// sample at the end of a payload is dropped.
type l16 struct{}

func (l16) Encode(dst []byte, pcm []int16) []byte {
	for _, x := range pcm {
		dst = binary.BigEndian.AppendUint16(dst, uint16(x))
	}
	return dst
}

func (l16) Decode(dst []int16, payload []byte) []int16 {
	for ; len(payload) >= 2; payload = payload[2:] {
		dst = append(dst, int16(binary.BigEndian.Uint16(payload)))
	}
	return dst
}
