package lib

import (
	"encoding/binary"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/ianaindex"

	"tandem/ximss/object"
)

// convertCharset encodes a string in a charset, or decodes a datablock. What the charset does not have
// becomes what it uses for unknown characters; what can not be decoded U+FFFD.
func convertCharset(c *call, v object.Value, name string) (object.Value, error) {
	s, isText := v.Str()
	b, isData := v.Bytes()
	if !isText && !isData {
		return null, nil
	}
	if err := room(c, 4*(len(s)+len(b))); err != nil {
		return null, err
	}
	if strings.HasPrefix(name, "ucs-2") {
		return convertUCS2(v, strings.TrimPrefix(name, "ucs-2"))
	}
	code := charset(name)
	if code == nil {
		return null, nil
	}
	if isText {
		out, err := encoding.ReplaceUnsupported(code.NewEncoder()).Bytes([]byte(s))
		if err != nil {
			return null, nil
		}
		return object.Data(out), nil
	}
	out, err := code.NewDecoder().Bytes(b)
	if err != nil {
		return null, nil
	}
	return object.String(string(out)), nil
}

// charset finds a charset by the names that pages and mail use; nil if it is not known.
func charset(name string) encoding.Encoding {
	if code, err := ianaindex.MIME.Encoding(name); err == nil && code != nil {
		return code
	}
	if code, err := htmlindex.Get(name); err == nil {
		return code
	}
	return nil
}

// convertUCS2 has the suffixes "", "le" and "be" for the order of bytes, and "+" before them for a mark
// of the order at the beginning. In a datablock the mark goes before the suffix. What needs more than two
// bytes is written in two pairs.
func convertUCS2(v object.Value, suffix string) (object.Value, error) {
	suffix, mark := strings.CutPrefix(suffix, "+")
	var order binary.ByteOrder = binary.BigEndian
	switch suffix {
	case "le":
		order = binary.LittleEndian
	case "", "be":
	default:
		return null, nil
	}
	if s, ok := v.Str(); ok {
		return object.Data(toUCS2(s, mark, order)), nil
	}
	b, _ := v.Bytes()
	return object.String(fromUCS2(b, order)), nil
}

const byteOrderMark = 0xFEFF

func toUCS2(s string, mark bool, order binary.ByteOrder) []byte {
	out := make([]byte, 0, 2*len(s)+2)
	put := func(n uint16) {
		out = append(out, 0, 0)
		order.PutUint16(out[len(out)-2:], n)
	}
	if mark {
		put(byteOrderMark)
	}
	for _, r := range s {
		if high, low := utf16.EncodeRune(r); high != utf8.RuneError {
			put(uint16(high))
			put(uint16(low))
		} else {
			put(uint16(r))
		}
	}
	return out
}

// fromUCS2 drops a last byte that is half of a pair.
func fromUCS2(b []byte, order binary.ByteOrder) string {
	if len(b) >= 2 {
		switch binary.BigEndian.Uint16(b) {
		case byteOrderMark:
			order, b = binary.BigEndian, b[2:]
		case 0xFFFE:
			order, b = binary.LittleEndian, b[2:]
		}
	}
	pairs := make([]uint16, len(b)/2)
	for i := range pairs {
		pairs[i] = order.Uint16(b[2*i:])
	}
	return string(utf16.Decode(pairs))
}
