package farm

import (
	"bytes"

	"tandem/sip/octet"
)

var (
	slash     = []byte{'/'}
	equals    = []byte{'='}
	semicolon = []byte{';'}
)

// lineEnd is where the line at the start of b ends, its end included.
func lineEnd(b []byte) int {
	if i := bytes.IndexByte(b, '\n'); i >= 0 {
		return i + 1
	}
	return len(b)
}

// cutLine cuts the first line off, and its end off the line.
func cutLine(b []byte) (line, rest []byte) {
	end := lineEnd(b)
	return trimRight(b[:end]), b[end:]
}

// cutField cuts the first header field off, with the lines in which it goes on (RFC 3261 section 7.3.1); an
// empty line is where the header ends.
func cutField(b []byte) (field, rest []byte) {
	end := lineEnd(b)
	if len(trimRight(b[:end])) > 0 {
		for end < len(b) && (b[end] == ' ' || b[end] == '\t') {
			end += lineEnd(b[end:])
		}
	}
	return trimRight(b[:end]), b[end:]
}

// cutPart cuts b at the first separator outside quotes.
func cutPart(b []byte, separator byte) (part, rest []byte) {
	inside := false
	for i := 0; i < len(b); i++ {
		switch c := b[i]; {
		case c == '"':
			inside = !inside
		case inside && c == '\\':
			i++
		case !inside && c == separator:
			return b[:i], b[i+1:]
		}
	}
	return b, nil
}

// is reports a field's name in its long or its compact form; 0: it has none.
func is(name []byte, long string, compact byte) bool {
	return len(name) == 1 && name[0]|0x20 == compact || octet.EqualFold(name, long)
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\r' || c == '\n' }

func trimLeft(b []byte) []byte {
	for len(b) > 0 && isSpace(b[0]) {
		b = b[1:]
	}
	return b
}

func trimRight(b []byte) []byte {
	for len(b) > 0 && isSpace(b[len(b)-1]) {
		b = b[:len(b)-1]
	}
	return b
}

func trim(b []byte) []byte { return trimLeft(trimRight(b)) }
