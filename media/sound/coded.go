package sound

import (
	"sync"

	"tandem/media/codec"
)

// encodings is how many codecs a version can be kept in.
const encodings = 4

// encodingOf is where the payload of a codec is kept.
func encodingOf(c codec.Codec) (i int, known bool) {
	switch c.Name {
	case "PCMU":
		return 0, true
	case "PCMA":
		return 1, true
	case "L16":
		return 2, true
	case "G722":
		return 3, true
	}
	return 0, false
}

// runIn is how much audio before a piece lets an encoder with a memory come to where it would be.
const runIn = piece / 5

// encoding is a version as payload of one codec, in pieces that are made when they are first played.
type encoding struct {
	mu     sync.RWMutex
	pieces []encoded
}

type encoded struct {
	octets []byte
	after  codec.Encoder // as it was at the end; nil when it has no memory
}

// payload is the version's samples [from, from+c.Samples) as payload of a codec of its rate, in room where
// they lie in two pieces. Nil when it is not kept in that codec.
func (v *version) payload(c codec.Codec, from int, room []byte) []byte {
	which, known := encodingOf(c)
	width := c.Samples / c.Bytes // samples to an octet, or none: octets to a sample
	if !known || c.Rate != v.rate || width > 1 && from%width != 0 {
		return nil
	}
	size := samples(piece, v.rate)
	octetsOf := func(n int) int { return n * c.Bytes / c.Samples }
	first := v.encodings[which].piece(v, c, from/size)
	at, end := octetsOf(from%size), octetsOf(from%size+c.Samples)
	if end <= len(first) {
		return first[at:end]
	}
	second := v.encodings[which].piece(v, c, from/size+1)
	return append(append(room[:0], first[at:]...), second[:end-len(first)]...)
}

// piece is one piece of the encoding.
func (e *encoding) piece(v *version, c codec.Codec, i int) []byte {
	e.mu.RLock()
	if e.pieces != nil && e.pieces[i].octets != nil {
		defer e.mu.RUnlock()
		return e.pieces[i].octets
	}
	e.mu.RUnlock()

	e.mu.Lock()
	defer e.mu.Unlock()
	size := samples(piece, v.rate)
	if e.pieces == nil {
		e.pieces = make([]encoded, (len(v.pcm)+size-1)/size)
	}
	p := &e.pieces[i]
	if p.octets == nil { // nobody else was quicker
		encoder := e.before(v, c, i)
		pcm := v.pcm[i*size : min((i+1)*size, len(v.pcm))]
		p.octets = encoder.Encode(make([]byte, 0, len(pcm)*c.Bytes/c.Samples), pcm)
		if c.Remembers() {
			p.after = encoder
		}
	}
	return p.octets
}

// before is an encoder as it is at the beginning of a piece.
func (e *encoding) before(v *version, c codec.Codec, i int) codec.Encoder {
	switch {
	case i == 0 || !c.Remembers():
		return c.NewEncoder()
	case e.pieces[i-1].after != nil:
		return codec.Clone(e.pieces[i-1].after)
	}
	encoder, start := c.NewEncoder(), i*samples(piece, v.rate)
	encoder.Encode(nil, v.pcm[start-samples(runIn, v.rate):start])
	return encoder
}
