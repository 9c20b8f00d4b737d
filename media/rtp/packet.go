package rtp

import (
	"encoding/binary"
	"errors"
)

// HeaderSize is the length of an RTP header without contributing sources and extension.
const HeaderSize = 12

// BufferSize is the room for one datagram. An Ethernet frame fits; what is longer is no audio and
// is refused.
const BufferSize = 1600

// ErrMalformed tells that a datagram is neither RTP version 2 nor RTCP that we read.
var ErrMalformed = errors.New("rtp: malformed packet")

const (
	version    = 2
	markerBit  = 0x80
	paddingBit = 0x20
	extBit     = 0x10
)

// Header is the fixed part of an RTP header (RFC 3550 section 5.1).
type Header struct {
	Payload   uint8 // payload type, 0 to 127
	Marker    bool
	Sequence  uint16
	Timestamp uint32
	SSRC      uint32
}

// Packet is a header and where the payload lies in the datagram it was parsed from. The payload
// never begins before HeaderSize, so a relay can write its own header right in front of it.
type Packet struct {
	Header
	Start, End int // payload is datagram[Start:End], padding not included
}

// Parse reads an RTP packet in place. Contributing sources and header extensions are stepped over,
// padding is cut off. It returns ErrMalformed for everything that does not add up.
func Parse(datagram []byte) (Packet, error) {
	// A datagram that fills the buffer was cut off by the kernel.
	if len(datagram) < HeaderSize || len(datagram) >= BufferSize || datagram[0]>>6 != version {
		return Packet{}, ErrMalformed
	}
	p := Packet{
		Header: Header{
			Payload:   datagram[1] &^ markerBit,
			Marker:    datagram[1]&markerBit != 0,
			Sequence:  binary.BigEndian.Uint16(datagram[2:]),
			Timestamp: binary.BigEndian.Uint32(datagram[4:]),
			SSRC:      binary.BigEndian.Uint32(datagram[8:]),
		},
		Start: HeaderSize + 4*int(datagram[0]&0x0f),
		End:   len(datagram),
	}
	if datagram[0]&extBit != 0 {
		if len(datagram) < p.Start+4 {
			return Packet{}, ErrMalformed
		}
		p.Start += 4 + 4*int(binary.BigEndian.Uint16(datagram[p.Start+2:]))
	}
	if datagram[0]&paddingBit != 0 {
		p.End -= int(datagram[len(datagram)-1])
		if datagram[len(datagram)-1] == 0 {
			return Packet{}, ErrMalformed
		}
	}
	if p.Start > p.End {
		return Packet{}, ErrMalformed
	}
	return p, nil
}

// PutHeader writes the header into the first HeaderSize octets of the datagram.
func PutHeader(datagram []byte, h Header) {
	_ = datagram[HeaderSize-1]
	datagram[0] = version << 6
	datagram[1] = h.Payload
	if h.Marker {
		datagram[1] |= markerBit
	}
	binary.BigEndian.PutUint16(datagram[2:], h.Sequence)
	binary.BigEndian.PutUint32(datagram[4:], h.Timestamp)
	binary.BigEndian.PutUint32(datagram[8:], h.SSRC)
}

// IsRTCP tells RTCP from RTP where both come to one port (RFC 5761 section 4).
func IsRTCP(datagram []byte) bool {
	return len(datagram) > 1 && datagram[1] >= 192 && datagram[1] <= 223
}
