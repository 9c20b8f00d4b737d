package webrtc

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha1" // what browsers speak: RFC 8489 section 14.5
	"encoding/binary"
	"errors"
	"hash"
	"hash/crc32"
	"net/netip"
)

// What we read and write of STUN (RFC 8489) and of its attributes for ICE (RFC 8445 section 16.1).
const (
	bindingRequest = 0x0001
	bindingSuccess = 0x0101
	bindingError   = 0x0111

	attrUsername      = 0x0006
	attrIntegrity     = 0x0008
	attrErrorCode     = 0x0009
	attrXORMapped     = 0x0020
	attrUseCandidate  = 0x0025
	attrFingerprint   = 0x8028
	attrICEControlled = 0x8029
	stunHeader        = 20
	attrHeader        = 4
	integritySize     = 20
	fingerprintSize   = 4
	stunCookie        = 0x2112a442
	fingerprintXOR    = 0x5354554e
	maxAnswer         = 128
	roleConflict      = 487
	familyIPv4        = 1
	familyIPv6        = 2
)

// errNoCheck tells that a datagram is no check that we could answer.
var errNoCheck = errors.New("webrtc: not a connectivity check")

// check is a binding request of ICE, as far as it matters. It points into its datagram.
type check struct {
	transaction []byte // with the cookie before it: 16 octets
	local       []byte // of the user name: our fragment
	remote      []byte // and theirs
	use         bool   // USE-CANDIDATE: this is the address to send to
	controlled  bool   // the sender thinks that it is the controlled one, which a lite agent always is
	integrity   int    // where the attribute begins
}

// parseCheck reads a check. Everything else is refused: other messages, user names without two fragments, and what
// lacks the integrity or the fingerprint that RFC 8445 section 7.1 wants. It looks at no password.
func parseCheck(datagram []byte) (c check, err error) {
	if len(datagram) < stunHeader || binary.BigEndian.Uint16(datagram) != bindingRequest ||
		int(binary.BigEndian.Uint16(datagram[2:])) != len(datagram)-stunHeader || len(datagram)%4 != 0 ||
		binary.BigEndian.Uint32(datagram[4:]) != stunCookie {
		return c, errNoCheck
	}
	c.transaction = datagram[4:stunHeader]
	last := 0
	for at, n := stunHeader, 0; at < len(datagram); n++ {
		kind, value, next, ok := attribute(datagram, at)
		if !ok || n == maxAttributes {
			return c, errNoCheck
		}
		last = at
		if c.integrity == 0 && !c.take(kind, value, at) {
			return c, errNoCheck
		}
		at = next
	}
	if c.integrity == 0 || len(c.local) == 0 || !endsWithFingerprint(datagram, last) {
		return c, errNoCheck
	}
	return c, nil
}

// attribute is the attribute that begins at an offset, and where the next one does.
func attribute(datagram []byte, at int) (kind uint16, value []byte, next int, ok bool) {
	if len(datagram)-at < attrHeader {
		return 0, nil, 0, false
	}
	kind = binary.BigEndian.Uint16(datagram[at:])
	size := int(binary.BigEndian.Uint16(datagram[at+2:]))
	begin := at + attrHeader
	next = begin + (size+3)&^3
	if next > len(datagram) {
		return 0, nil, 0, false
	}
	return kind, datagram[begin : begin+size], next, true
}

// take takes in an attribute that stands before the integrity, or that; others behind it mean nothing (RFC 8489
// section 14.5). false: the check is malformed.
func (c *check) take(kind uint16, value []byte, at int) bool {
	switch kind {
	case attrUsername:
		if len(value) > maxUsername {
			return false
		}
		var both bool
		c.local, c.remote, both = bytes.Cut(value, []byte(":"))
		return both
	case attrUseCandidate:
		c.use = true
	case attrICEControlled:
		c.controlled = true
	case attrIntegrity:
		c.integrity = at
		return len(value) == integritySize
	}
	return true
}

