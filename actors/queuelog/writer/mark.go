package writer

import (
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
)

// mark says how far a file has the journal: up to Position, when it had Size bytes. End tells that file from others.
type mark struct {
	Journal  string `json:"journal"`
	Position uint64 `json:"position"`
	Window   uint64 `json:"window"` // position from which doubles are known
	Size     int64  `json:"size"`
	End      uint32 `json:"end"` // checksum of the last bytes before Size
}

// endBytes is how many bytes tell a file from others.
const endBytes = 256

// readMark reads a mark; nil: there is none.
func readMark(path string) (*mark, error) {
	b, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	m := &mark{}
	if err == nil {
		err = json.Unmarshal(b, m)
	}
	if err != nil {
		return nil, fmt.Errorf("the mark of the queue_log can not be read: mend it, or remove it and the log follows from now on: %w", err)
	}
	return m, nil
}

// write puts the mark on the disk: the old one is there until the new one is, whole.
func (m mark) write(path string) error {
	b, err := json.Marshal(m)
	if err != nil {
		return err
	}
	f, err := os.OpenFile(path+".new", os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o640)
	if err != nil {
		return err
	}
	_, err = f.Write(append(b, '\n'))
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Rename(path+".new", path); err != nil {
		return err
	}
	return syncDirectory(filepath.Dir(path))
}

func syncDirectory(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// endOf is the checksum of what stands before size.
func endOf(f io.ReaderAt, size int64) (uint32, error) {
	b := make([]byte, min(size, endBytes))
	if _, err := f.ReadAt(b, size-int64(len(b))); err != nil {
		return 0, err
	}
	return crc32.ChecksumIEEE(b), nil
}

// in tells whether a file is the one that the mark is of.
func (m *mark) in(f *os.File) bool {
	st, err := f.Stat()
	if err != nil || st.Size() < m.Size {
		return false
	}
	end, err := endOf(f, m.Size)
	return err == nil && end == m.End
}
