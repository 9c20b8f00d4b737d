package codec

import (
	"cmp"
	"strconv"
	"strings"
	"time"
)

// Codec describes one audio codec. Values are compared by Name, and L16 by Clock too.
type Codec struct {
	Name    string // encoding name as in SDP: "PCMU", "PCMA", "G722", "L16", "opus"
	Clock   int    // RTP clock rate in Hz; 8000 for G722 too (RFC 3551 section 4.5.2)
	Rate    int    // samples a second of the audio itself
	Static  int    // static payload number of RFC 3551, -1 when dynamic
	Samples int    // audio samples in 20 ms
	Bytes   int    // payload bytes in 20 ms; 0: they differ from frame to frame, see Units
}

// largestFrame is what a frame of 20 ms has at most where that differs (RFC 6716 section 3.4, R2).
const largestFrame = 1275

// Units is how much audio a payload holds, in units of the RTP clock.
func (c Codec) Units(payload []byte) int {
	if c.Bytes == 0 {
		return opusUnits(payload)
	}
	return len(payload) * (c.Clock / int(time.Second/Frame)) / c.Bytes
}

// Room is how many bytes of payload 20 ms have at most.
func (c Codec) Room() int { return cmp.Or(c.Bytes, largestFrame) }

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

// Known lists what this package can code, in the default order of preference. L16 has no static
// payload number at these rates: 10 and 11 of RFC 3551 are 44.1 kHz.
var Known = []Codec{
	{Name: "PCMU", Clock: 8000, Rate: 8000, Static: 0, Samples: 160, Bytes: 160},
	{Name: "PCMA", Clock: 8000, Rate: 8000, Static: 8, Samples: 160, Bytes: 160},
	{Name: "G722", Clock: 8000, Rate: 16000, Static: 9, Samples: 320, Bytes: 160},
	{Name: "L16", Clock: 8000, Rate: 8000, Static: -1, Samples: 160, Bytes: 320},
	{Name: "L16", Clock: 16000, Rate: 16000, Static: -1, Samples: 320, Bytes: 640},
	{Name: opusName, Clock: opusClock, Rate: opusRate, Static: -1, Samples: 320},
}

// ByName finds a known codec by its encoding name in any case, alone ("pcmu") or with the clock
// rate as in an rtpmap line ("L16/16000"). A name alone gives the first of that name.
func ByName(name string) (Codec, bool) {
	name, rate, given := strings.Cut(name, "/")
	for _, c := range Known {
		if strings.EqualFold(c.Name, name) && (!given || rate == strconv.Itoa(c.Clock)) {
			return c, true
		}
	}
	return Codec{}, false
}

// ByStatic finds a known codec by its static payload number (RFC 3551 section 6).
func ByStatic(number int) (Codec, bool) {
	for _, c := range Known {
		if c.Static == number && number >= 0 {
			return c, true
		}
	}
	return Codec{}, false
}

// Map is the codec as an rtpmap line has it (RFC 8866 section 6.6): that of Opus always has two channels, whatever there
// is in it (RFC 7587 section 7).
func (c Codec) Map() string {
	name := c.Name + "/" + strconv.Itoa(c.Clock)
	if c.Name == opusName {
		name += "/2"
	}
	return name
}

// Parameters is what an fmtp line says of the codec to a peer, "" where it has none.
func (c Codec) Parameters() string {
	if c.Name == opusName {
		return opusParameters
	}
	return ""
}

// Encodes tells that this build can code audio by it. Each known codec can be decoded, but Opus is encoded with the build
// tag libopus alone.
func (c Codec) Encodes() bool { return c.Name != opusName || encodesOpus }

// Remembers tells that the payload of a sample depends on those before it.
func (c Codec) Remembers() bool { return c.Name == "G722" }

// Clone is an encoder in the same state.
func Clone(e Encoder) Encoder {
	if g, ok := e.(*g722Encoder); ok {
		copied := *g
		return &copied
	}
	return e // the others have no state
}

// NewEncoder returns an encoder with fresh state, or nil for a codec that is not in Known or that is not encoded here.
func (c Codec) NewEncoder() Encoder {
	switch c.Name {
	case "PCMU":
		return muLaw{}
	case "PCMA":
		return aLaw{}
	case "G722":
		return newG722Encoder()
	case "L16":
		return l16{}
	case opusName:
		return newOpusEncoder()
	}
	return nil
}

// NewDecoder returns a decoder with fresh state, or nil for a codec that is not in Known.
func (c Codec) NewDecoder() Decoder {
	switch c.Name {
	case "PCMU":
		return muLaw{}
	case "PCMA":
		return aLaw{}
	case "G722":
		return newG722Decoder()
	case "L16":
		return l16{}
	case opusName:
		return newOpusDecoder()
	}
	return nil
}
