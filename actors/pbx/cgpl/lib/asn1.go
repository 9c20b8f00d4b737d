package lib

import (
	"errors"
	"math"

	"tandem/ximss/object"
)

// How an array represents a structure of ASN.1 is not documented. Here it is an array of elements, and
// an element is the array (class, tag, content): class 0 universal, 1 application, 2 context, 3 private;
// tag the number of the tag; content a datablock, or an array of elements where it is constructed. To
// write, content may also be a string, its bytes, or a number, an INTEGER in as few bytes as possible.
//
//	((0, 2, [BQ==]))              INTEGER 5, as read; (0, 2, #5) writes the same
//	((0, 16, ((0, 5, []))))       SEQUENCE { NULL }
//
// Lengths are written as DER has them; read are the indefinite ones of BER too.

const (
	maxASN1      = 1 << 20 // bytes, of one encoding
	maxASN1Depth = 64
)

// What Convert answers where it can not do it.
const (
	badASN1     = "illegal ASN.1 data"
	badASN1Form = "illegal ASN.1 structure"
)

var errASN1 = errors.New(badASN1)

func convertASN1(c *call, v object.Value) (object.Value, error) {
	if a := v.Array(); a != nil {
		w := asn1Writing{}
		out := w.elements(nil, a, 0)
		if w.failed {
			return object.String(badASN1Form), nil
		}
		return object.Data(out), nil
	}
	b, ok := v.Bytes()
	if !ok {
		return null, nil
	}
	if len(b) > maxASN1 {
		return object.String(badASN1), nil
	}
	if err := room(c, 2*perByte*len(b)); err != nil {
		return null, err
	}
	elements, rest, err := readASN1(b, 0, false)
	if err != nil || len(rest) > 0 {
		return object.String(badASN1), nil
	}
	return elements.Value(), nil
}

// readASN1 reads elements to the end of the bytes, or to the end-of-contents of an indefinite length.
func readASN1(b []byte, depth int, open bool) (list *object.Array, rest []byte, err error) {
	if depth > maxASN1Depth {
		return nil, nil, errASN1
	}
	list = object.NewArray()
	for len(b) > 0 {
		if open && len(b) >= 2 && b[0] == 0 && b[1] == 0 {
			return list, b[2:], nil
		}
		e := asn1Element{}
		if b, err = e.header(b); err != nil {
			return nil, nil, err
		}
		var content object.Value
		switch {
		case e.length < 0:
			var parts *object.Array
			if parts, b, err = readASN1(b, depth+1, true); err != nil {
				return nil, nil, err
			}
			content = parts.Value()
		case e.constructed:
			parts, _, err := readASN1(b[:e.length], depth+1, false)
			if err != nil {
				return nil, nil, err
			}
			content, b = parts.Value(), b[e.length:]
		default:
			content, b = object.Data(append([]byte(nil), b[:e.length]...)), b[e.length:]
		}
		list.Append(object.NewArray(object.Number(int64(e.class)), object.Number(e.tag), content).Value())
	}
	if open {
		return nil, nil, errASN1
	}
	return list, nil, nil
}

// asn1Element is what stands before the content of an element (X.690 section 8.1).
type asn1Element struct {
	class       byte
	constructed bool
	tag         int64
	length      int // -1: indefinite
}

// header reads it and gives what follows, which has the length at least.
func (e *asn1Element) header(b []byte) ([]byte, error) {
	first := b[0]
	e.class, e.constructed, e.tag = first>>6, first&0x20 != 0, int64(first&0x1F)
	b = b[1:]
	if e.tag == 0x1F {
		e.tag = 0
		for more := true; more; b = b[1:] {
			if len(b) == 0 || e.tag > math.MaxInt32>>7 {
				return nil, errASN1
			}
			e.tag = e.tag<<7 | int64(b[0]&0x7F)
			more = b[0]&0x80 != 0
		}
	}
	if len(b) == 0 {
		return nil, errASN1
	}
	n := int(b[0])
	b = b[1:]
	switch {
	case n < 0x80:
		e.length = n
	case n == 0x80:
		if !e.constructed {
			return nil, errASN1
		}
		e.length = -1
	case n-0x80 > 4 || n-0x80 > len(b):
		return nil, errASN1
	default:
		for _, c := range b[:n-0x80] {
			e.length = e.length<<8 | int(c)
		}
		b = b[n-0x80:]
	}
	if e.length > len(b) {
		return nil, errASN1
	}
	return b, nil
}

// asn1Writing watches the size of all that is written: one array may be in many.
type asn1Writing struct {
	size   int
	failed bool
}

// elements appends the encoding of an array of elements.
func (w *asn1Writing) elements(out []byte, a *object.Array, depth int) []byte {
	if depth > maxASN1Depth {
		w.failed = true
	}
	for _, v := range a.Items() {
		if w.failed {
			return nil
		}
		out = w.element(out, v.Array(), depth)
	}
	return out
}

func (w *asn1Writing) element(out []byte, e *object.Array, depth int) []byte {
	class, okClass := e.At(0).Int()
	tag, okTag := e.At(1).Int()
	if e.Len() != 3 || !okClass || !okTag || class < 0 || class > 3 || tag < 0 || tag > math.MaxInt32 {
		w.failed = true
		return nil
	}
	first := byte(class << 6)
	var content []byte
	switch v := e.At(2); v.Kind() {
	case object.KindArray:
		first |= 0x20
		content = w.elements(nil, v.Array(), depth+1)
	case object.KindNumber:
		n, _ := v.Int()
		content = integer(n)
	default:
		b, ok := bytesOf(v)
		content, w.failed = b, w.failed || !ok
	}
	if w.size += len(content) + 2; w.size > maxASN1 {
		w.failed = true
		return nil
	}
	return append(appendLength(appendTag(out, first, tag), len(content)), content...)
}

func appendTag(out []byte, first byte, tag int64) []byte {
	if tag < 0x1F {
		return append(out, first|byte(tag))
	}
	out = append(out, first|0x1F)
	for shift := 28; shift >= 0; shift -= 7 {
		switch part := byte(tag >> shift); {
		case shift == 0:
			out = append(out, part&0x7F)
		case tag>>shift > 0:
			out = append(out, part|0x80)
		}
	}
	return out
}

func appendLength(out []byte, n int) []byte {
	if n < 0x80 {
		return append(out, byte(n))
	}
	size := 1
	for n>>(8*size) > 0 {
		size++
	}
	out = append(out, 0x80|byte(size))
	for i := size - 1; i >= 0; i-- {
		out = append(out, byte(n>>(8*i)))
	}
	return out
}

// integer is the content of an INTEGER (X.690 section 8.3).
func integer(n int64) []byte {
	size := 1
	for size < 8 && (n>>(8*size-1) != 0 && n>>(8*size-1) != -1) {
		size++
	}
	out := make([]byte, size)
	for i := range out {
		out[i] = byte(n >> (8 * (size - 1 - i)))
	}
	return out
}
