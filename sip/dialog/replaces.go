package dialog

import (
	"errors"
	"fmt"
	"strings"

	"tandem/signal"
)

// ErrReplaces says that a Replaces field can not be read; the request that has it gets 400.
var ErrReplaces = errors.New("dialog: malformed Replaces")

// ParseReplaces reads the Replaces field of an INVITE (RFC 3891 section 6.1); nil without error
// where there is none. More than one is malformed (section 3).
func ParseReplaces(h signal.Headers) (*Replaces, error) {
	switch fields := h.All("Replaces"); len(fields) {
	case 0:
		return nil, nil
	case 1:
		return parseReplaces(fields[0])
	default:
		return nil, fmt.Errorf("%w: %d fields", ErrReplaces, len(fields))
	}
}

func parseReplaces(value string) (*Replaces, error) {
	callID, rest, _ := strings.Cut(value, ";")
	r := &Replaces{CallID: strings.TrimSpace(callID)}
	if r.CallID == "" || strings.ContainsFunc(r.CallID, notInCallID) {
		return nil, fmt.Errorf("%w: Call-ID", ErrReplaces)
	}
	for param := range strings.SplitSeq(rest, ";") {
		name, v, _ := strings.Cut(param, "=")
		v = strings.TrimSpace(v)
		switch strings.ToLower(strings.TrimSpace(name)) {
		case "to-tag":
			r.LocalTag = v
		case "from-tag":
			r.PeerTag = v
		case "early-only":
			r.Early = true
		}
	}
	if !token(r.LocalTag) || !token(r.PeerTag) {
		return nil, fmt.Errorf("%w: to-tag and from-tag must be tokens", ErrReplaces)
	}
	return r, nil
}

// notInCallID tells the characters that may not stand in a Call-ID, and those that could break out
// of the field it is written into again.
func notInCallID(c rune) bool { return c <= ' ' || c >= 0x7f || strings.ContainsRune(`,<>"`, c) }

// String writes the field's value.
func (r Replaces) String() string {
	s := r.CallID + ";to-tag=" + r.LocalTag + ";from-tag=" + r.PeerTag
	if r.Early {
		s += ";early-only"
	}
	return s
}

// token reports whether s is a token of RFC 3261 section 25.1.
func token(s string) bool {
	for i := range len(s) {
		if !alphanumeric(s[i]) && !strings.ContainsRune("-.!%*_+`'~", rune(s[i])) {
			return false
		}
	}
	return s != ""
}

func alphanumeric(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z'
}

// escapeHeader writes a header value so that it can stand after '?' in a URI (section 19.1.1).
func escapeHeader(s string) string {
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	for i := range len(s) {
		if c := s[i]; alphanumeric(c) || strings.IndexByte("-_.!~*'()", c) >= 0 {
			b.WriteByte(c)
		} else {
			b.Write([]byte{'%', hex[c>>4], hex[c&15]})
		}
	}
	return b.String()
}
