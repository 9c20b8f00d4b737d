package writer

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// maxRest bounds what is looked at behind a mark.
const maxRest = 16 << 20

// rest is what a file has behind its mark. It shrinks as the lines come that it has already.
type rest struct{ bytes []byte }

// left is what remains to be written of a line: nothing of one that is there, the end of one that a crash has cut
// off, and all of another one.
func (r *rest) left(line []byte) []byte {
	switch {
	case len(r.bytes) == 0:
		return line
	case bytes.HasPrefix(r.bytes, line):
		r.bytes = r.bytes[len(line):]
		return nil
	}
	if at := bytes.Index(r.bytes, append([]byte{'\n'}, line...)); at >= 0 { // lines of somebody else come first
		r.bytes = r.bytes[at+1+len(line):]
		return nil
	}
	half := r.bytes[bytes.LastIndexByte(r.bytes, '\n')+1:]
	r.bytes = nil
	switch {
	case len(half) == 0:
		return line
	case bytes.HasPrefix(line, half):
		return line[len(half):]
	}
	return append([]byte{'\n'}, line...)
}

// behind is what the file has behind a mark. The marked file may have been renamed since.
func (f *file) behind(m *mark) (*rest, error) {
	if m.in(f.out) {
		return tail(f.out, m.Size)
	}
	own, err := tail(f.out, 0)
	if err != nil {
		return nil, err
	}
	for _, path := range f.aside() {
		old, err := os.Open(path)
		if err != nil {
			continue // compressed and gone, or not ours
		}
		if !m.in(old) {
			_ = old.Close()
			continue
		}
		r, err := tail(old, m.Size)
		if err = errors.Join(err, old.Close()); err != nil {
			return nil, err
		}
		r.bytes = append(r.bytes, own.bytes...)
		return r, nil
	}
	return own, nil
}

// foreign is the unfinished last line of a file that is gone on with as it is.
func (f *file) foreign() (*rest, error) {
	r, err := tail(f.out, max(0, f.size()-maxRest))
	if err == nil {
		r.bytes = r.bytes[bytes.LastIndexByte(r.bytes, '\n')+1:]
	}
	return r, err
}

// tail reads what a file has from a place on.
func tail(f *os.File, from int64) (*rest, error) {
	st, err := f.Stat()
	if err != nil {
		return nil, err
	}
	from = max(from, st.Size()-maxRest)
	b, err := io.ReadAll(io.NewSectionReader(f, from, st.Size()-from))
	return &rest{b}, err
}

// aside are the files that this one may have been renamed to, those whose names are shortest first.
func (f *file) aside() []string {
	entries, err := os.ReadDir(filepath.Dir(f.path))
	if err != nil {
		return nil
	}
	var out []string
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), filepath.Base(f.path)) && e.Name() != filepath.Base(f.path) && e.Type().IsRegular() {
			out = append(out, filepath.Join(filepath.Dir(f.path), e.Name()))
		}
	}
	slices.SortStableFunc(out, func(a, b string) int { return len(a) - len(b) })
	return out[:min(len(out), maxAside)]
}
