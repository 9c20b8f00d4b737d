package signal

import "strings"

// Header is one header field, name and value, both without line ends.
type Header struct{ Name, Value string }

// Headers are header fields in the order of the wire. Names compare without regard to case
// (RFC 3261 section 7.3.1).
type Headers []Header

// Get returns the first value of the named field, or "".
func (h Headers) Get(name string) string {
	for _, f := range h {
		if strings.EqualFold(f.Name, name) {
			return f.Value
		}
	}
	return ""
}

// All returns every value of the named field, in order.
func (h Headers) All(name string) []string {
	var out []string
	for _, f := range h {
		if strings.EqualFold(f.Name, name) {
			out = append(out, f.Value)
		}
	}
	return out
}

// Has reports whether the comma-separated list in the named fields contains token, without regard
// to case: the form of Require, Supported and Allow.
func (h Headers) Has(name, token string) bool {
	for _, v := range h.All(name) {
		for part := range strings.SplitSeq(v, ",") {
			if strings.EqualFold(strings.TrimSpace(part), token) {
				return true
			}
		}
	}
	return false
}

// Elements are the parts of a field's value that is a list: commas within quotes and angle brackets separate nothing.
func Elements(value string) (out []string) {
	quoted, angled, from := false, false, 0
	for i := 0; i < len(value); i++ {
		switch c := value[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '<' || c == '>':
			angled = c == '<'
		case c == ',' && !angled:
			out = append(out, value[from:i])
			from = i + 1
		}
	}
	return append(out, value[from:])
}

// With returns h with one more field at its end; h itself is left as it was.
func (h Headers) With(name, value string) Headers {
	return append(h[:len(h):len(h)], Header{name, value})
}

// Without returns h without any field of the given name.
func (h Headers) Without(name string) Headers {
	out := make(Headers, 0, len(h))
	for _, f := range h {
		if !strings.EqualFold(f.Name, name) {
			out = append(out, f)
		}
	}
	return out
}
