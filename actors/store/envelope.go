package store

import (
	"encoding/binary"
	"fmt"
)

// Limits of one entry, in bytes.
const (
	maxValue  = 1 << 20
	maxAuthor = 250
	maxReason = 1000
)

// envelopeV1 is the first byte of every stored entry:
//
//	version 1 │ flags (bit 0: deleted) │ len author │ author │ len reason │ reason │ value
//
// with unsigned varints for the lengths. Author and reason travel inside so that a deletion has
// them too, and so that a revision is one record on the disk.
const envelopeV1 = 1

const flagDeleted = 1

// envelope is what a bucket stores under a key, besides what the engine adds (revision, time).
type envelope struct {
	value          []byte
	author, reason string
	deleted        bool
}

func (e envelope) check() error {
	switch {
	case len(e.value) > maxValue:
		return fmt.Errorf("%w: value of %d bytes, at most %d", ErrTooLarge, len(e.value), maxValue)
	case len(e.author) > maxAuthor:
		return fmt.Errorf("%w: author of %d bytes, at most %d", ErrTooLarge, len(e.author), maxAuthor)
	case len(e.reason) > maxReason:
		return fmt.Errorf("%w: reason of %d bytes, at most %d", ErrTooLarge, len(e.reason), maxReason)
	}
	return nil
}

func (e envelope) encode() []byte {
	b := make([]byte, 0, 2+4+len(e.author)+len(e.reason)+len(e.value))
	var flags byte
	if e.deleted {
		flags = flagDeleted
	}
	b = append(b, envelopeV1, flags)
	b = appendString(b, e.author)
	b = appendString(b, e.reason)
	return append(b, e.value...)
}

// decodeEnvelope keeps a reference to b as the value.
func decodeEnvelope(b []byte) (envelope, error) {
	if len(b) < 2 {
		return envelope{}, fmt.Errorf("%w: %d bytes", ErrBadEntry, len(b))
	}
	if b[0] != envelopeV1 || b[1]&^flagDeleted != 0 {
		return envelope{}, fmt.Errorf("%w: version %d, flags %#x: written by a newer release",
			ErrBadEntry, b[0], b[1])
	}
	e := envelope{deleted: b[1]&flagDeleted != 0}
	author, rest, ok := cutString(b[2:])
	if !ok {
		return envelope{}, fmt.Errorf("%w: author cut off", ErrBadEntry)
	}
	reason, rest, ok := cutString(rest)
	if !ok {
		return envelope{}, fmt.Errorf("%w: reason cut off", ErrBadEntry)
	}
	e.author, e.reason, e.value = string(author), string(reason), rest
	return e, nil
}

// appendString writes a length as unsigned varint, and the bytes.
func appendString(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

// cutString reads what appendString wrote; the result points into b.
func cutString(b []byte) (s, rest []byte, ok bool) {
	n, w := binary.Uvarint(b)
	if w <= 0 || n > uint64(len(b)-w) {
		return nil, nil, false
	}
	end := w + int(n)
	return b[w:end:end], b[end:], true
}
