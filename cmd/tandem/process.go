package main

import (
	"os"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// diesWithParent puts a child into a process group of its own and lets the kernel kill it when the
// thread that starts it dies; that thread must be locked.
func diesWithParent() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}

// dieWithGoRun stops this process when `go run` started it and dies: go run passes no signal on
// but those of the terminal, and would leave it behind. The thread of the caller must be locked.
func dieWithGoRun() {
	self, err := os.Executable()
	if err == nil && builtByGoRun(self) {
		_ = unix.Prctl(unix.PR_SET_PDEATHSIG, uintptr(syscall.SIGTERM), 0, 0, 0)
	}
}

// builtByGoRun recognises the directory into which go run builds.
func builtByGoRun(path string) bool { return strings.Contains(path, "/go-build") }
