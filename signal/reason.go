package signal

import (
	"strconv"
	"strings"
)

// Reason is one value of a Reason field (RFC 3326): why a request is sent, or an end comes.
type Reason struct {
	Protocol string // "SIP", whose causes are status codes, or "Q.850", whose causes are those of ISUP
	Cause    int    // 0 where none is named
	Text     string // for people, "" for none
}

// The protocols whose causes are understood.
const (
	protocolSIP  = "SIP"
	protocolQ850 = "Q.850"
)

// Limits of what is read of Reason fields.
const (
	maxReasons    = 4   // values
	maxReasonText = 100 // characters of a text
)

// ReadReasons reads the values of Reason fields, each of which may be a list. Those of other protocols, and what can
// not be read, are left out.
func ReadReasons(fields []string) (out []Reason) {
	for _, field := range fields {
		for _, value := range splitOutside(field, ',') {
			if r, ok := readReason(value); ok && len(out) < maxReasons {
				out = append(out, r)
			}
		}
	}
	return out
}

func readReason(value string) (r Reason, ok bool) {
	parts := splitOutside(value, ';')
	switch protocol := strings.ToUpper(strings.TrimSpace(parts[0])); protocol {
	case protocolSIP, protocolQ850:
		r.Protocol = protocol
	default:
		return r, false
	}
	for _, p := range parts[1:] {
		name, v, _ := strings.Cut(p, "=")
		v = strings.TrimSpace(v)
		switch strings.ToLower(strings.TrimSpace(name)) {
		case "cause":
			n, err := strconv.ParseUint(v, 10, 16)
			if err != nil || n > 999 {
				return r, false
			}
			r.Cause = int(n)
		case "text":
			r.Text = plainText(v)
		}
	}
	return r, r.Cause != 0 || r.Text != ""
}

// splitOutside splits at a separator that is not within quotes.
func splitOutside(s string, sep byte) (parts []string) {
	quoted, from := false, 0
	for i := 0; i < len(s); i++ {
		switch {
		case quoted && s[i] == '\\':
			i++
		case s[i] == '"':
			quoted = !quoted
		case s[i] == sep && !quoted:
			parts = append(parts, s[from:i])
			from = i + 1
		}
	}
	return append(parts, s[min(from, len(s)):])
}

// plainText is a quoted string or a token as people read it: without quotes, escapes and controls, and not too long.
func plainText(s string) string {
	if len(s) >= 2 && s[0] == '"' && s[len(s)-1] == '"' {
		s = s[1 : len(s)-1]
	}
	var b strings.Builder
	n := 0
	for _, c := range s {
		if c == '\\' || c == '"' || c < ' ' || c == 0x7f || n >= maxReasonText {
			continue
		}
		b.WriteRune(c)
		n++
	}
	return strings.TrimSpace(b.String())
}

// String is the reason as a field has it.
func (r Reason) String() string {
	s := r.Protocol
	if r.Cause != 0 {
		s += ";cause=" + strconv.Itoa(r.Cause)
	}
	if r.Text != "" {
		s += `;text="` + plainText(r.Text) + `"`
	}
	return s
}

// Status is the SIP status that the cause means, 0 where it means none. A normal end is 200.
func (r Reason) Status() int {
	switch {
	case r.Protocol == protocolQ850:
		return ofISUP[r.Cause]
	case r.Cause >= 200 && r.Cause <= 699:
		return r.Cause
	}
	return 0
}

// ofISUP are the status codes for the causes of ISUP (RFC 3398 section 7.2.4.1).
var ofISUP = map[int]int{
	1: 404, 2: 404, 3: 404, 16: 200, 17: 486, 18: 408, 19: 480, 20: 480, 21: 403, 22: 410, 23: 410, 26: 404, 27: 502,
	28: 484, 29: 501, 31: 200, 34: 503, 38: 503, 41: 503, 42: 503, 47: 503, 55: 403, 57: 403, 58: 503, 65: 488, 70: 488,
	79: 501, 87: 403, 88: 503, 102: 504, 111: 500, 127: 500,
}

// ReasonField is the value of a Reason field that says the same as others did, in our own writing: nothing of theirs
// gets by but protocol, number and text. "" for none.
func ReasonField(reasons []Reason) string {
	var all []string
	for _, r := range reasons {
		all = append(all, r.String())
	}
	return strings.Join(all, ", ")
}
