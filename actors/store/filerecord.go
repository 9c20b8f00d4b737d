package store

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"maps"
	"slices"
	"time"
)

// recordV1 is the first byte of every file record. Behind it, with varints for numbers, unsigned where
// they can not be negative, and strings as in appendString:
//
//	id │ size │ created │ modified │ digest, 32 bytes │ hash │ from │ revision of from │
//	number of chunks │ sequence, size │ … │ number of properties │ key │ value │ …
//
// Times are nanoseconds since 1970.
const recordV1 = 1

// Limits of a record, in bytes unless said otherwise.
const (
	chunkSize = 512 << 10
	maxMeta   = 16 << 10 // keys and values of a file's properties
	maxMetas  = 64       // properties
	maxHash   = 256
)

// fileRecord is what the bucket of files keeps under a name.
type fileRecord struct {
	id                string // of the contents: their chunks have the subject made of it; "" for none
	size              int64
	created, modified time.Time
	digest            [sha256.Size]byte
	hash              []byte // state of the digest behind the last byte, so that Append goes on with it
	chunks            []chunk
	meta              map[string]string
	from              string // the file that this one was by a rename, which may not have been finished
	fromRevision      uint64 // and its revision
}

// chunk is one piece of contents.
type chunk struct {
	seq  uint64 // in the stream of contents
	size int64
}

func (r *fileRecord) encode() []byte {
	b := make([]byte, 0, 256+12*len(r.chunks)+len(r.hash))
	b = append(b, recordV1)
	b = appendString(b, r.id)
	b = binary.AppendUvarint(b, uint64(r.size))
	b = binary.AppendVarint(b, r.created.UnixNano())
	b = binary.AppendVarint(b, r.modified.UnixNano())
	b = append(b, r.digest[:]...)
	b = appendString(b, string(r.hash))
	b = appendString(b, r.from)
	b = binary.AppendUvarint(b, r.fromRevision)
	b = binary.AppendUvarint(b, uint64(len(r.chunks)))
	for _, c := range r.chunks {
		b = binary.AppendUvarint(b, c.seq)
		b = binary.AppendUvarint(b, uint64(c.size))
	}
	b = binary.AppendUvarint(b, uint64(len(r.meta)))
	for _, key := range slices.Sorted(maps.Keys(r.meta)) {
		b = appendString(b, key)
		b = appendString(b, r.meta[key])
	}
	return b
}

// recordReader reads a record; the first thing that is wrong stays.
type recordReader struct {
	rest []byte
	bad  bool
}

func (d *recordReader) uvarint() uint64 {
	n, w := binary.Uvarint(d.rest)
	return n * d.cut(w)
}

func (d *recordReader) varint() int64 {
	n, w := binary.Varint(d.rest)
	return n * int64(d.cut(w))
}

// cut takes off w bytes; it is 1, or 0 when they are not there.
func (d *recordReader) cut(w int) uint64 {
	if w <= 0 || d.bad {
		d.bad, d.rest = true, nil
		return 0
	}
	d.rest = d.rest[w:]
	return 1
}

func (d *recordReader) string() string {
	s, rest, ok := cutString(d.rest)
	d.bad = d.bad || !ok
	d.rest = rest
	return string(s)
}

// count reads how many things follow, of which each takes two bytes at least.
func (d *recordReader) count() int {
	n := d.uvarint()
	if n > uint64(len(d.rest)/2) {
		d.bad = true
		return 0
	}
	return int(n)
}

func decodeRecord(b []byte) (*fileRecord, error) {
	if len(b) == 0 || b[0] != recordV1 {
		return nil, fmt.Errorf("%w: %d bytes of a file record, or of a newer release", ErrBadEntry, len(b))
	}
	d := &recordReader{rest: b[1:]}
	r := &fileRecord{id: d.string(), size: int64(d.uvarint())}
	r.created, r.modified = time.Unix(0, d.varint()).UTC(), time.Unix(0, d.varint()).UTC()
	if n := copy(r.digest[:], d.rest); n < len(r.digest) || d.bad {
		return nil, fmt.Errorf("%w: file record cut off", ErrBadEntry)
	}
	d.rest = d.rest[len(r.digest):]
	r.hash = []byte(d.string())
	r.from, r.fromRevision = d.string(), d.uvarint()
	total := int64(0)
	for range d.count() {
		c := chunk{d.uvarint(), int64(d.uvarint())}
		if c.size <= 0 || c.size > chunkSize {
			d.bad = true
			break
		}
		total += c.size
		r.chunks = append(r.chunks, c)
	}
	n := d.count()
	if n > 0 {
		r.meta = make(map[string]string, n)
	}
	for range n {
		key := d.string()
		r.meta[key] = d.string()
	}
	if d.bad || len(d.rest) > 0 || total != r.size || r.id == "" && len(r.chunks) > 0 {
		return nil, fmt.Errorf("%w: file record makes no sense", ErrBadEntry)
	}
	return r, nil
}

// checkMeta refuses properties beyond the limits.
func checkMeta(meta map[string]string) error {
	size := 0
	for key, value := range meta {
		size += len(key) + len(value)
	}
	if len(meta) > maxMetas || size > maxMeta {
		return fmt.Errorf("%w: %d properties with %d bytes, at most %d with %d", ErrTooLarge,
			len(meta), size, maxMetas, maxMeta)
	}
	return nil
}
