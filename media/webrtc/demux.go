package webrtc

// carrier is what a datagram on the port carries.
type carrier int

const (
	unknown     carrier = iota
	checking            // STUN
	handshaking         // DTLS
	audio               // SRTP or SRTCP
)

// carrierOf tells by the first octet (RFC 7983 section 7).
func carrierOf(datagram []byte) carrier {
	if len(datagram) == 0 {
		return unknown
	}
	switch b := datagram[0]; {
	case b <= 3:
		return checking
	case b >= 20 && b <= 63:
		return handshaking
	case b >= 128 && b <= 191:
		return audio
	}
	return unknown
}
