package translate

import (
	"strings"

	"tandem/signal"
)

// class is a set of places in which an octet may stand.
type class uint16

const (
	inToken  class = 1 << iota // method, header name, parameter name (RFC 3261 section 25.1)
	inValue                    // value of a header parameter outside quotes
	inUser                     // user part of a URI
	inTel                      // number of a tel URI
	inParam                    // name or value of a URI parameter
	inHost                     // host name or address
	inHeader                   // headers part of a URI
	inField                    // whole field value
)

// table says for every octet where it may stand. User parts and parameters are taken as they come
// from real devices, as long as no octet could end the part it stands in.
var table = func() (t [256]class) {
	for c := range 256 {
		switch {
		case c >= 0x80:
			t[c] = inUser | inParam | inHeader | inField | inValue
		case c == '\t' || c == ' ':
			t[c] = inField
		case c < ' ' || c == 0x7f: // line ends, NUL and all other controls: nowhere
		default:
			t[c] = inValue | inUser | inTel | inParam | inHeader | inField
		}
	}
	const alnum = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	allow := func(set string, c class) {
		for i := range len(set) {
			t[set[i]] |= c
		}
	}
	deny := func(set string, c class) {
		for i := range len(set) {
			t[set[i]] &^= c
		}
	}
	allow(alnum+"-.!%*_+`'~", inToken)
	allow(alnum+"-._:", inHost)
	deny(`<>"`, inValue|inUser|inTel|inParam|inHeader)
	deny(`;,`, inValue)
	deny(`@[]`, inUser)
	deny(`@;?`, inTel|inParam)
	deny(`@`, inHeader)
	return t
}()

// all reports whether every octet of s may stand there.
func all(s string, where class) bool {
	for i := range len(s) {
		if table[s[i]]&where == 0 {
			return false
		}
	}
	return true
}

func isToken(s string) bool { return s != "" && all(s, inToken) }

// checkURI tells whether the URI reads back from its own text as the same URI and as nothing more.
func checkURI(u *signal.URI) error {
	switch u.Scheme {
	case "sip", "sips":
		if u.Host == "" || !all(u.Host, inHost) || !all(u.User, inUser) {
			return ErrUnsafe
		}
	case "tel":
		if u.User == "" || u.Host != "" || u.Port != 0 || u.Headers != "" || !all(u.User, inTel) {
			return ErrUnsafe
		}
	default:
		return signal.ErrScheme
	}
	if u.Port < 0 || u.Port > 65535 || !all(u.Headers, inHeader) {
		return ErrUnsafe
	}
	for i := range u.Params {
		name := u.Params[i].Name
		if name == "" || !all(name, inParam) || strings.Contains(name, "=") || !all(u.Params[i].Value, inParam) {
			return ErrUnsafe
		}
	}
	return nil
}

// checkParams tells whether parameters of a header field can stand in it: names are tokens, values
// are plain or one whole quoted string.
func checkParams(params signal.Params) error {
	for i := range params {
		if !isToken(params[i].Name) {
			return ErrUnsafe
		}
		if v := params[i].Value; !all(v, inValue) && !isQuoted(v) {
			return ErrUnsafe
		}
	}
	return nil
}

// isQuoted reports whether s is exactly one quoted string without control characters.
func isQuoted(s string) bool {
	return len(s) >= 2 && s[0] == '"' && quotedLen(s) == len(s) && all(s, inField)
}

// harmless replaces control characters by spaces, in text that only people read.
func harmless(s string) string {
	if all(s, inField) {
		return s
	}
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, s)
}
