package lab

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// diskMark in the environment says that the test runs where it may mount disks.
const diskMark = "TANDEM_TEST_MOUNTS"

// Disk is a file system of a test's own, in memory, that the test can fill.
type Disk struct {
	t    testing.TB
	path string
}

// filler is the file that fills a Disk.
const filler = "filler"

// NewDisk makes a disk of so many bytes. It runs the test a second time, in a process with mounts of its own, and returns
// nil in the first, whose test ends then with what the second one has said. It skips the test where the kernel does not
// allow it.
func NewDisk(t *testing.T, size int64) *Disk {
	t.Helper()
	if os.Getenv(diskMark) == "" {
		again(t, apart{what: "mounts of its own", mark: diskMark, flag: syscall.CLONE_NEWNS,
			try: "mount --make-rprivate / && mount -t tmpfs none /tmp"})
		return nil
	}
	d := &Disk{t: t, path: t.TempDir()}
	if err := unix.Mount("none", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil { // nobody else is to see it
		t.Fatal(err)
	}
	if err := unix.Mount("none", d.path, "tmpfs", 0, "size="+strconv.FormatInt(size, 10)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := unix.Unmount(d.path, unix.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return d
}

// Path is a directory of the disk. It is made where it is missing.
func (d *Disk) Path(name string) string {
	d.t.Helper()
	path := filepath.Join(d.path, name)
	if err := os.MkdirAll(path, 0o700); err != nil {
		d.t.Fatal(err)
	}
	return path
}

// Fill takes all room but so many bytes, or a page less. Where somebody writes meanwhile and takes what was to be taken, the
// system gives nothing at all: then it is tried again.
func (d *Disk) Fill(left int64) {
	d.t.Helper()
	f, err := os.OpenFile(filepath.Join(d.path, filler), os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		d.t.Fatal(err)
	}
	defer f.Close()
	const tries = 1000
	for range tries {
		var st syscall.Statfs_t
		if err := syscall.Statfs(d.path, &st); err != nil {
			d.t.Fatal(err)
		}
		more := int64(st.Bavail)*st.Bsize - left
		if more <= 0 {
			return
		}
		err = unix.Fallocate(int(f.Fd()), 0, 0, more)
		if err == nil {
			return
		}
		if !errors.Is(err, unix.ENOSPC) {
			break
		}
	}
	d.t.Fatal(err)
}

// Free gives the room back.
func (d *Disk) Free() {
	d.t.Helper()
	if err := os.Remove(filepath.Join(d.path, filler)); err != nil {
		d.t.Fatal(err)
	}
}
