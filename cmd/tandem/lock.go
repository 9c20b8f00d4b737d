package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// lockFile marks a data directory as ours and keeps a second process out of it.
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

// clearData removes the members' directories, which their locks mark, from the data directory of
// dev. Whatever else lies there is not ours.
func clearData(dir string) error {
	for _, home := range memberHomes(dir) {
		if err := os.RemoveAll(home); err != nil {
			return err
		}
	}
	return nil
}

// memberHomes are the directories of members below the data directory of dev: those of single members and pairs, then
// those of members that keep the store together.
func memberHomes(dir string) (homes []string) {
	for _, pattern := range []string{"*", filepath.Join("*", "*")} {
		marks, _ := filepath.Glob(filepath.Join(dir, pattern, lockFile)) // a pattern of ours is right
		for _, mark := range marks {
			homes = append(homes, filepath.Dir(mark))
		}
	}
	return homes
}
