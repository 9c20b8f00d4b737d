package loader

import (
	"errors"
	"io"
	"os"
)

// Files opens files to be read as one, in their order, squeezed or not. A line that is not ended in one of them ends with
// it, but in the last one.
func Files(paths []string) func() (io.ReadCloser, error) {
	return func() (io.ReadCloser, error) {
		if len(paths) == 0 {
			return nil, errors.New("no file is given")
		}
		return &chain{paths: paths, last: '\n'}, nil
	}
}

// chain reads one file after the other.
type chain struct {
	paths []string // that are not open yet
	file  *os.File // nil: the next one has to be opened
	plain io.Reader
	last  byte // that was read
}

// Read implements io.Reader.
func (c *chain) Read(b []byte) (int, error) {
	for {
		if c.file == nil {
			if len(c.paths) == 0 {
				return 0, io.EOF
			}
			if c.last != '\n' && len(b) > 0 {
				b[0], c.last = '\n', '\n'
				return 1, nil
			}
			if err := c.open(); err != nil {
				return 0, err
			}
		}
		n, err := c.plain.Read(b)
		if n > 0 {
			c.last = b[n-1]
			return n, nil
		}
		if err == nil {
			continue
		}
		if !errors.Is(err, io.EOF) {
			return 0, err
		}
		if err := c.Close(); err != nil {
			return 0, err
		}
	}
}

func (c *chain) open() (err error) {
	if c.file, err = os.Open(c.paths[0]); err != nil {
		return err
	}
	c.paths = c.paths[1:]
	in, err := unpack(c.file)
	if err != nil {
		return err
	}
	if begin, _ := in.Peek(len(byteOrder)); string(begin) == string(byteOrder) {
		_, _ = in.Discard(len(byteOrder))
	}
	c.plain = in
	return nil
}

// Close implements io.Closer.
func (c *chain) Close() error {
	if c.file == nil {
		return nil
	}
	err := c.file.Close()
	c.file = nil
	return err
}
