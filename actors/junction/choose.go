package junction

import (
	"net/netip"
	"slices"
	"strconv"
	"time"

	"tandem/actors/msg"
	"tandem/media/codec"
	"tandem/media/sdp"
)

// Party is what is talked behind one end. The zero value has no codec of its own: a mixer, or a party whose phone has
// not said yet.
type Party struct {
	Codec  codec.Codec
	Packet time.Duration // audio in the packets that it is sent
	Fax    bool          // it talks T.38 in place of that
	Role   *msg.MixRole  // how it takes part in the mixer at the other end
}

// side is what one end has said.
type side struct {
	number  uint64
	address netip.AddrPort
	codec   string
	packet  time.Duration
	knows   []string
}

// maxKnows is how many codecs an end may say that it can do.
const maxKnows = 16

// Payload numbers on a junction: those that RFC 3551 gives, and for others what stands here. An end takes only packets
// of the codec that it has computed, so that nothing is played out as what it is not while the two ends change it.
const (
	firstPayload = 96
	eventPayload = 115
)

// fax is how members name T.38 to each other where a codec is named.
const fax = "T38"

// name is what the party talks.
func (p Party) name() string {
	if p.Fax {
		return fax
	}
	return name(p.Codec)
}

// name is a codec as members name it to each other, or "" for none.
func name(c codec.Codec) string {
	if c.Name == "" {
		return ""
	}
	return c.Name + "/" + strconv.Itoa(c.Clock)
}

// known are the names of all codecs that this build can do.
func known() []string {
	var out []string
	for _, c := range codec.Known {
		out = append(out, name(c))
	}
	return out
}

// choose is the codec of a junction and the audio in its packets, the same on both ends: that of the first end's party,
// or else of the second's, if both can do it. Everybody can do PCMU. Not every build can encode Opus, so that it is chosen
// only where both parties talk it.
func choose(first, second side) (codec.Codec, time.Duration) {
	for _, s := range []side{first, second} {
		c, ok := codec.ByName(s.codec)
		passes := c.Bytes > 0 || first.codec == second.codec
		if ok && passes && s.codec == name(c) && slices.Contains(first.knows, s.codec) && slices.Contains(second.knows, s.codec) {
			return c, s.packet
		}
	}
	return codec.Known[0], codec.Frame
}

// payload is the number of a codec on a junction.
func payload(c codec.Codec) uint8 {
	if c.Static >= 0 {
		return uint8(c.Static)
	}
	return uint8(firstPayload + slices.Index(codec.Known, c))
}

// params is what a junction's stream is told: as if SDP had settled it.
func params(c codec.Codec, packet time.Duration, remote netip.AddrPort) sdp.Params {
	n := payload(c)
	return sdp.Params{
		Remote: remote, RemoteRTCP: netip.AddrPortFrom(remote.Addr(), remote.Port()+1),
		Codec: c, Payload: n, RecvPayload: n, Event: eventPayload, RecvEvent: eventPayload, EventClock: c.Clock,
		Ptime: packet, Direction: sdp.SendRecv,
	}
}

// faxParams turns what a junction's stream is told into a fax, when both parties are one.
func faxParams(p sdp.Params, first, second side) sdp.Params {
	if first.codec == fax && second.codec == fax {
		p.Fax = sdp.Fax("t38")
	}
	return p
}
