package codec

// Opus (RFC 6716) in RTP (RFC 7587): a payload says itself how much audio it holds, and the clock is that of 48000 Hz
// whatever the audio is. We work at 16000 Hz, for mixers know nothing wider, and in one channel.
const (
	opusName    = "opus"
	opusClock   = 48000
	opusRate    = 16000
	opusLongest = opusClock * 120 / 1000 // of a payload (RFC 6716 section 3.2.5), in units of the clock
)

// opusParameters ask a peer for spares of what may be lost, and for one channel (RFC 7587 section 6.1). A member that
// passes packets on asks for whom it passes them to.
const opusParameters = "minptime=10;useinbandfec=1;stereo=0"

// opusUnits is how much audio a payload of Opus holds by its first octets (RFC 6716 section 3.1), in units of the clock:
// none where there is no frame in it, and never more than a payload may hold.
func opusUnits(payload []byte) int {
	if len(payload) == 0 {
		return 0
	}
	frame, config := 0, payload[0]>>3
	switch {
	case config < 12: // SILK: 10, 20, 40 or 60 ms
		frame = [...]int{480, 960, 1920, 2880}[config&3]
	case config < 16: // hybrid: 10 or 20 ms
		frame = 480 << (config & 1)
	default: // CELT: 2.5, 5, 10 or 20 ms
		frame = 120 << (config & 3)
	}
	frames := [...]int{1, 2, 2, 0}[payload[0]&3]
	if payload[0]&3 == 3 && len(payload) > 1 {
		frames = int(payload[1] & 63)
	}
	return min(frames*frame, opusLongest)
}

// Wishes are what a peer would like to be sent (RFC 7587 section 6.1). Only Opus has any.
type Wishes struct {
	FEC  bool // that packets bring a spare of the frame before, for when that was lost
	DTX  bool // that nothing is sent in silence
	Rate int  // bits a second at most; 0: as many as we like
}

// Tunable is an encoder that heeds a peer's wishes.
type Tunable interface {
	Encoder
	// Tune goes over to these wishes, from the next frame on.
	Tune(w Wishes)
}

// Mender is a decoder that makes up for what was lost itself, better than a Concealer that only knows the sound.
type Mender interface {
	Decoder
	// Mend appends so many samples in place of a packet that was lost. next is the one after it, which may bring a spare;
	// empty: it is not here either.
	Mend(dst []int16, samples int, next []byte) []int16
}
