package store

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"time"
)

// Fact is one line of the journal: something that happened, told once by its owner (decision D7).
type Fact struct {
	Kind     string    // what happened: "leg.started"; required
	Subject  string    // to whom: the leg's id, an AOR; may be empty
	At       time.Time // when, by the owner's clock; read back in UTC
	Body     []byte    // the rest, in the owner's coding
	Position uint64    // where it stands; set when read, ignored by Append
}

// A frame is one record of the journal's stream:
//
//	version 1 │ CRC32C of all behind it, 4 bytes little endian │ fact │ fact │ …
//
// and a fact in it, with unsigned varints for lengths:
//
//	len of the rest │ seconds since 1970, varint │ nanoseconds, uvarint │ len kind │ kind │
//	len subject │ subject │ body
const (
	frameV1       = 1
	frameHeader   = 5
	maxFrameFacts = 1 << indexBits // so that an index fits into a position
	indexBits     = 16
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// position joins the sequence of a frame and the index of a fact in it.
func position(seq uint64, index int) uint64 { return seq<<indexBits | uint64(index) }

// sequence is the frame's part of a position.
func sequence(pos uint64) uint64 { return pos >> indexBits }

// newFrame starts a frame in buf, whose memory it reuses.
func newFrame(buf []byte) []byte { return append(buf[:0], frameV1, 0, 0, 0, 0) }

// sealFrame writes the checksum into a frame that is complete.
func sealFrame(b []byte) {
	binary.LittleEndian.PutUint32(b[1:], crc32.Checksum(b[frameHeader:], castagnoli))
}

// appendFact adds one fact to a frame.
func appendFact(b []byte, f *Fact) []byte {
	var when [2 * binary.MaxVarintLen64]byte
	w := binary.PutVarint(when[:], f.At.Unix())
	w += binary.PutUvarint(when[w:], uint64(f.At.Nanosecond()))
	n := w + sizeString(f.Kind) + sizeString(f.Subject) + len(f.Body)
	b = binary.AppendUvarint(b, uint64(n))
	b = append(b, when[:w]...)
	b = appendString(b, f.Kind)
	b = appendString(b, f.Subject)
	return append(b, f.Body...)
}

// factSize is the most bytes appendFact can add for f.
func factSize(f *Fact) int {
	return 3*binary.MaxVarintLen64 + sizeString(f.Kind) + sizeString(f.Subject) + len(f.Body)
}

func sizeString(s string) int {
	n := 1
	for l := len(s); l >= 0x80; l >>= 7 {
		n++
	}
	return n + len(s)
}

// decodeFrame returns the facts of the frame with sequence seq; bodies point into b. A frame is
// good as a whole or not at all.
func decodeFrame(b []byte, seq uint64) ([]Fact, error) {
	if len(b) < frameHeader {
		return nil, fmt.Errorf("%w: %d bytes", ErrBadFrame, len(b))
	}
	if b[0] != frameV1 {
		return nil, fmt.Errorf("%w: version %d", ErrBadFrame, b[0])
	}
	rest := b[frameHeader:]
	if crc32.Checksum(rest, castagnoli) != binary.LittleEndian.Uint32(b[1:]) {
		return nil, fmt.Errorf("%w: wrong checksum", ErrBadFrame)
	}
	var facts []Fact
	for len(rest) > 0 {
		one, next, ok := cutString(rest)
		if !ok || len(facts) == maxFrameFacts {
			return nil, fmt.Errorf("%w: fact %d cut off", ErrBadFrame, len(facts))
		}
		f, err := decodeFact(one)
		if err != nil {
			return nil, fmt.Errorf("fact %d: %w", len(facts), err)
		}
		f.Position = position(seq, len(facts))
		facts, rest = append(facts, f), next
	}
	if len(facts) == 0 {
		return nil, fmt.Errorf("%w: empty", ErrBadFrame)
	}
	return facts, nil
}

func decodeFact(b []byte) (Fact, error) {
	sec, n := binary.Varint(b)
	if n <= 0 {
		return Fact{}, fmt.Errorf("%w: bad time", ErrBadFrame)
	}
	b = b[n:]
	nsec, n := binary.Uvarint(b)
	if n <= 0 || nsec >= uint64(time.Second) {
		return Fact{}, fmt.Errorf("%w: bad time", ErrBadFrame)
	}
	kind, rest, ok := cutString(b[n:])
	if !ok || len(kind) == 0 {
		return Fact{}, fmt.Errorf("%w: bad kind", ErrBadFrame)
	}
	subject, body, ok := cutString(rest)
	if !ok {
		return Fact{}, fmt.Errorf("%w: bad subject", ErrBadFrame)
	}
	return Fact{Kind: string(kind), Subject: string(subject),
		At: time.Unix(sec, int64(nsec)).UTC(), Body: body}, nil
}
