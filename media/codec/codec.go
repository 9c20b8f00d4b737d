package codec

import "time"

// Codec describes one audio codec. Values are compared by Name.
type Codec struct {
	Name    string // encoding name as in SDP: "PCMU", "PCMA", "G722", "L16"
	Clock   int    // RTP clock rate in Hz; 8000 for G722 too (RFC 3551 section 4.5.2)
	Rate    int    // samples a second of the audio itself
	Static  int    // static payload number of RFC 3551, -1 when dynamic
	Samples int    // audio samples in 20 ms
	Bytes   int    // payload bytes in 20 ms
}

// Encoder makes payload of audio. It has state and serves one stream.
type Encoder interface {
	// Encode appends the payload of the samples to dst.
	Encode(dst []byte, pcm []int16) []byte
}

// Decoder makes audio of payload. It has state and serves one stream.
type Decoder interface {
	// Decode appends the samples of the payload to dst.
	Decode(dst []int16, payload []byte) []int16
}

// Frame is the length of audio that the mixers and sources work in.
const Frame = 20 * time.Millisecond
