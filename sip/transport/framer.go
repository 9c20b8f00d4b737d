package transport

import (
	"bytes"
	"errors"
	"strconv"
	"strings"
)

// Errors of framing. After any of them the stream can not be trusted: its connection is closed.
var (
	ErrTooLong   = errors.New("transport: message is longer than the limit")
	ErrLength    = errors.New("transport: not exactly one Content-Length of digits")
	ErrLineEnd   = errors.New("transport: bare CR or LF in the header")
	ErrNotSIP    = errors.New("transport: stream does not begin like a message")
	ErrTruncated = errors.New("transport: message was not complete in time")
)

// frameKind is what the framer found.
type frameKind int

const (
	frameNone    frameKind = iota // more bytes are needed
	frameMessage                  // one whole message
	framePing                     // CRLFCRLF between messages (RFC 5626 section 3.5.1)
)

const firstBuffer = 2048 // bytes a connection holds while it is quiet

// framer cuts a stream into messages (RFC 3261 section 18.3). It owns its buffer: read into room,
// say filled, then call next until it returns frameNone.
type framer struct {
	limit   int
	buf     []byte
	r, w    int // unread bytes are buf[r:w]
	scanned int // bytes from r on that hold no end of header
	need    int // length of the current message once its header is complete
	passed  int // messages found so far
}

// room returns space to read into, at least one byte. It makes frames returned earlier invalid.
func (f *framer) room() []byte {
	if f.r == f.w {
		f.r, f.w = 0, 0
		if cap(f.buf) > 4*firstBuffer {
			f.buf = nil // a large message has passed: do not keep its buffer for a quiet connection
		}
	}
	if f.buf == nil {
		f.buf = make([]byte, firstBuffer)
	}
	if f.r > 0 && f.w == len(f.buf) {
		f.w = copy(f.buf, f.buf[f.r:f.w])
		f.r = 0
	}
	if f.w == len(f.buf) {
		grown := make([]byte, 2*len(f.buf))
		copy(grown, f.buf)
		f.buf = grown
	}
	return f.buf[f.w:]
}

// filled tells that n bytes of room were written.
func (f *framer) filled(n int) { f.w += n }

// started reports whether a message has begun and is not complete.
func (f *framer) started() bool {
	for _, c := range f.buf[f.r:f.w] {
		if c != '\r' && c != '\n' {
			return true
		}
	}
	return false
}

// rest is what is there of a message that will not become complete.
func (f *framer) rest() []byte { return f.buf[f.r:f.w] }

// next returns the next frame. With an error, frame holds what is there of the faulty message, for
// a last answer.
func (f *framer) next() (frame []byte, kind frameKind, err error) {
	if f.need == 0 {
		if f.skipEmptyLines() {
			return nil, framePing, nil
		}
		if done, err := f.header(); !done || err != nil {
			return f.rest(), frameNone, err
		}
	}
	if f.w-f.r < f.need {
		return nil, frameNone, nil
	}
	frame = f.buf[f.r : f.r+f.need]
	f.r += f.need
	f.need, f.scanned = 0, 0
	f.passed++
	return frame, frameMessage, nil
}

// skipEmptyLines drops line ends before a start line (RFC 3261 section 7.5) and reports a ping.
func (f *framer) skipEmptyLines() (ping bool) {
	for {
		b := f.buf[f.r:f.w]
		switch {
		case bytes.HasPrefix(b, crlfcrlf):
			f.r += 4
			f.scanned = 0
			return true
		case len(b) >= 3 && b[0] == '\r' && b[1] == '\n' && b[2] != '\r',
			len(b) >= 4 && b[0] == '\r' && b[1] == '\n':
			f.r += 2
			f.scanned = 0
		default:
			return false
		}
	}
}

var crlfcrlf = []byte("\r\n\r\n")

// header looks for the end of the header and learns the length of the whole message from it.
func (f *framer) header() (done bool, err error) {
	b := f.buf[f.r:f.w]
	if !plausible(b) {
		return false, ErrNotSIP
	}
	from := max(0, f.scanned-3)
	i := bytes.Index(b[from:], crlfcrlf)
	if i < 0 {
		f.scanned = len(b)
		if len(b) > f.limit {
			return false, ErrTooLong
		}
		return false, nil
	}
	head := b[:from+i+4]
	if len(head) > f.limit {
		return false, ErrTooLong
	}
	length, err := contentLength(head)
	if err != nil {
		return false, err
	}
	if length > f.limit-len(head) {
		return false, ErrTooLong
	}
	f.need = len(head) + length
	return true, nil
}

// plausible reports whether b can be the beginning of a message: other protocols, TLS on the wrong
// port among them, are recognised by their first byte.
func plausible(b []byte) bool {
	switch {
	case len(b) == 0:
		return true
	case b[0] == '\r':
		return len(b) == 1 || b[1] == '\n'
	}
	return tokenByte(b[0])
}

// tokenByte reports a byte that can begin a method or "SIP/2.0" (RFC 3261 section 25.1, token).
func tokenByte(c byte) bool {
	return c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c >= '0' && c <= '9' ||
		strings.IndexByte("-.!%*_+`'~", c) >= 0
}

// contentLength reads the body's length from a header that ends in an empty line. The field must be
// there once, in its long or its compact form, and must be digits only.
func contentLength(head []byte) (int, error) {
	var value []byte
	found, folding := 0, false
	for len(head) > 0 {
		end := bytes.IndexByte(head, '\n')
		if end < 1 || head[end-1] != '\r' || bytes.IndexByte(head[:end-1], '\r') >= 0 {
			return 0, ErrLineEnd
		}
		line := head[:end-1]
		head = head[end+1:]
		if len(line) > 0 && (line[0] == ' ' || line[0] == '\t') {
			if folding { // a folded value continues here (RFC 3261 section 7.3.1)
				value = append(append([]byte(nil), value...), bytes.Trim(line, " \t")...)
			}
			continue
		}
		name, rest, _ := bytes.Cut(line, []byte{':'})
		if folding = isContentLength(bytes.TrimRight(name, " \t")); folding {
			value = bytes.Trim(rest, " \t")
			found++
		}
	}
	if found != 1 {
		return 0, ErrLength
	}
	return digits(value)
}

func isContentLength(name []byte) bool {
	return len(name) == 1 && name[0]|0x20 == 'l' ||
		len(name) == len("content-length") && bytes.EqualFold(name, []byte("content-length"))
}

// digits reads a number of at most nine digits; more could only be a length beyond any limit.
func digits(b []byte) (int, error) {
	if len(b) == 0 {
		return 0, ErrLength
	}
	for _, c := range b {
		if c < '0' || c > '9' {
			return 0, ErrLength
		}
	}
	if b = bytes.TrimLeft(b, "0"); len(b) == 0 {
		return 0, nil
	}
	if len(b) > 9 {
		return 0, ErrTooLong
	}
	return strconv.Atoi(string(b))
}
