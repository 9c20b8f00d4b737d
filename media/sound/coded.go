package sound

import (
	"sync"

	"tandem/media/codec"
)

// encodings is how many codecs a version can be kept in.
const encodings = 4

// encodingOf is where the payload of a codec is kept: one of those whose frames are all of one size.
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

// encoding is a version as payload of one codec, in pieces that are made when they are first played.
type encoding struct {
	mu     sync.RWMutex
	pieces []encoded
}

// encoded is one piece. Its encoders are nil when the codec has no memory, and are cloned before use.
type encoded struct {
	octets        []byte
	before, after codec.Encoder // as it was at its beginning, and at its end
}

// payload is the version's samples [from, from+c.Samples) as payload of a codec of its rate, in room where
// they lie in two pieces. Nil when it is not kept in that codec.
func (v *version) payload(c codec.Codec, from int, room []byte) []byte {
	which, known := encodingOf(c)
	if !known || c.Rate != v.rate {
		return nil
	}
	width := c.Samples / c.Bytes // samples to an octet, or none: octets to a sample
	if width > 1 && from%width != 0 {
		return nil
	}
	size := samples(piece, v.rate)
	octetsOf := func(n int) int { return n * c.Bytes / c.Samples }
	e := &v.encodings[which]
	first := e.piece(v, c, from/size).octets
	at, end := octetsOf(from%size), octetsOf(from%size+c.Samples)
	if end <= len(first) {
		return first[at:end]
	}
	second := e.piece(v, c, from/size+1).octets
	return append(append(room[:0], first[at:]...), second[:end-len(first)]...)
}

// encoder is one that has encoded all before a sample, as those did whose payload is kept.
func (v *version) encoder(c codec.Codec, until int) codec.Encoder {
	which, known := encodingOf(c)
	if !known || until == 0 {
		return c.NewEncoder()
	}
	size := samples(piece, v.rate)
	i := (until - 1) / size
	p := v.encodings[which].piece(v, c, i)
	if p.before == nil {
		return c.NewEncoder()
	}
	e := codec.Clone(p.before)
	e.Encode(make([]byte, 0, len(p.octets)), v.pcm[i*size:until])
	return e
}

// piece is one piece of the encoding.
func (e *encoding) piece(v *version, c codec.Codec, i int) encoded {
	e.mu.RLock()
	if e.pieces != nil && e.pieces[i].octets != nil {
		defer e.mu.RUnlock()
		return e.pieces[i]
	}
	e.mu.RUnlock()

	e.mu.Lock()
	defer e.mu.Unlock()
	size := samples(piece, v.rate)
	if e.pieces == nil {
		e.pieces = make([]encoded, (len(v.pcm)+size-1)/size)
	}
	if e.pieces[i].octets == nil { // nobody else was quicker
		e.pieces[i] = e.encode(v, c, i)
	}
	return e.pieces[i]
}

// encode goes on where the piece before ended. Where that was never played, the audio of its time brings
// an encoder with a memory near enough.
func (e *encoding) encode(v *version, c codec.Codec, i int) (p encoded) {
	size := samples(piece, v.rate)
	start := i * size
	encoder := c.NewEncoder()
	if c.Remembers() && i > 0 {
		if before := e.pieces[i-1].after; before != nil {
			encoder = codec.Clone(before)
		} else {
			encoder.Encode(nil, v.pcm[start-size:start])
		}
	}
	if c.Remembers() {
		p.before, p.after = codec.Clone(encoder), encoder
	}
	pcm := v.pcm[start:min(start+size, len(v.pcm))]
	p.octets = encoder.Encode(make([]byte, 0, len(pcm)*c.Bytes/c.Samples), pcm)
	return p
}