func endsWithFingerprint(datagram []byte, last int) bool {
	kind, value, _, ok := attribute(datagram, last)
	return ok && kind == attrFingerprint && len(value) == fingerprintSize &&
		binary.BigEndian.Uint32(value) == crc32.ChecksumIEEE(datagram[:last])^fingerprintXOR
}

// integrity makes and checks MESSAGE-INTEGRITY with one password; it has room of its own, so that a check costs no
// allocation.
type integrity struct {
	hash.Hash
	sum  [integritySize]byte
	size [2]byte
}

func newIntegrity(password string) *integrity {
	return &integrity{Hash: hmac.New(sha1.New, []byte(password))}
}

// proves reports whether the check was made with the password that mac was keyed with.
func (c *check) proves(datagram []byte, mac *integrity) bool {
	// The length counts up to the end of the integrity, whatever follows it.
	binary.BigEndian.PutUint16(mac.size[:], uint16(c.integrity+attrHeader+integritySize-stunHeader))
	mac.Reset()
	mac.Write(datagram[:2])
	mac.Write(mac.size[:])
	mac.Write(datagram[4:c.integrity])
	begin := c.integrity + attrHeader
	return hmac.Equal(mac.Sum(mac.sum[:0]), datagram[begin:begin+integritySize])
}

// answer appends the answer to a check that came from an address.
func (c *check) answer(dst []byte, from netip.AddrPort, mac *integrity) []byte {
	dst = binary.BigEndian.AppendUint16(dst, bindingSuccess)
	dst = append(dst, 0, 0)
	dst = append(dst, c.transaction...)
	dst = appendMapped(dst, from, c.transaction)
	return seal(dst, mac)
}

// refuse appends the answer that tells the sender to be the controlling one (RFC 8445 section 7.3.1.1).
func (c *check) refuse(dst []byte, mac *integrity) []byte {
	dst = binary.BigEndian.AppendUint16(dst, bindingError)
	dst = append(dst, 0, 0)
	dst = append(dst, c.transaction...)
	dst = binary.BigEndian.AppendUint16(dst, attrErrorCode)
	dst = append(dst, 0, 4, 0, 0, roleConflict/100, roleConflict%100)
	return seal(dst, mac)
}

// appendMapped appends XOR-MAPPED-ADDRESS (RFC 8489 section 14.2). transaction begins with the cookie.
func appendMapped(dst []byte, a netip.AddrPort, transaction []byte) []byte {
	octets, kind := a.Addr().Unmap().AsSlice(), byte(familyIPv6)
	if len(octets) == 4 {
		kind = familyIPv4
	}
	dst = binary.BigEndian.AppendUint16(dst, attrXORMapped)
	dst = binary.BigEndian.AppendUint16(dst, uint16(4+len(octets)))
	dst = append(dst, 0, kind)
	dst = binary.BigEndian.AppendUint16(dst, a.Port()^stunCookie>>16)
	for i, o := range octets {
		dst = append(dst, o^transaction[i])
	}
	return dst
}

// seal appends integrity and fingerprint to the one message in dst, and sets its length.
func seal(dst []byte, mac *integrity) []byte {
	resize := func(more int) {
		binary.BigEndian.PutUint16(dst[2:], uint16(len(dst)+more-stunHeader))
	}
	resize(attrHeader + integritySize)
	mac.Reset()
	mac.Write(dst)
	dst = binary.BigEndian.AppendUint16(dst, attrIntegrity)
	dst = binary.BigEndian.AppendUint16(dst, integritySize)
	dst = mac.Sum(dst)
	resize(attrHeader + fingerprintSize)
	sum := crc32.ChecksumIEEE(dst) ^ fingerprintXOR
	dst = binary.BigEndian.AppendUint16(dst, attrFingerprint)
	dst = binary.BigEndian.AppendUint16(dst, fingerprintSize)
	return binary.BigEndian.AppendUint32(dst, sum)
}
