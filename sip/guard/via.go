package guard

import (
	"bytes"

	"tandem/sip/octet"
)

// checkVias checks one Via value, a list of hops (RFC 3261 section 20.42), and counts them. tidy
// tells that it is one hop with no white space but the one before its host.
func checkVias(value []byte) (hops int, tidy, ok bool) {
	tidy = true
	for {
		n, spaces := hopEnd(value)
		if n < 0 || !checkHop(trim(value[:n])) {
			return hops, false, false
		}
		hops++
		tidy = tidy && spaces == 1 && hops == 1
		if n == len(value) {
			return hops, tidy, true
		}
		value = value[n+1:]
		tidy = false
	}
}

// hopEnd is the place of the next comma outside quotes, or the end, and the white space before it.
func hopEnd(b []byte) (n, spaces int) {
	for i := 0; i < len(b); i++ {
		switch c := b[i]; {
		case c == ',':
			return i, spaces
		case c == '"':
			n := quoted(b[i:])
			if n < 0 {
				return -1, 0
			}
			i += n - 1
		case isSpace(c):
			spaces++
		}
	}
	return len(b), spaces
}

// checkHop checks "SIP/2.0/UDP host:port;params", white space allowed where the grammar has it.
func checkHop(b []byte) bool {
	if hasControl(b) {
		return false
	}
	name, rest, ok := bytes.Cut(b, []byte{'/'})
	number, rest, ok2 := bytes.Cut(rest, []byte{'/'})
	if !ok || !ok2 || !octet.EqualFold(trim(name), "sip") || !bytes.Equal(trim(number), []byte("2.0")) {
		return false
	}
	transport, rest := word(rest)
	if !isToken(transport) {
		return false
	}
	sentBy, params, _ := bytes.Cut(rest, []byte{';'})
	return checkSentBy(trim(sentBy)) && checkHopParams(params)
}

func checkSentBy(b []byte) bool {
	host, port := b, []byte(nil)
	if len(b) > 0 && b[0] == '[' {
		end := bytes.IndexByte(b, ']')
		if end < 0 {
			return false
		}
		host, port = b[1:end], trim(b[end+1:])
		if len(port) > 0 {
			if port[0] != ':' {
				return false
			}
			port = trim(port[1:])
			if len(port) == 0 {
				return false
			}
		}
	} else if i := bytes.IndexByte(b, ':'); i >= 0 {
		host, port = trim(b[:i]), trim(b[i+1:])
		if len(port) == 0 {
			return false
		}
	}
	for _, c := range host {
		if !isAlpha(c) && !isDigit(c) && c != '.' && c != '-' && c != '_' && c != ':' {
			return false
		}
	}
	if len(port) == 0 {
		return len(host) > 0
	}
	n, ok := number(port, 65535)
	return ok && n > 0 && len(host) > 0
}

// checkHopParams wants a name for every parameter; the last may be empty, as some devices end with
// a semicolon.
func checkHopParams(b []byte) bool {
	for len(trim(b)) > 0 {
		end := len(b)
		for i := 0; i < len(b); i++ {
			if b[i] == '"' {
				n := quoted(b[i:])
				if n < 0 {
					return false
				}
				i += n - 1
			} else if b[i] == ';' {
				end = i
				break
			}
		}
		name, _, _ := bytes.Cut(b[:end], []byte{'='})
		if !isToken(trim(name)) {
			return false
		}
		b = b[min(end+1, len(b)):]
	}
	return true
}
