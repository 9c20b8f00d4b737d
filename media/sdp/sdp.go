package sdp

import (
	"net/netip"
	"time"

	"tandem/media/codec"
)

// Direction is what our side does on the stream.
type Direction int

// The directions, as seen from our side.
const (
	SendRecv Direction = iota
	SendOnly
	RecvOnly
	Inactive
)

// Capability is what our side can do: given once per leg.
type Capability struct {
	Address netip.Addr // put into c= and o=
	Port    int        // RTP port; RTCP is the next one, or the same with rtcp-mux
	Codecs  []codec.Codec
	Ptime   time.Duration
	Name    string    // session name, s=
	Secure  *Identity // the leg is in the secure profile, and in no other; nil: it is in the plain one
	Label   string    // of our m-line (RFC 4574), which is one of several then, without telephone-event: see Lines; "": it has none

	Suites      []Suite // encryptions with keys in SDP that we offer and take, the better first; Secure does without
	Fingerprint string  // of our certificate, as a=fingerprint has it, for peers that offer keys by DTLS; "": none are taken
	Required    bool    // without one of them there is no audio; else plain audio will do where the peer has none
}

// Params is what an exchange settled; the media stream is set up from it.
type Params struct {
	Remote      netip.AddrPort // where to send RTP; not valid while the peer holds by 0.0.0.0 or ::, or with Secure
	RemoteRTCP  netip.AddrPort // where to send RTCP; not valid: nowhere
	Mux         bool           // RTCP on the RTP port (RFC 5761)
	Codec       codec.Codec    // what we send and expect
	Payload     uint8          // number to send it with; what we receive has RecvPayload
	RecvPayload uint8
	Wishes      codec.Wishes // what the peer would like of what we encode
	Says        string       // what it says of its codec, for the other leg of a bridge; see Session.Pass
	Event       uint8        // telephone-event to send, 0 when not agreed
	RecvEvent   uint8
	EventClock  int           // its clock rate
	Ptime       time.Duration // audio per packet to send
	Direction   Direction     // what we may do now
	Held        bool          // the peer holds us: it does not want to hear us talk (sendonly/inactive/0.0.0.0)
	Hears       []Format      // codecs that the peer may send at any time (RFC 3264 section 5.1), with our numbers
	Secure      *Secure       // how the audio is secured, and which way it goes; nil: in the plain profile
	Keys        Keys          // how the audio is encrypted, by keys in SDP; the zero value: it is not
	DTLS        DTLS          // how keys are agreed on on the way of the audio; the zero value: they are not
	Fax         Fax           // the peer is a fax, and this is what it says of itself: UDPTL goes both ways, and no audio
	Formats     []Format      // all codecs both sides can do, the peer's order; for the other leg of a bridge
}

// Format is a codec with the payload number used for it.
type Format struct {
	Codec   codec.Codec
	Payload uint8
	Says    string // what the peer says of it, for the other leg of a bridge; see Session.Pass
}
