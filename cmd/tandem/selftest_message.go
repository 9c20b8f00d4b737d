package main

import (
	"fmt"
	"strconv"
	"strings"
)

// message is a SIP message as the phone of selftest needs it: header fields in order, names in
// lower case when they came from the network.
type message struct {
	start  string // request line or status line
	fields [][2]string
	body   string
}

// parseMessage reads a datagram. It is a witness against the member, so it demands what RFC 3261
// demands of a sender and forgives nothing but what the phone does not look at.
func parseMessage(datagram string) (message, error) {
	head, body, ok := strings.Cut(datagram, "\r\n\r\n")
	if !ok {
		return message{}, fmt.Errorf("a SIP message without the end of its header: %.60q", datagram)
	}
	lines := strings.Split(head, "\r\n")
	m := message{start: lines[0], body: body}
	for _, line := range lines[1:] {
		if line == "" {
			continue
		}
		name, value, ok := strings.Cut(line, ":")
		if !ok {
			return message{}, fmt.Errorf("a SIP header field without a colon: %.60q", line)
		}
		m.fields = append(m.fields, [2]string{longName(strings.ToLower(strings.TrimSpace(name))),
			strings.TrimSpace(value)})
	}
	if n, err := strconv.Atoi(m.get("content-length")); err == nil && n >= 0 && n < len(body) {
		m.body = body[:n]
	}
	return m, nil
}

// longName turns the compact names that the phone looks at into their long form (RFC 3261
// section 7.3.3).
func longName(name string) string {
	for short, long := range map[string]string{"v": "via", "f": "from", "t": "to", "i": "call-id",
		"m": "contact", "l": "content-length", "c": "content-type"} {
		if name == short {
			return long
		}
	}
	return name
}

// get returns the first field of that name, in lower case.
func (m message) get(name string) string {
	for _, f := range m.fields {
		if f[0] == name {
			return f[1]
		}
	}
	return ""
}

// all returns every field of that name.
func (m message) all(name string) []string {
	var out []string
	for _, f := range m.fields {
		if f[0] == name {
			out = append(out, f[1])
		}
	}
	return out
}

// status is the code of a response, 0 for a request.
func (m message) status() int {
	rest, ok := strings.CutPrefix(m.start, "SIP/2.0 ")
	if !ok || len(rest) < 3 {
		return 0
	}
	code, _ := strconv.Atoi(rest[:3])
	return code
}

// branch names the transaction that a message belongs to.
func (m message) branch() string { return parameter(m.get("via"), "branch") }

// parameter returns a parameter of a header field's first value.
func parameter(value, name string) string {
	for part := range strings.SplitSeq(value, ";") {
		if v, ok := strings.CutPrefix(strings.TrimSpace(part), name+"="); ok {
			return strings.TrimSpace(v)
		}
	}
	return ""
}

// uriOf returns what stands between the angle brackets of a name-addr, or the plain URI.
func uriOf(value string) string {
	if _, rest, ok := strings.Cut(value, "<"); ok {
		uri, _, _ := strings.Cut(rest, ">")
		return uri
	}
	uri, _, _ := strings.Cut(value, ";")
	return strings.TrimSpace(uri)
}

// String writes the message, with its length.
func (m message) String() string {
	var b strings.Builder
	b.WriteString(m.start + "\r\n")
	for _, f := range m.fields {
		b.WriteString(f[0] + ": " + f[1] + "\r\n")
	}
	fmt.Fprintf(&b, "Content-Length: %d\r\n\r\n%s", len(m.body), m.body)
	return b.String()
}

// answerTo makes the response to a request, without a tag of our own: selftest answers only inside
// dialogs, and refuses statelessly what it does not know.
func answerTo(request message, status string) message {
	response := message{start: "SIP/2.0 " + status}
	for _, name := range []string{"via", "from", "to", "call-id", "cseq"} {
		for _, value := range request.all(name) {
			response.fields = append(response.fields, [2]string{name, value})
		}
	}
	return response
}
