package sip

import (
	"bytes"
	"slices"
	"strconv"
	"strings"
)

// An answer to a datagram whose sender has proved nothing must not be larger than the datagram: who writes another's
// address into his packets would have us multiply them (RFC 3261 section 26.1.5). What is too large is made smaller step by
// step, each of which costs a little more than the one before, and is not sent where the last is not enough.

// statusIn is the status of a response as it goes out: terse may have given it another one.
func statusIn(response []byte) int {
	const code = len("SIP/2.0 ")
	if len(response) < code+3 {
		return 0
	}
	status, _ := strconv.Atoi(string(response[code : code+3]))
	return status
}

// message is the head of a response without a body, as it goes out.
type message struct {
	status string // the first line
	fields []field
}

type field struct{ name, value string }

// fit makes a response without a body at most room octets long; nil where that can not be.
func fit(response []byte, room int) []byte {
	if len(response) <= room {
		return response
	}
	m := readMessage(response)
	for _, smaller := range []func(*message){anonymous, needed, compact, weaker, bare, terse} {
		smaller(&m)
		if out := m.write(); len(out) <= room {
			return out
		}
	}
	return nil
}

func readMessage(data []byte) (m message) {
	head, _, _ := strings.Cut(string(data), "\r\n\r\n")
	lines := strings.Split(head, "\r\n")
	m.status = lines[0]
	for _, line := range lines[1:] {
		name, value, _ := strings.Cut(line, ":")
		m.fields = append(m.fields, field{name, strings.TrimSpace(value)})
	}
	return m
}

// write writes it; no space must follow a colon (RFC 3261 section 7.3.1), and a short name shows that none is to spare.
func (m *message) write() []byte {
	var b bytes.Buffer
	b.WriteString(m.status)
	for _, f := range m.fields {
		b.WriteString("\r\n")
		b.WriteString(f.name)
		b.WriteByte(':')
		if len(f.name) > 1 {
			b.WriteByte(' ')
		}
		b.WriteString(f.value)
	}
	b.WriteString("\r\n\r\n")
	return b.Bytes()
}

func (m *message) drop(names ...string) {
	m.fields = slices.DeleteFunc(m.fields, func(f field) bool { return slices.Contains(names, f.name) })
}

// anonymous leaves out who we are.
func anonymous(m *message) { m.drop("Server") }

// needed leaves out what is good to know; a field without which a refusal is none of its kind stays (RFC 3261 section 21).
func needed(m *message) {
	m.drop("Date", "Supported", "Accept-Encoding")
	if !strings.HasPrefix(m.status, "SIP/2.0 405 ") {
		m.drop("Allow")
	}
	if !strings.HasPrefix(m.status, "SIP/2.0 415 ") {
		m.drop("Accept")
	}
}

// shortNames are the compact forms (RFC 3261 section 7.3.3).
var shortNames = map[string]string{"Via": "v", "From": "f", "To": "t", "Call-ID": "i", "Content-Length": "l"}

// compact writes names by one letter.
func compact(m *message) {
	for i := range m.fields {
		if short, ok := shortNames[m.fields[i].name]; ok {
			m.fields[i].name = short
		}
	}
}

// weaker leaves of several challenges the last: the one that every phone can answer (RFC 8760 section 2.3), and MD5 need
// not be named (RFC 7616 section 3.3).
func weaker(m *message) {
	for i := len(m.fields) - 1; i > 0; i-- {
		if isChallenge(m.fields[i].name) {
			last := field{m.fields[i].name, strings.Replace(m.fields[i].value, ",algorithm=MD5", "", 1)}
			m.drop(last.name)
			m.fields = append(m.fields, last)
			return
		}
	}
}

func isChallenge(name string) bool { return name == "WWW-Authenticate" || name == "Proxy-Authenticate" }

// bare leaves out the phrase for people, and Content-Length, which need not be in a datagram (RFC 3261 section 20.14).
func bare(m *message) {
	if code := len("SIP/2.0 200 "); len(m.status) > code {
		m.status = m.status[:code]
	}
	m.drop("Retry-After", shortNames["Content-Length"])
}

// terse says no more than the status. Who can not be challenged in so little room can be over a connection, where nobody
// lies about where he is. A phone that registers must not take it for the last word: many never register again after a
// 403, while after a 503 they go on to the next server or transport, or try again later (RFC 3261 section 21.5.4). Other
// requests are refused one by one; a proxy that passes them on would take a 503 as said of all its calls.
func terse(m *message) {
	if slices.ContainsFunc(m.fields, func(f field) bool { return isChallenge(f.name) }) {
		m.status = "SIP/2.0 403 Use TCP"
		if slices.ContainsFunc(m.fields, func(f field) bool { return f.name == "CSeq" && strings.HasSuffix(f.value, " REGISTER") }) {
			m.status = "SIP/2.0 503 Use TCP"
		}
	}
	m.drop("WWW-Authenticate", "Proxy-Authenticate", "Allow", "Accept")
}
