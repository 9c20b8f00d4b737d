package web

import (
	"errors"
	"io"
	"net/http"
	"time"
)

// sound answers with a sound that a browser can begin to play anywhere (RFC 9110 section 14); one whose end can not be
// sought has no known length, and is sent whole. What fails after the first of
// it was sent breaks the answer off, so that it does not pass for the whole.
func sound(w http.ResponseWriter, r *http.Request, kind string, from io.ReadSeeker) {
	h := w.Header()
	h.Set("Content-Type", kind)
	h.Set("Cache-Control", "private, no-store")
	watched := &watchedReader{ReadSeeker: from}
	if _, err := from.Seek(0, io.SeekEnd); err != nil { // nobody has told how long it is
		if r.Method != http.MethodHead {
			_, _ = io.Copy(w, watched)
		}
	} else {
		http.ServeContent(w, r, "", time.Time{}, watched)
	}
	if watched.failed != nil {
		panic(http.ErrAbortHandler)
	}
}

// watchedReader remembers that reading has failed.
type watchedReader struct {
	io.ReadSeeker
	failed error
}

func (w *watchedReader) Read(to []byte) (n int, err error) {
	if n, err = w.ReadSeeker.Read(to); err != nil && !errors.Is(err, io.EOF) {
		w.failed = err
	}
	return n, err
}

// soundPart is how much of a file is in memory while it is sent, in bytes.
const soundPart = 1 << 20

// parted reads a file part by part, since it may be large.
type parted struct {
	size, at int64
	read     func(offset, limit int64) ([]byte, error)
	part     []byte // from at on
}

// Seek implements io.Seeker.
func (p *parted) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekCurrent:
		offset += p.at
	case io.SeekEnd:
		offset += p.size
	}
	if offset < 0 {
		return 0, errors.New("a place before the beginning")
	}
	if offset != p.at {
		p.at, p.part = offset, nil
	}
	return offset, nil
}

// Read implements io.Reader.
func (p *parted) Read(to []byte) (n int, err error) {
	if p.at >= p.size {
		return 0, io.EOF
	}
	if len(p.part) == 0 {
		if p.part, err = p.read(p.at, min(soundPart, p.size-p.at)); err != nil {
			return 0, err
		}
		if len(p.part) == 0 {
			return 0, io.ErrUnexpectedEOF
		}
	}
	n = copy(to, p.part)
	p.at, p.part = p.at+int64(n), p.part[n:]
	return n, nil
}
