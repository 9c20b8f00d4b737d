package loader

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
)

// Limits of what is offered at once.
const (
	maxLine = 64 << 10  // of a line; what is longer can not be read as one, and is cut
	maxText = 256 << 10 // of all lines
)

var (
	byteOrder = []byte("\xef\xbb\xbf") // which some editors put before a text
	squeezed  = []byte("\x1f\x8b")     // how a gzip file begins (RFC 1952 section 2.3.1)
	tooLong   = []byte("too long: ")   // makes a line that was cut one that nobody reads as a whole one
)

// source reads whole lines of one file after the other, and knows where it is.
type source struct {
	in     *bufio.Reader
	at     uint64 // bytes in front
	hash   string // of the last line in front; "": there is none
	whole  bool   // a last line without an end is one: nobody will end it
	begun  bool
	part   []byte // of a line whose end is not there yet, in front of at
	before uint64 // where that line begins
}

// unpack is a reader of a file that may be squeezed.
func unpack(file io.Reader) (*bufio.Reader, error) {
	in := bufio.NewReaderSize(file, maxLine)
	if begin, _ := in.Peek(len(squeezed)); bytes.Equal(begin, squeezed) {
		plain, err := gzip.NewReader(in)
		if err != nil {
			return nil, err
		}
		in = bufio.NewReaderSize(plain, maxLine)
	}
	return in, nil
}

// line is the next whole line without its end, shortened where it is too long; io.EOF: there is none yet. What was read of
// one is kept until its end comes.
func (s *source) line() ([]byte, error) {
	if !s.begun {
		begin, err := s.in.Peek(len(byteOrder))
		if len(begin) == 0 && err != nil {
			return nil, err
		}
		if s.begun = true; s.at == 0 && bytes.Equal(begin, byteOrder) {
			_, _ = s.in.Discard(len(byteOrder))
			s.at += uint64(len(byteOrder))
		}
	}
	if len(s.part) == 0 {
		s.before = s.at
	}
	for {
		text, err := s.in.ReadSlice('\n')
		s.at += uint64(len(text))
		if len(s.part) <= maxLine {
			s.part = append(s.part, text...)
		}
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case err == nil, errors.Is(err, io.EOF) && s.whole && len(s.part) > 0:
			text = bytes.TrimRight(s.part, "\r\n")
			s.part = nil
			if len(text) > maxLine {
				text = append(append([]byte{}, tooLong...), text[:maxLine-len(tooLong)]...)
			}
			return text, nil
		default:
			return nil, err
		}
	}
}

// next are some lines, and where they begin and end. No text: there is none at the moment.
func (s *source) next(lines int) (text []byte, from, to uint64, hash string, err error) {
	from, hash = s.here(), s.hash
	to = from
	for n := 0; n < lines; {
		var one []byte
		if one, err = s.line(); err != nil {
			break
		}
		to = s.at
		if len(bytes.TrimSpace(one)) == 0 {
			continue
		}
		n++
		s.hash = hashOf(one)
		text = append(append(text, one...), '\n')
		if len(text) > maxText-maxLine {
			break
		}
	}
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return text, from, to, hash, err
}

// here is where the next line begins.
func (s *source) here() uint64 {
	if len(s.part) > 0 {
		return s.before
	}
	return s.at
}

// skipTo reads up to a position. False: the file has no line there that ends so.
func (s *source) skipTo(offset uint64, hash string) (bool, error) {
	for s.at < offset {
		one, err := s.line()
		if errors.Is(err, io.EOF) {
			return false, nil
		}
		if err != nil {
			return false, err
		}
		if len(bytes.TrimSpace(one)) > 0 {
			s.hash = hashOf(one)
		}
	}
	return s.at == offset && s.hash == hash, nil
}

// hashOf is what a position says of a line.
func hashOf(text []byte) string {
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:8])
}
