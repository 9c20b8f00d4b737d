//go:build libopus

package codec

/*
#cgo pkg-config: opus
#include <opus.h>

// Those with an open list of arguments can not be called from Go.
static void tune(OpusEncoder *e, opus_int32 rate, int fec, int dtx) {
	opus_encoder_ctl(e, OPUS_SET_COMPLEXITY(5));
	opus_encoder_ctl(e, OPUS_SET_SIGNAL(OPUS_SIGNAL_VOICE));
	opus_encoder_ctl(e, OPUS_SET_BITRATE(rate));
	opus_encoder_ctl(e, OPUS_SET_INBAND_FEC(fec));
	opus_encoder_ctl(e, OPUS_SET_PACKET_LOSS_PERC(fec ? 5 : 0));
	opus_encoder_ctl(e, OPUS_SET_DTX(dtx));
}
*/
import "C"

import (
	"slices"
	"unsafe"
)

// encodesOpus tells that this build has an encoder of Opus.
const encodesOpus = true

// Bits a second of what we send: what is left of a wish below the least is speech no more.
const (
	opusBits      = 28000
	leastOpusBits = 6000
)

// opusEncoder is an encoder of libopus. Its state is ours to keep, and no pointer into Go's memory is in it.
type opusEncoder struct {
	state []byte
	dtx   bool
}

// newOpusEncoder never fails: the library is asked for what it knows.
func newOpusEncoder() Encoder {
	e := &opusEncoder{state: make([]byte, C.opus_encoder_get_size(1))}
	C.opus_encoder_init(e.c(), opusRate, 1, C.OPUS_APPLICATION_VOIP)
	e.Tune(Wishes{})
	return e
}

func (e *opusEncoder) c() *C.OpusEncoder { return (*C.OpusEncoder)(unsafe.Pointer(&e.state[0])) }

// Tune goes over to a peer's wishes.
func (e *opusEncoder) Tune(w Wishes) {
	rate := opusBits
	if w.Rate > 0 {
		rate = min(max(w.Rate, leastOpusBits), rate)
	}
	e.dtx = w.DTX
	C.tune(e.c(), C.opus_int32(rate), truth(w.FEC), truth(w.DTX))
}

func truth(b bool) C.int {
	if b {
		return 1
	}
	return 0
}

// Encode appends one frame, of as much audio as it is given: 2.5, 5, 10, 20, 40 or 60 ms. In silence it
// appends nothing where the peer wants that.
func (e *opusEncoder) Encode(dst []byte, pcm []int16) []byte {
	dst = slices.Grow(dst, largestFrame)
	room := dst[len(dst) : len(dst)+largestFrame]
	n := C.opus_encode(e.c(), (*C.opus_int16)(&pcm[0]), C.int(len(pcm)), (*C.uchar)(&room[0]), largestFrame)
	if n <= 0 || e.dtx && n <= 2 { // one of up to two octets need not be sent
		return dst
	}
	return dst[:len(dst)+int(n)]
}

// opusDecoder is a decoder of libopus.
type opusDecoder struct{ state []byte }

func newOpusDecoder() Decoder {
	d := &opusDecoder{make([]byte, C.opus_decoder_get_size(1))}
	C.opus_decoder_init(d.c(), opusRate, 1)
	return d
}

func (d *opusDecoder) c() *C.OpusDecoder { return (*C.OpusDecoder)(unsafe.Pointer(&d.state[0])) }

// Decode appends nothing of a payload that is malformed.
func (d *opusDecoder) Decode(dst []int16, payload []byte) []int16 {
	if len(payload) == 0 {
		return dst
	}
	return d.decode(dst, payload, opusLongest*opusRate/opusClock, false)
}

// Mend makes whole units of 2.5 ms, which is what the library can make up, and holds the rest back with silence.
func (d *opusDecoder) Mend(dst []int16, samples int, next []byte) []int16 {
	const unit, most = opusRate / 400, opusLongest * opusRate / opusClock
	start := len(dst)
	whole := min(samples/unit*unit, most)
	if whole > 0 {
		dst = d.decode(dst, next, whole, len(next) > 0)
	}
	for len(dst) < start+samples {
		dst = append(dst, 0)
	}
	return dst
}

func (d *opusDecoder) decode(dst []int16, payload []byte, samples int, spare bool) []int16 {
	dst = slices.Grow(dst, samples)
	room := dst[len(dst) : len(dst)+samples]
	var octets *C.uchar
	if len(payload) > 0 {
		octets = (*C.uchar)(&payload[0])
	}
	n := C.opus_decode(d.c(), octets, C.opus_int32(len(payload)), (*C.opus_int16)(&room[0]), C.int(samples), truth(spare))
	return dst[:len(dst)+max(int(n), 0)]
}
