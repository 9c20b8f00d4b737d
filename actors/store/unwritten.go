package store

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"time"
)

// unwritten is the file in which a journal leaves the frames that it could not write before it had to close, since too
// few of the members that keep copies were there: all may have been told to stop at once. The next start writes them
// first. Each has the id that it was tried under, so that one which reached the journal after all is found there and
// not written again.
//
// It is a line of JSON for each frame, synced one by one. A last line that is torn was not kept.
type unwritten struct {
	path string
	log  *slog.Logger
}

// keptFrame is one frame of the file.
type keptFrame struct {
	ID    string
	After uint64    // sequence behind which it is, if it is in the journal
	Since time.Time // it was first tried
	Frame []byte
}

// ErrKept says that a fact could not be written before the store was closed, and will be at the next start.
var ErrKept = fmt.Errorf("%w, and what waited is kept for the next start", ErrClosed)

// add keeps a frame; when it returns nil it lasts.
func (u *unwritten) add(k keptFrame) (err error) {
	f, err := os.OpenFile(u.path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return fmt.Errorf("store: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	line, err := json.Marshal(k)
	if err == nil {
		_, err = f.Write(append(line, '\n'))
	}
	if err == nil {
		err = f.Sync()
	}
	if err == nil {
		err = syncDir(filepath.Dir(u.path))
	}
	return err
}

// all are the frames that are kept, in the order in which they were to be written.
func (u *unwritten) all() (kept []keptFrame, err error) {
	f, err := os.Open(u.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("store: %w", err)
	}
	defer func() { _ = f.Close() }()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 2*maxValue) // a frame, and what JSON makes of its octets
	for lines.Scan() {
		var k keptFrame
		if err := json.Unmarshal(lines.Bytes(), &k); err != nil {
			u.log.Warn("a line of what was not written is not readable", "file", u.path, "err", err)
			continue
		}
		kept = append(kept, k)
	}
	return kept, lines.Err()
}

// forget removes the file: what was in it is written.
func (u *unwritten) forget() error {
	if err := os.Remove(u.path); err != nil {
		return err
	}
	return syncDir(filepath.Dir(u.path))
}
