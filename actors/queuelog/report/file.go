package report

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"io"
)

// maxLine is how long a line may be; writers cut them at 8192 bytes. What is longer can not be read as one.
const maxLine = 64 << 10

var (
	byteOrder = []byte("\xef\xbb\xbf") // which some editors put before a text
	squeezed  = []byte("\x1f\x8b")     // how a gzip file begins (RFC 1952 section 2.3.1)
)

// File takes a whole file, or the next piece of a log that was rotated, squeezed by gzip or not. The error is that of the
// reader; what was read before it has been taken.
func (f *Fold) File(from io.Reader) error {
	in := bufio.NewReaderSize(from, maxLine)
	if begin, _ := in.Peek(len(squeezed)); bytes.Equal(begin, squeezed) {
		plain, err := gzip.NewReader(in)
		if err != nil {
			return err
		}
		in = bufio.NewReaderSize(plain, maxLine)
	}
	if begin, _ := in.Peek(len(byteOrder)); bytes.Equal(begin, byteOrder) {
		_, _ = in.Discard(len(byteOrder))
	}
	for long := false; ; {
		text, err := in.ReadSlice('\n')
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			if !long {
				f.Line([]byte("a line without end"))
			}
			long = true
			continue
		case long: // the rest of it
			long = false
		case len(text) > 0:
			f.Line(text)
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}
