package line

import "bytes"

// Row is a line as it was read. Its texts are parts of what was read, without the blanks around them, and as good as
// long as that.
type Row struct {
	At                         int64 // seconds since 1970
	CallID, Queue, Agent, Verb []byte
	Rest                       []byte // data1 and all behind it, with the bars between
}

// Read takes a line apart, with or without its end. False: it has fewer than five fields, or no time. What is too much
// is no mistake, since names and texts may have bars in them (reference queuelog.md 1.1).
func (r *Row) Read(text []byte) bool {
	for n := len(text); n > 0 && (text[n-1] == '\n' || text[n-1] == '\r'); n-- {
		text = text[:n-1]
	}
	var fields [5][]byte
	n := 0
	for ; n < len(fields); n++ {
		bar := bytes.IndexByte(text, '|')
		if bar < 0 {
			break
		}
		fields[n], text = text[:bar], text[bar+1:]
	}
	if n < len(fields) {
		fields[n], text = text, nil
	}
	if n < len(fields)-1 {
		return false
	}
	r.CallID, r.Queue, r.Agent, r.Verb, r.Rest = trim(fields[1]), trim(fields[2]), trim(fields[3]), trim(fields[4]), text
	at, good := seconds(trim(fields[0]))
	r.At = at
	return good && len(r.Verb) > 0
}

// trim cuts blanks off, which hand-edited files have around bars.
func trim(b []byte) []byte {
	if len(b) == 0 || b[0] > ' ' && b[len(b)-1] > ' ' { // as nearly all are
		return b
	}
	return trimmed(b)
}

func trimmed(b []byte) []byte {
	for len(b) > 0 && b[0] <= ' ' {
		b = b[1:]
	}
	for len(b) > 0 && b[len(b)-1] <= ' ' {
		b = b[:len(b)-1]
	}
	return b
}

// maxSeconds is the year 9999.
const maxSeconds = 253402300799

// seconds reads a time in whole seconds; a fraction is cut off.
func seconds(b []byte) (n int64, ok bool) {
	for i, c := range b {
		digit := c - '0'
		if digit > 9 {
			if c == '.' && i > 0 {
				break
			}
			return 0, false
		}
		if n = 10*n + int64(digit); n > maxSeconds {
			return 0, false
		}
	}
	return n, len(b) > 0
}

// Arg is data1 and so on, from 1; nil where there are not so many.
func (r *Row) Arg(n int) []byte {
	rest := r.Rest
	for range n - 1 {
		bar := bytes.IndexByte(rest, '|')
		if bar < 0 {
			return nil
		}
		rest = rest[bar+1:]
	}
	if bar := bytes.IndexByte(rest, '|'); bar >= 0 {
		rest = rest[:bar]
	}
	return trim(rest)
}

// Last is the last field, the one before it for 2, and so on; nil where there are not so many.
func (r *Row) Last(n int) []byte {
	rest := r.Rest
	for range n - 1 {
		bar := bytes.LastIndexByte(rest, '|')
		if bar < 0 {
			return nil
		}
		rest = rest[:bar]
	}
	if bar := bytes.LastIndexByte(rest, '|'); bar >= 0 {
		rest = rest[bar+1:]
	}
	return trim(rest)
}

// Number reads a field of digits; a fraction is cut off, and ok is false for all else.
func Number(b []byte) (n int64, ok bool) { return seconds(b) }
