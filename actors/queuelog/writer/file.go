package writer

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
)

// maxAside is how many files beside the own one are looked at.
const maxAside = 1000

// file is the queue_log as it grows.
type file struct {
	path string
	most int64 // bytes; 0: any number
	keep int   // files moved aside
	log  *slog.Logger
	out  *os.File
}

func openFile(path string, most int64, keep int, log *slog.Logger) (*file, error) {
	f := &file{path: path, most: most, keep: max(1, keep), log: log}
	return f, f.reopen()
}

func (f *file) reopen() error {
	if err := os.MkdirAll(filepath.Dir(f.path), 0o750); err != nil {
		return err
	}
	out, err := os.OpenFile(f.path, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o640)
	if err != nil {
		return err
	}
	if f.out != nil {
		_ = f.out.Close() // what was written is synced already
	}
	f.out = out
	return nil
}

func (f *file) markPath() string { return f.path + ".position" }

func (f *file) size() int64 {
	st, err := f.out.Stat()
	if err != nil {
		return 0
	}
	return st.Size()
}

// write appends lines, and says how much of them is in the file.
func (f *file) write(lines []byte) (n int, err error) {
	if err := f.follow(int64(len(lines))); err != nil {
		return 0, err
	}
	return f.out.Write(lines)
}

// follow opens a new file when somebody has renamed this one, or when it is full.
func (f *file) follow(more int64) error {
	here, err := os.Stat(f.path)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	ours, failed := f.out.Stat()
	switch {
	case failed != nil: // closed behind our back
		return f.reopen()
	case err != nil || !os.SameFile(here, ours):
		f.log.Info("the queue_log was renamed: a new one begins", "file", f.path)
		return f.reopen()
	case f.most > 0 && ours.Size() > 0 && ours.Size()+more > f.most:
		return f.move()
	}
	return nil
}

// move renames the files, the newest of the old ones to .1, and begins a new one.
func (f *file) move() error {
	name := func(n int) string { return fmt.Sprint(f.path, ".", n) }
	for n := f.keep - 1; n > 0; n-- {
		if err := os.Rename(name(n), name(n+1)); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	if err := os.Rename(f.path, name(1)); err != nil {
		return err
	}
	f.log.Info("the queue_log is full: a new one begins", "file", f.path, "old", name(1))
	return f.reopen()
}

// save puts the lines on the disk, and then the mark that says so.
func (f *file) save(m mark) (err error) {
	if err := f.out.Sync(); err != nil {
		return err
	}
	m.Size = f.size()
	if m.End, err = endOf(f.out, m.Size); err != nil {
		return err
	}
	return m.write(f.markPath())
}

func (f *file) close() error { return f.out.Close() }
