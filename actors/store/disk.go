package store

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// minFree is the disk space, in bytes, below which nothing is written any more. The engine takes
// itself out of service at the first write that does not fit, so we stop before it. See revive.go for what others write.
const minFree = 64 << 20

// lockDir takes the directory for this process until the returned file is closed or the process
// ends, however it ends.
func lockDir(dir string) (*os.File, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("store: %w", err)
	}
	f, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("store: %w", err)
	}
	err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if err == nil {
		return f, nil
	}
	f.Close()
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return nil, fmt.Errorf("%w: %s", ErrInUse, dir)
	}
	return nil, fmt.Errorf("store: lock %s: %w", dir, err)
}

// checkSpace fails with ErrDiskFull when less than minFree bytes are left on dir's disk.
func checkSpace(dir string) error {
	free, err := freeSpace(dir)
	if err != nil {
		return err
	}
	if free < minFree {
		return fmt.Errorf("%w: %d MiB free at %s, %d MiB needed", ErrDiskFull, free>>20, dir, minFree>>20)
	}
	return nil
}

// freeSpace is how many bytes are left on dir's disk for us.
func freeSpace(dir string) (uint64, error) {
	var st syscall.Statfs_t
	if err := syscall.Statfs(dir, &st); err != nil {
		return 0, fmt.Errorf("store: %w", err)
	}
	return st.Bavail * uint64(st.Bsize), nil
}

// syncDir makes the names in a directory last.
func syncDir(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer f.Close()
	return f.Sync()
}
