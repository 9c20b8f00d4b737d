package ami

import (
	"bufio"
	"errors"
	"io"
	"strconv"
	"strings"
)

// maxHeaders bounds the lines of one action.
const maxHeaders = 256

// Header is one line. Names are compared without regard to case.
type Header struct{ Name, Value string }

// Packet is an action, an answer or an event.
type Packet []Header

// Get is the value of the first header of that name, "" if there is none.
func (p Packet) Get(name string) string {
	for _, h := range p {
		if strings.EqualFold(h.Name, name) {
			return h.Value
		}
	}
	return ""
}

// All are the values of all headers of that name.
func (p Packet) All(name string) (values []string) {
	for _, h := range p {
		if strings.EqualFold(h.Name, name) {
			values = append(values, h.Value)
		}
	}
	return values
}

// Append writes the packet as it travels, with the empty line behind it. What would be taken for the end of a line
// is replaced.
func (p Packet) Append(b []byte) []byte {
	for _, h := range p {
		b = append(b, h.Name...)
		b = append(b, ": "...)
		b = append(b, clean(h.Value)...)
		b = append(b, "\r\n"...)
	}
	return append(b, "\r\n"...)
}

func clean(text string) string {
	if strings.IndexFunc(text, control) < 0 {
		return text
	}
	return strings.Map(func(r rune) rune {
		if control(r) {
			return ' '
		}
		return r
	}, text)
}

func control(r rune) bool { return r < ' ' || r == 0x7f }

// What ends a connection.
var (
	errLarge   = errors.New("the action is too large")
	errGarbage = errors.New("the action is not text")
)

// reader reads packets.
type reader struct {
	in      *bufio.Reader
	lenient bool // what is no text is made one
}

func newReader(r io.Reader) *reader { return &reader{in: bufio.NewReaderSize(r, 4<<10)} }

// read reads one action of at most so many bytes. Empty lines before it are skipped, and lines without a colon.
func (r *reader) read(most int) (p Packet, err error) {
	for began := false; ; {
		line, err := r.line(&most)
		if err != nil {
			return nil, err
		}
		if line == "" {
			if began {
				return p, nil
			}
			continue
		}
		began = true
		if len(p) == maxHeaders {
			return nil, errLarge
		}
		name, value, ok := strings.Cut(line, ":")
		if name = strings.TrimSpace(name); ok && name != "" {
			p = append(p, Header{name, strings.TrimSpace(value)})
		}
	}
}

// line reads one line without its end. An unfinished one at the end is none.
func (r *reader) line(most *int) (string, error) {
	var line []byte
	for {
		part, err := r.in.ReadSlice('\n')
		if *most -= len(part); *most < 0 {
			return "", errLarge
		}
		line = append(line, part...)
		if err == nil {
			break
		}
		if err != bufio.ErrBufferFull {
			return "", err
		}
	}
	text := strings.ToValidUTF8(strings.TrimSuffix(strings.TrimSuffix(string(line), "\n"), "\r"), "?")
	if r.lenient {
		return clean(text), nil
	}
	if strings.ContainsFunc(text, func(r rune) bool { return control(r) && r != '\t' }) {
		return "", errGarbage
	}
	return text, nil
}

// number writes a number, flag a truth as 1 or 0.
func number[N ~int | ~int64](n N) string { return strconv.FormatInt(int64(n), 10) }

func flag(is bool) string {
	if is {
		return "1"
	}
	return "0"
}

// truth reads what clients write for yes: as Asterisk, everything else is no.
func truth(text string) bool {
	switch strings.ToLower(text) {
	case "yes", "true", "y", "t", "1", "on":
		return true
	}
	return false
}
