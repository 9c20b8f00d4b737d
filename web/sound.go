package web

import (
	"errors"
	"io"
	"net/http"
	"time"
)

// sound answers with a sound that a browser can begin to play anywhere (RFC 9110 section 14); one whose end can not be
// sought has no known length, and is sent whole. What fails after the first of it was sent breaks the answer off, so that
// it does not pass for the whole.
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

// parted reads a file part by part, since it may be large. It is an io.ReaderAt for one goroutine.
type parted struct {
	size int64
	read func(offset, limit int64) ([]byte, error)
	at   int64 // where part begins
	part []byte
}

// ReadAt implements io.ReaderAt.
func (p *parted) ReadAt(to []byte, offset int64) (n int, err error) {
	for n < len(to) && offset < p.size {
		if offset < p.at || offset >= p.at+int64(len(p.part)) {
			if p.part, err = p.read(offset, min(soundPart, p.size-offset)); err != nil {
				return n, err
			}
			if p.at = offset; len(p.part) == 0 {
				return n, io.ErrUnexpectedEOF
			}
		}
		more := copy(to[n:], p.part[offset-p.at:])
		n, offset = n+more, offset+int64(more)
	}
	if n < len(to) {
		err = io.EOF
	}
	return n, err
}
