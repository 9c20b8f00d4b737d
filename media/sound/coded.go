package sound

import (
	"sync/atomic"

	"tandem/media/codec"
)

// laws is how many codecs have no memory: a sample is the same octets whatever was before it, so that
// a sound encoded once can be cut and joined anywhere.
const laws = 3

// lawOf is where a codec's encoding is kept; false for one with a memory.
func lawOf(c codec.Codec) (int, bool) {
	switch c.Name {
	case "PCMU":
		return 0, true
	case "PCMA":
		return 1, true
	case "L16":
		return 2, true
	}
	return 0, false
}

// payload is the version's samples [from, from+c.Samples) as payload of a codec of its rate; nil where
// they do not lie in one piece, or the codec has a memory.
func (v *version) payload(c codec.Codec, from int) []byte {
	law, ok := lawOf(c)
	size := samples(piece, v.rate)
	at, n := from%size, c.Samples
	if !ok || c.Rate != v.rate || at+n > size || from+n > len(v.pcm) {
		return nil
	}
	octets := v.laws[law].piece(v, c, from/size)
	width := c.Bytes / c.Samples
	return octets[at*width : (at+n)*width]
}

// piece is one piece of the encoding. Two who ask for it first at once both make it; one is kept.
func (e *encoding) piece(v *version, c codec.Codec, i int) []byte {
	size := samples(piece, v.rate)
	e.once.Do(func() { e.pieces = make([]atomic.Pointer[[]byte], (len(v.pcm)+size-1)/size) })
	if made := e.pieces[i].Load(); made != nil {
		return *made
	}
	pcm := v.pcm[i*size : min((i+1)*size, len(v.pcm))]
	octets := c.NewEncoder().Encode(make([]byte, 0, len(pcm)*c.Bytes/c.Samples), pcm)
	if e.pieces[i].CompareAndSwap(nil, &octets) {
		return octets
	}
	return *e.pieces[i].Load()
}
