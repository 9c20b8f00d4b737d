//go:build !libopus

package codec

import (
	"slices"

	"github.com/pion/opus"
)

// encodesOpus tells that this build has no encoder of Opus.
const encodesOpus = false

func newOpusEncoder() Encoder { return nil }

// opusDecoder is a decoder in Go.
type opusDecoder struct{ opus.Decoder }

// newOpusDecoder never fails: the decoder is asked for what it knows.
func newOpusDecoder() Decoder {
	d, err := opus.NewDecoderWithOutput(opusRate, 1)
	if err != nil {
		panic(err)
	}
	return &opusDecoder{d}
}

// Decode appends nothing of a payload that is malformed.
func (d *opusDecoder) Decode(dst []int16, payload []byte) []int16 {
	samples := opusUnits(payload) * opusRate / opusClock
	dst = slices.Grow(dst, samples)
	n, err := d.DecodeToInt16(payload, dst[len(dst):len(dst)+samples])
	if err != nil {
		return dst
	}
	return dst[:len(dst)+n]
}
