package recording

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
)

// stream reads a file of another server from any place on (RFC 9110 section 14.2).
type stream struct {
	ctx     context.Context
	client  *http.Client
	address string
	size    int64
	at      int64
	body    io.ReadCloser // from at on; nil: not asked for yet
}

var errSize = errors.New("the server does not tell how long the recording is")

// Seek implements io.Seeker. It asks the server for nothing.
func (s *stream) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekCurrent:
		offset += s.at
	case io.SeekEnd:
		if s.size < 0 {
			return 0, errSize
		}
		offset += s.size
	}
	if offset < 0 {
		return 0, errors.New("a place before the beginning")
	}
	if offset != s.at {
		_ = s.Close()
		s.at = offset
	}
	return offset, nil
}

// Read implements io.Reader.
func (s *stream) Read(p []byte) (n int, err error) {
	if s.body == nil {
		if s.size >= 0 && s.at >= s.size {
			return 0, io.EOF
		}
		if err := s.begin(); err != nil {
			return 0, err
		}
	}
	n, err = s.body.Read(p)
	s.at += int64(n)
	return n, err
}

// begin asks for what follows. A server that knows no ranges sends all, of which the front is passed over.
func (s *stream) begin() error {
	ask, err := http.NewRequestWithContext(s.ctx, http.MethodGet, s.address, nil)
	if err != nil {
		return err
	}
	if s.at > 0 {
		ask.Header.Set("Range", "bytes="+strconv.FormatInt(s.at, 10)+"-")
	}
	answer, err := s.client.Do(ask)
	if err != nil {
		return err
	}
	switch {
	case answer.StatusCode == http.StatusPartialContent && s.at > 0:
	case answer.StatusCode == http.StatusOK:
		if _, err := io.CopyN(io.Discard, answer.Body, s.at); err != nil {
			_ = answer.Body.Close()
			return err
		}
	default:
		_ = answer.Body.Close()
		return fmt.Errorf("%s answers %s", ask.URL.Host, answer.Status)
	}
	s.body = answer.Body
	return nil
}

// Close implements io.Closer.
func (s *stream) Close() error {
	if s.body == nil {
		return nil
	}
	err := s.body.Close()
	s.body = nil
	return err
}
