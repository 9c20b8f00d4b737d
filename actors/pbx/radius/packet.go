package radius

import (
	"crypto/hmac"
	"crypto/md5"
	"encoding/binary"
	"errors"
	"slices"
)

// Codes of packets (RFC 2865 section 3, RFC 2866 section 3).
const (
	AccessRequest      = 1
	AccessAccept       = 2
	AccessReject       = 3
	AccountingRequest  = 4
	AccountingResponse = 5
)

// Attributes that the package itself knows.
const (
	UserName             = 1
	UserPassword         = 2
	ReplyMessage         = 18
	vendorSpecific       = 26
	AcctStatusType       = 40
	messageAuthenticator = 80
)

// Sizes in bytes.
const (
	headLength  = 20
	maxPacket   = 4096
	maxValue    = 253
	maxPassword = 128
)

// Failures of packets.
var (
	ErrValue    = errors.New("radius: an attribute is too long")
	ErrPacket   = errors.New("radius: malformed packet")
	ErrForged   = errors.New("radius: the answer is not signed with the secret")
	ErrPassword = errors.New("radius: the password is too long")
)

// Attribute is one attribute; Vendor is 0 for the standard ones, else who has made the type up.
type Attribute struct {
	Vendor uint32
	Type   byte
	Value  []byte
}

// Packet is one packet.
type Packet struct {
	Code       byte
	Attributes []Attribute
}

// encode writes a request. authenticator is random, that of an Access-Request; an Accounting-Request has one
// that it makes itself (RFC 2866 section 3), which is returned in any case.
func (p *Packet) encode(id byte, secret string, authenticator [16]byte) ([]byte, [16]byte, error) {
	b := make([]byte, headLength, 512)
	b[0], b[1] = p.Code, id
	if p.Code == AccessRequest {
		copy(b[4:], authenticator[:])
		b = append(b, messageAuthenticator, 18)
		b = append(b, make([]byte, 16)...)
	}
	for _, a := range p.Attributes {
		value := a.Value
		if a.Vendor == 0 && a.Type == UserPassword {
			if len(value) > maxPassword {
				return nil, authenticator, ErrPassword
			}
			value = hide(value, secret, authenticator)
		}
		if a.Vendor != 0 {
			value = binary.BigEndian.AppendUint32(nil, a.Vendor)
			value = append(append(value, a.Type, byte(2+len(a.Value))), a.Value...)
			a.Type = vendorSpecific
		}
		if len(value) > maxValue || len(b)+2+len(value) > maxPacket {
			return nil, authenticator, ErrValue
		}
		b = append(append(b, a.Type, byte(2+len(value))), value...)
	}
	binary.BigEndian.PutUint16(b[2:], uint16(len(b)))
	if p.Code == AccessRequest {
		copy(b[headLength+2:], sign(b, secret))
		return b, authenticator, nil
	}
	authenticator = md5.Sum(append(slices.Clone(b), secret...))
	copy(b[4:], authenticator[:])
	return b, authenticator, nil
}

// sign is the Message-Authenticator of a packet in which its place is zero.
func sign(b []byte, secret string) []byte {
	h := hmac.New(md5.New, []byte(secret))
	h.Write(b)
	return h.Sum(nil)
}

// hide is a password as it travels (RFC 2865 section 5.2).
func hide(password []byte, secret string, authenticator [16]byte) []byte {
	out := make([]byte, max(16, (len(password)+15)/16*16))
	copy(out, password)
	previous := authenticator[:]
	for at := 0; at < len(out); at += 16 {
		mask := md5.Sum(append([]byte(secret), previous...))
		for i := range mask {
			out[at+i] ^= mask[i]
		}
		previous = out[at : at+16]
	}
	return out
}

// decode reads the answer to a request, and checks who has made it.
func decode(b []byte, id byte, secret string, request [16]byte) (*Packet, error) {
	if len(b) < headLength {
		return nil, ErrPacket
	}
	length := int(binary.BigEndian.Uint16(b[2:]))
	if length < headLength || length > len(b) || b[1] != id {
		return nil, ErrPacket
	}
	b = slices.Clone(b[:length])
	var answer [16]byte
	copy(answer[:], b[4:headLength])
	copy(b[4:], request[:])
	if want := md5.Sum(append(slices.Clone(b), secret...)); !hmac.Equal(want[:], answer[:]) {
		return nil, ErrForged
	}
	p := &Packet{Code: b[0]}
	for at := headLength; at < len(b); {
		if at+2 > len(b) || b[at+1] < 2 || at+int(b[at+1]) > len(b) {
			return nil, ErrPacket
		}
		kind, value := b[at], b[at+2:at+int(b[at+1])]
		at += int(b[at+1])
		if kind == messageAuthenticator {
			if len(value) != 16 {
				return nil, ErrPacket
			}
			given := slices.Clone(value)
			clear(value)
			signed := sign(b, secret)
			copy(value, given)
			if !hmac.Equal(signed, given) {
				return nil, ErrForged
			}
			continue
		}
		p.Attributes = append(p.Attributes, parts(kind, value)...)
	}
	return p, nil
}

// parts are the attributes in one: those of a vendor in its common wrapping; what is not wrapped so stays whole.
func parts(kind byte, value []byte) (out []Attribute) {
	if kind != vendorSpecific || len(value) < 4 {
		return []Attribute{{Type: kind, Value: value}}
	}
	vendor, rest := binary.BigEndian.Uint32(value), value[4:]
	for len(rest) > 0 {
		if len(rest) < 2 || rest[1] < 2 || int(rest[1]) > len(rest) {
			return []Attribute{{Type: kind, Value: value}}
		}
		out = append(out, Attribute{vendor, rest[0], rest[2:rest[1]]})
		rest = rest[rest[1]:]
	}
	return out
}
