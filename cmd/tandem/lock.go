package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// lockFile marks a data directory as ours and keeps a second member out of it.
const lockFile = "tandem.lock"

// errBusy means that another process holds the data directory.
var errBusy = errors.New("another tandem uses it")

// lockData makes the data directory if needed and takes it for this process until it ends or the
// returned function is called. The kernel frees the lock of a process that was killed.
func lockData(dir string) (release func(), err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("data directory: %w", err)
	}
	f, err := os.OpenFile(filepath.Join(dir, lockFile), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("data directory: %w", err)
	}
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		_ = f.Close()
		if errors.Is(err, unix.EWOULDBLOCK) {
			err = errBusy
		}
		return nil, fmt.Errorf("data directory %s: %w: stop that one, or give another with --data", dir, err)
	}
	return func() { _ = f.Close() }, nil
}

// clearData empties a locked data directory, except for the lock. A directory that the lock has
// only just made ours must have been empty.
func clearData(dir string, wasOurs bool) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	if !wasOurs && len(entries) > 1 {
		return fmt.Errorf("%s holds files that are not of tandem: --fresh removes nothing there", dir)
	}
	for _, e := range entries {
		if e.Name() == lockFile {
			continue
		}
		if err := os.RemoveAll(filepath.Join(dir, e.Name())); err != nil {
			return err
		}
	}
	return nil
}
