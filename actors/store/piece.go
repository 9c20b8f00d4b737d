package store

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
)

// Piece is some lines of a partition that were taken together, and what is found by it.
type Piece struct {
	Partition string
	From      uint64 // lines of the partition in front of it
	// Before is the time of the last readable line in front of it, Low and High are the smallest time in it, and the
	// greatest one in it and in front of it; all in seconds since 1970. High never falls from piece to piece.
	Before, Low, High int64
	// Late is the sequence of the newest piece in front of it that has lines older than some before them; 0: none has.
	Late  uint64
	Lines [][]byte // without their ends
	Note  []byte   // of whoever appends it

	Sequence uint64 // where it stands; set when read
}

// maxPiece is the size of a piece with its note, in bytes.
const maxPiece = 1 << 20

// pieceV1 is the first byte of every stored piece:
//
//	version 1 │ CRC32C of all behind it, 4 bytes little endian │ from │ late │ before │ low │ high │ len note │ note │
//	number of lines │ len line │ line │ …
//
// with unsigned varints for numbers, signed ones for times.
const (
	pieceV1     = 1
	pieceHeader = 5
)

func (p *Piece) encode() []byte {
	size := pieceHeader + 8*binary.MaxVarintLen64 + len(p.Note)
	for _, l := range p.Lines {
		size += len(l) + 3
	}
	b := append(make([]byte, 0, size), pieceV1, 0, 0, 0, 0)
	b = binary.AppendUvarint(b, p.From)
	b = binary.AppendUvarint(b, p.Late)
	for _, at := range []int64{p.Before, p.Low, p.High} {
		b = binary.AppendVarint(b, at)
	}
	b = appendString(b, string(p.Note))
	b = binary.AppendUvarint(b, uint64(len(p.Lines)))
	for _, l := range p.Lines {
		b = binary.AppendUvarint(b, uint64(len(l)))
		b = append(b, l...)
	}
	binary.LittleEndian.PutUint32(b[1:], crc32.Checksum(b[pieceHeader:], castagnoli))
	return b
}

// decodePiece returns a piece without partition and sequence; note and lines point into b.
func decodePiece(b []byte) (p Piece, err error) {
	switch {
	case len(b) < pieceHeader:
		return p, fmt.Errorf("%w: %d bytes", ErrBadEntry, len(b))
	case b[0] != pieceV1:
		return p, fmt.Errorf("%w: version %d", ErrBadEntry, b[0])
	case crc32.Checksum(b[pieceHeader:], castagnoli) != binary.LittleEndian.Uint32(b[1:]):
		return p, fmt.Errorf("%w: wrong checksum", ErrBadEntry)
	}
	r := pieceReader{rest: b[pieceHeader:]}
	p.From, p.Late = r.unsigned(), r.unsigned()
	p.Before, p.Low, p.High = r.signed(), r.signed(), r.signed()
	p.Note = r.text()
	n := r.unsigned()
	if n > uint64(len(r.rest)) { // each takes a byte at least
		r.bad = true
	}
	if !r.bad {
		p.Lines = make([][]byte, n)
	}
	for i := range p.Lines {
		p.Lines[i] = r.text()
	}
	if r.bad || len(r.rest) > 0 {
		return Piece{}, fmt.Errorf("%w: a piece of lines cut off", ErrBadEntry)
	}
	return p, nil
}

// pieceReader takes fields off the front of a piece; bad: one was cut off.
type pieceReader struct {
	rest []byte
	bad  bool
}

func (r *pieceReader) unsigned() uint64 {
	n, w := binary.Uvarint(r.rest)
	r.skip(w)
	return n
}

func (r *pieceReader) signed() int64 {
	n, w := binary.Varint(r.rest)
	r.skip(w)
	return n
}

func (r *pieceReader) skip(w int) {
	if w <= 0 {
		r.bad, r.rest = true, nil
		return
	}
	r.rest = r.rest[w:]
}

func (r *pieceReader) text() []byte {
	s, rest, ok := cutString(r.rest)
	if !ok {
		r.bad, r.rest = true, nil
		return nil
	}
	r.rest = rest
	return s
}
