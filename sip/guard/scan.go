package guard

import "bytes"

// scan is what one walk over the raw message found. Its slices point into the message.
type scan struct {
	start  start
	value  [kinds][]byte // first value of each kind, white space around it cut, folding kept
	count  [kinds]int
	head   []byte // header fields, without start line and empty line
	body   []byte // cut to Content-Length
	size   int    // octets of the message up to the end of its body
	untidy bool   // white space stands where sipgo would keep it
}

// read walks over the message: framing, octets, limits and the start line.
func (s *scan) read(data []byte, l *Limits) *problem {
	s.start.response = looksLikeResponse(data)
	within := data[:min(len(data), l.MaxMessage)]
	eol := bytes.IndexByte(within, '\n') + 1
	switch {
	case eol == 0:
		return noEnd(data, l)
	case eol < 2 || data[eol-2] != '\r':
		return problemControl
	}
	if p := s.start.read(data[:eol-2], l); p != nil {
		return p
	}
	f := fields{rest: within[eol:], lines: 1}
	p := s.readFields(&f, l)
	head := within[:len(within)-len(f.rest)]
	if hasNUL(head) || bytes.Count(head, crlf[:1]) > f.lines {
		return problemControl
	}
	if p != nil {
		return p
	}
	if !f.ended {
		return noEnd(data, l)
	}
	s.head = head[eol : len(head)-2]
	return s.readBody(data, len(head), l)
}

// noEnd tells why the empty line after the header was not found.
func noEnd(data []byte, l *Limits) *problem {
	if len(data) > l.MaxMessage {
		return problemTooLarge
	}
	return problemNoEnd
}

var (
	crlf     = []byte("\r\n")
	crlfcrlf = []byte("\r\n\r\n")
)

// hasNUL reports a NUL. Only behind a backslash may one stand: as a quoted pair (RFC 3261 section
// 25.1), which a display name may hold and which is made a space where the name is read.
func hasNUL(head []byte) bool {
	for from := 0; ; {
		i := bytes.IndexByte(head[from:], 0)
		if i < 0 {
			return false
		}
		if from += i; from == 0 || head[from-1] != '\\' {
			return true
		}
		from++
	}
}

// fields walks over header fields up to the empty line. The ends of lines must be the same for
// everybody who reads the message: at a line feed without CR it stops; a CR within a line shows in
// there being more CRs than lines.
type fields struct {
	rest  []byte
	lines int  // line ends passed
	ended bool // the empty line was passed
	bare  bool // stopped at a bare line feed
}

// line is the length of the line at the start of rest, its end included; 0 when it is not whole.
func (f *fields) line(rest []byte) int {
	i := bytes.IndexByte(rest, '\n')
	if i < 0 {
		return 0
	}
	if i == 0 || rest[i-1] != '\r' {
		f.bare = true
		return 0
	}
	f.lines++
	return i + 1
}

// next returns the next field. Its value may hold folded lines; name is empty when there is no
// colon or the name is not a token.
func (f *fields) next() (name, value []byte, ok bool) {
	end := f.line(f.rest)
	if end <= 2 {
		f.ended = end == 2
		f.rest = f.rest[end:]
		return nil, nil, false
	}
	for end < len(f.rest) && isSpace(f.rest[end]) && f.rest[end] != '\r' {
		n := f.line(f.rest[end:])
		if n == 0 {
			return nil, nil, false
		}
		end += n
	}
	line := f.rest[:end-2]
	f.rest = f.rest[end:]
	colon := bytes.IndexByte(line, ':')
	if colon < 0 {
		return nil, line, true
	}
	name = trimRight(line[:colon])
	if !isToken(name) {
		name = nil
	}
	return name, trim(line[colon+1:]), true
}

func (s *scan) readFields(f *fields, l *Limits) *problem {
	for n := 0; ; n++ {
		before := len(f.rest)
		name, value, ok := f.next()
		switch {
		case f.bare:
			return problemControl
		case !ok:
			return nil
		case n >= l.MaxHeaders:
			return problemHeaders
		case before-len(f.rest) > l.MaxHeader:
			return problemHeader
		case name == nil:
			return problemField
		}
		k := kindOf(name)
		if s.count[k]++; s.count[k] == 1 {
			s.value[k] = value
		}
		if p := s.readField(k, value, l); p != nil {
			return p
		}
	}
}

// readField looks at fields of which there may be many, one by one.
func (s *scan) readField(k kind, value []byte, l *Limits) *problem {
	switch k {
	case kindVia:
		n, tidy, ok := checkVias(value)
		if !ok {
			return problemVia
		}
		s.untidy = s.untidy || !tidy
		if s.count[k] += n - 1; s.count[k] > l.MaxVias {
			return problemVias
		}
	case kindFrom, kindTo, kindCSeq:
		s.untidy = s.untidy || hasOddSpace(value)
	case kindContact:
		if !checkAddresses(value, true) {
			return problemAddress
		}
	}
	return nil
}

// readBody finds the body and checks its length: in a datagram it may be shorter than what follows
// the header (RFC 3261 section 18.3), never longer.
func (s *scan) readBody(data []byte, from int, l *Limits) *problem {
	if s.count[kindContentLength] > 1 {
		return problemLength
	}
	s.body, s.size = data[from:], len(data)
	if s.count[kindContentLength] == 1 {
		n, ok := number(s.value[kindContentLength], 1<<31-1)
		if !ok {
			return problemLength
		}
		if n > len(s.body) {
			return problemTruncated
		}
		s.body, s.size = s.body[:n], from+n
	}
	switch {
	case len(s.body) > l.MaxBody:
		return problemBody
	case s.size > l.MaxMessage:
		return problemTooLarge
	}
	return nil
}
