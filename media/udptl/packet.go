package udptl

import (
	"encoding/binary"
	"errors"
)

// ErrMalformed tells that a datagram is no UDPTL, or has octets behind its end.
var ErrMalformed = errors.New("udptl: malformed")

// Limits of what is taken as UDPTL. A fax of 14400 bit/s needs a tenth of that; SDP lets an end say less, but many ends
// say there what they do not mean, so nothing is made of it.
const (
	MaxSize = 1400 // octets of a datagram
	maxSpan = 80   // packets that one parity may be over
)

// Packet is a datagram of UDPTL. What it holds points into the datagram.
type Packet struct {
	Sequence uint16
	Primary  []byte   // the newest IFP
	Older    [][]byte // those before it, the newest first; none with Parity
	Span     int      // over how many packets each parity is
	Parity   [][]byte
}

// Valid tells whether a datagram is UDPTL, and its number. It keeps nothing and makes nothing.
func Valid(datagram []byte) (sequence uint16, ok bool) {
	var p Packet
	err := p.read(datagram, func(*[][]byte, []byte) {})
	return p.Sequence, err == nil
}

// Parse reads a datagram. The error is ErrMalformed.
func Parse(datagram []byte) (Packet, error) {
	var p Packet
	if err := p.read(datagram, func(list *[][]byte, octets []byte) { *list = append(*list, octets) }); err != nil {
		return Packet{}, err
	}
	return p, nil
}

// read reads a datagram; what belongs to a list is given to keep.
func (p *Packet) read(datagram []byte, keep func(*[][]byte, []byte)) error {
	if len(datagram) < 2 || len(datagram) > MaxSize {
		return ErrMalformed
	}
	r := reader{rest: datagram[2:]}
	p.Sequence = binary.BigEndian.Uint16(datagram)
	p.Primary = r.octets()
	list := &p.Older
	if r.octet()&0x80 != 0 {
		list = &p.Parity
		one := r.octet() // the length of the number that follows
		if p.Span = int(r.octet()); one != 1 || p.Span > maxSpan {
			return ErrMalformed
		}
	}
	for n := r.length(); n > 0 && !r.failed; n-- {
		keep(list, r.octets())
	}
	if r.failed || len(r.rest) > 0 {
		return ErrMalformed
	}
	return nil
}

// Append writes a packet behind what is there: with parity where it has any.
func Append(b []byte, p Packet) []byte {
	b = binary.BigEndian.AppendUint16(b, p.Sequence)
	b = appendOctets(b, p.Primary)
	list := p.Older
	if len(p.Parity) > 0 {
		b, list = append(b, 0x80, 1, byte(p.Span)), p.Parity
	} else {
		b = append(b, 0)
	}
	b = appendLength(b, len(list))
	for _, octets := range list {
		b = appendOctets(b, octets)
	}
	return b
}

func appendOctets(b, octets []byte) []byte { return append(appendLength(b, len(octets)), octets...) }

func appendLength(b []byte, n int) []byte {
	if n < 0x80 {
		return append(b, byte(n))
	}
	return binary.BigEndian.AppendUint16(b, 0x8000|uint16(n))
}

// reader takes a datagram apart. Once it has failed all it gives is nothing.
type reader struct {
	rest   []byte
	failed bool
}

func (r *reader) octet() byte {
	if len(r.rest) == 0 {
		r.failed = true
		return 0
	}
	o := r.rest[0]
	r.rest = r.rest[1:]
	return o
}

// length is a length or a count. One of 16384 and more comes in parts, and fits into no datagram of ours.
func (r *reader) length() int {
	first := r.octet()
	switch {
	case first < 0x80:
		return int(first)
	case first < 0xc0:
		return int(first&0x3f)<<8 | int(r.octet())
	}
	r.failed = true
	return 0
}

func (r *reader) octets() []byte {
	n := r.length()
	if r.failed || n > len(r.rest) {
		r.failed = true
		return nil
	}
	out := r.rest[:n:n]
	r.rest = r.rest[n:]
	return out
}
