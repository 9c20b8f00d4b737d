package guard

import "bytes"

// start is the first line of a message.
type start struct {
	response bool   // set before read
	method   []byte // of a request
	uri      []byte // of a request
	status   int    // of a response
}

// looksLikeResponse tells by the first octets: a response is never answered.
func looksLikeResponse(data []byte) bool {
	return len(data) >= 4 && bytes.EqualFold(data[:4], []byte("SIP/"))
}

func (s *start) read(line []byte, l *Limits) *problem {
	if s.response {
		return s.readStatus(line)
	}
	first, last := bytes.IndexByte(line, ' '), bytes.LastIndexByte(line, ' ')
	if first < 0 {
		return problemNotSIP
	}
	s.method, s.uri = line[:first], nil
	if last > first {
		s.uri = line[first+1 : last]
	}
	if p := checkVersion(line[last+1:]); p != nil {
		return p
	}
	if !isToken(s.method) {
		return problemStart
	}
	return s.checkURI(l)
}

// readStatus reads "SIP/2.0 200 OK" (RFC 3261 section 7.2). The phrase may be empty, the space
// before it may not.
func (s *start) readStatus(line []byte) *problem {
	if len(line) < 12 || !bytes.EqualFold(line[:8], []byte("SIP/2.0 ")) || line[11] != ' ' {
		return problemStatusLine
	}
	n, ok := number(line[8:11], 699)
	if !ok || n < 100 {
		return problemStatusLine
	}
	s.status = n
	return nil
}

// checkVersion wants "SIP/2.0" in any case (RFC 3261 section 7.1). Another version of SIP is told
// so; what is no version at all may come from a space at the end of the line.
func checkVersion(v []byte) *problem {
	if bytes.EqualFold(v, []byte(version)) {
		return nil
	}
	if len(v) == 0 {
		return problemStart
	}
	major, minor, ok := bytes.Cut(v[min(len(v), 4):], []byte{'.'})
	if !looksLikeResponse(v) || !ok || !isDigits(major) || !isDigits(minor) {
		return problemNotSIP
	}
	return problemVersion
}

// checkURI checks the request URI as far as its scheme and its end: no spaces, no brackets around
// it, no headers in it (RFC 3261 sections 7.1 and 19.1.1).
func (s *start) checkURI(l *Limits) *problem {
	if len(s.uri) > l.MaxURI {
		return problemURILong
	}
	for _, c := range s.uri {
		if c <= ' ' || c == 0x7f || c == '<' || c == '>' || c == '"' {
			return problemURI
		}
	}
	scheme, rest, ok := bytes.Cut(s.uri, []byte{':'})
	if !ok || len(rest) == 0 || !isScheme(scheme) {
		return problemURI
	}
	switch {
	case bytes.EqualFold(scheme, []byte("tel")):
		return nil
	case !bytes.EqualFold(scheme, []byte("sip")) && !bytes.EqualFold(scheme, []byte("sips")):
		return problemScheme
	}
	host := rest[bytes.LastIndexByte(rest, '@')+1:]
	if bytes.IndexByte(host, '?') >= 0 {
		return problemURI
	}
	// Without a user, sipgo takes any bracket for the beginning of the host: sip:h;maddr=[::1].
	if len(host) == len(rest) && bytes.LastIndexByte(rest, '[') > 0 {
		return problemURI
	}
	return nil
}

// isScheme is RFC 3986 section 3.1.
func isScheme(b []byte) bool {
	if len(b) == 0 || !isAlpha(b[0]) {
		return false
	}
	for _, c := range b {
		if !isAlpha(c) && !isDigit(c) && c != '+' && c != '-' && c != '.' {
			return false
		}
	}
	return true
}
