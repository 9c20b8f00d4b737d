package guard

import "bytes"

// tidy rewrites a sound message so that sipgo reads it right: folded lines joined, one hop for each
// Via field, no white space beside the separators of Via, From and To. The meaning stays the same
// (RFC 3261 sections 7.3.1 and 25.1). body is the number of octets at the end that are not header.
func tidy(data []byte, body int) []byte {
	head := data[:len(data)-body-2]
	eol := bytes.Index(data, crlf) + 2
	out := make([]byte, 0, len(data)+len("via: \r\n")*bytes.Count(head, []byte{','}))
	out = append(out, data[:eol]...)
	f := fields{rest: head[eol:]}
	for name, value, ok := f.next(); ok; name, value, ok = f.next() {
		switch kindOf(name) {
		case kindVia:
			for rest := value; ; {
				n, _ := hopEnd(rest)
				out = appendField(out, name, trim(rest[:n]), "/;=,:")
				if n == len(rest) {
					break
				}
				rest = rest[n+1:]
			}
		case kindFrom, kindTo:
			out = appendField(out, name, value, ";=")
		default:
			out = appendField(out, name, value, "")
		}
	}
	return append(append(out, crlf...), data[len(data)-body:]...)
}

// appendField writes one field on one line. White space outside quotes becomes one space, or none
// beside an octet of around.
func appendField(out, name, value []byte, around string) []byte {
	out = append(append(out, name...), ": "...)
	from := len(out)
	for i := 0; i < len(value); i++ {
		c := value[i]
		switch {
		case c == '"' && quoted(value[i:]) > 0:
			n := quoted(value[i:])
			out = append(out, unfold(value[i:i+n])...)
			i += n - 1
		case !isSpace(c):
			out = append(out, c)
		case len(out) > from && !bytes.ContainsRune([]byte(around), rune(out[len(out)-1])):
			j := i
			for j < len(value) && isSpace(value[j]) {
				j++
			}
			if j < len(value) && bytes.IndexByte([]byte(around), value[j]) < 0 {
				out = append(out, ' ')
			}
			i = j - 1
		}
	}
	return append(out, crlf...)
}

// unfold takes the line ends out of a quoted string.
func unfold(b []byte) []byte {
	if bytes.IndexByte(b, '\n') < 0 {
		return b
	}
	return bytes.ReplaceAll(b, crlf, nil)
}
