package ximss

import (
	"bytes"
	"crypto/tls"
	"net"
	"sync"
	"time"
)

// Sizes of buffers of a TCP connection. One that is silent has the small one alone.
const (
	smallRead = 512
	keptRead  = 4096
)

// writeTime is how long a client may take to accept what is written at once.
const writeTime = 10 * time.Second

// frames cuts a stream of bytes into documents: each ends with a zero byte (reference communigate.md 1.1).
type frames struct {
	buffer     []byte
	start, end int // what has not been cut
	looked     int // up to here there is no zero byte
}

// next is the next document; ok is false while it is not whole. White space is no document.
func (f *frames) next() (document string, ok bool) {
	for {
		i := bytes.IndexByte(f.buffer[f.looked:f.end], 0)
		if i < 0 {
			f.looked = f.end
			return "", false
		}
		whole := bytes.TrimSpace(f.buffer[f.start : f.looked+i])
		f.start, f.looked = f.looked+i+1, f.looked+i+1
		if len(whole) > 0 {
			return string(whole), true
		}
	}
}

// room is where the next bytes go; it is nil when a document of more than limit bytes would be needed.
func (f *frames) room(limit int) []byte {
	if f.start == f.end {
		f.start, f.end, f.looked = 0, 0, 0
		if cap(f.buffer) > keptRead || f.buffer == nil {
			f.buffer = make([]byte, smallRead)
		}
	}
	if f.end-f.start > limit {
		return nil
	}
	if f.end == len(f.buffer) && f.start > 0 {
		copy(f.buffer, f.buffer[f.start:f.end])
		f.end, f.looked, f.start = f.end-f.start, f.looked-f.start, 0
	}
	if f.end == len(f.buffer) {
		grown := make([]byte, 2*len(f.buffer))
		copy(grown, f.buffer)
		f.buffer = grown
	}
	return f.buffer[f.end:]
}

// took says that n bytes came into the room.
func (f *frames) took(n int) { f.end += n }

// midway tells whether a document has begun.
func (f *frames) midway() bool { return f.start < f.end }

// stream is the wire of a TCP connection.
type stream struct {
	conn   net.Conn // belongs to read and write, which do not change it at the same time
	frames frames
	limit  int                  // bytes of a document
	whole  func() time.Duration // a document must be whole within it
	until  time.Time            // until then the one that has begun

	closing sync.Once
	mu      sync.Mutex
	closes  net.Conn // what close closes
}

func (s *stream) read() (string, error) {
	for {
		if document, ok := s.frames.next(); ok {
			s.until = time.Time{}
			if len(document) > s.limit {
				return "", errTooLong
			}
			return document, nil
		}
		if err := s.fill(); err != nil {
			return "", err
		}
	}
}

// fill reads more bytes.
func (s *stream) fill() error {
	room := s.frames.room(s.limit)
	if room == nil {
		return errTooLong
	}
	switch {
	case !s.frames.midway():
		s.until = time.Time{}
	case s.until.IsZero():
		s.until = time.Now().Add(s.whole())
	}
	if err := s.conn.SetReadDeadline(s.until); err != nil {
		return err
	}
	n, err := s.conn.Read(room)
	s.frames.took(n)
	if n > 0 {
		return nil // an error comes again
	}
	return err
}

// outgoing are buffers for what is written.
var outgoing = sync.Pool{New: func() any { return new(bytes.Buffer) }}

func (s *stream) write(documents []string) (int, error) {
	b := outgoing.Get().(*bytes.Buffer)
	defer func() {
		if b.Cap() <= 64<<10 {
			outgoing.Put(b)
		}
	}()
	b.Reset()
	for _, d := range documents {
		b.WriteString(d)
		b.WriteByte(0)
	}
	if err := s.conn.SetWriteDeadline(time.Now().Add(writeTime)); err != nil {
		return 0, err
	}
	n, err := s.conn.Write(b.Bytes())
	return bytes.Count(b.Bytes()[:n], []byte{0}), err // a document has no zero byte but the one behind it
}

func (s *stream) allow(size int) { s.limit = size }

func (s *stream) close() {
	s.closing.Do(func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		_ = s.closes.Close()
	})
}

// startTLS puts the connection under TLS. What came in clear after the request for it is thrown away: it may be
// of somebody in between.
func (s *stream) startTLS(config *tls.Config) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.frames = frames{}
	s.conn = tls.Server(s.conn, config)
	s.closes = s.conn
}
