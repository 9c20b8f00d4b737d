package guard

import (
	"bytes"

	"tandem/sip/octet"
)

// kind is a header field that the guard looks at.
type kind uint8

const (
	kindOther kind = iota
	kindVia
	kindFrom
	kindTo
	kindCallID
	kindCSeq
	kindMaxForwards
	kindContact
	kindContentLength
	kindContentType
	kindContentEncoding
	kindRequire
	kindAccept
	kinds
)

// names are the long names and the compact form of each kind, 0 when it has none.
var names = [kinds]struct {
	long    string
	compact byte
}{
	kindVia: {"via", 'v'}, kindFrom: {"from", 'f'}, kindTo: {"to", 't'}, kindCallID: {"call-id", 'i'},
	kindCSeq: {"cseq", 0}, kindMaxForwards: {"max-forwards", 0}, kindContact: {"contact", 'm'},
	kindContentLength: {"content-length", 'l'}, kindContentType: {"content-type", 'c'},
	kindContentEncoding: {"content-encoding", 'e'}, kindRequire: {"require", 0}, kindAccept: {"accept", 0},
}

// byLength finds the kinds whose long name has that length.
var byLength = func() (t [20][]kind) {
	for k := kindOther + 1; k < kinds; k++ {
		n := len(names[k].long)
		t[n] = append(t[n], k)
	}
	return t
}()

func kindOf(name []byte) kind {
	if len(name) == 1 {
		for k := range names {
			if c := names[k].compact; c != 0 && c == name[0]|0x20 {
				return kind(k)
			}
		}
		return kindOther
	}
	if len(name) >= len(byLength) {
		return kindOther
	}
	for _, k := range byLength[len(name)] {
		if octet.EqualFold(name, names[k].long) {
			return k
		}
	}
	return kindOther
}

// tokens are the octets of a token (RFC 3261 section 25.1).
var tokens = func() (t [256]bool) {
	for c := range 256 {
		b := byte(c)
		t[c] = isAlpha(b) || isDigit(b) || bytes.IndexByte([]byte("-.!%*_+`'~"), b) >= 0
	}
	return t
}()

func isToken(b []byte) bool {
	for _, c := range b {
		if !tokens[c] {
			return false
		}
	}
	return len(b) > 0
}

func isAlpha(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }
func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// isSpace reports linear white space; line ends count, for they stand in a value only by folding.
func isSpace(c byte) bool { return c == ' ' || c < ' ' && 1<<c&spaces != 0 }

const spaces uint32 = 1<<'\t' | 1<<'\r' | 1<<'\n'

// hasControl reports a control character other than white space.
func hasControl(b []byte) bool {
	for _, c := range b {
		if c < ' ' && !isSpace(c) || c == 0x7f {
			return true
		}
	}
	return false
}

func isDigits(b []byte) bool {
	for _, c := range b {
		if !isDigit(c) {
			return false
		}
	}
	return len(b) > 0
}

// number reads digits, any number of leading zeros included.
func number(b []byte, limit int) (n int, ok bool) {
	if !isDigits(b) {
		return 0, false
	}
	for _, c := range b {
		if n = n*10 + int(c-'0'); n > limit {
			return 0, false
		}
	}
	return n, true
}

func trimRight(b []byte) []byte {
	for len(b) > 0 && isSpace(b[len(b)-1]) {
		b = b[:len(b)-1]
	}
	return b
}

func trimLeft(b []byte) []byte {
	for len(b) > 0 && isSpace(b[0]) {
		b = b[1:]
	}
	return b
}

func trim(b []byte) []byte { return trimLeft(trimRight(b)) }

// word cuts the first word off b.
func word(b []byte) (first, rest []byte) {
	b = trimLeft(b)
	for i, c := range b {
		if isSpace(c) {
			return b[:i], trimLeft(b[i:])
		}
	}
	return b, nil
}

// hasOddSpace reports folding, and white space beside ';', '=' or another space: what sipgo would
// keep inside names and values.
func hasOddSpace(value []byte) bool {
	for i, c := range value {
		if !isSpace(c) {
			continue
		}
		if c != ' ' {
			return true
		}
		before, after := value[max(i-1, 0)], value[min(i+1, len(value)-1)]
		if before == ';' || before == '=' || after == ';' || after == '=' || after == ' ' {
			return true
		}
	}
	return false
}

// quoted is the length of the quoted string at the start of b, or -1 when it does not end.
func quoted(b []byte) int {
	for i := 1; i < len(b); i++ {
		switch b[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return -1
}

// checkAddresses checks the brackets, quotes and spaces of a From, To or Contact value. Display
// names are taken leniently, what could move the end of a URI is not: a space within brackets, or
// '?' without brackets (RFC 3261 section 20.10).
func checkAddresses(value []byte, list bool) bool {
	fresh := true // at the beginning of an address
	bracket, params := false, false
	for i := 0; i < len(value); i++ {
		c := value[i]
		switch {
		case bracket:
			if c == '>' {
				bracket, params = false, true
			} else if c == '<' || c == '"' || isSpace(c) {
				return false
			}
			continue
		case c == '"':
			n := quoted(value[i:])
			if n < 0 {
				return false
			}
			i += n - 1
		case c == '<':
			if params {
				return false // a second bracket, or one in a parameter
			}
			bracket = true
		case c == '>', c == '?' && !params && !nameAhead(value[i:]):
			return false
		case c == ';':
			params = true
		case c == ',' && list:
			if fresh {
				return false
			}
			fresh, params = true, false
			continue
		}
		if !isSpace(c) {
			fresh = false
		}
	}
	return !bracket && !fresh
}

// nameAhead reports that b is still a display name: a bracket opens before anything else begins.
func nameAhead(b []byte) bool {
	i := bytes.IndexAny(b, `<;,"`)
	return i >= 0 && b[i] == '<'
}
