//go:build profile

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime/pprof"
	"time"
)

// profileFor is how long each profile lasts. The last one of a process is lost with it.
const profileFor = 4 * time.Second

// A build with the tag profile writes what its processor time went to, file by file, to the folder that PROFILE_DIR names:
// test/load makes of it the profile by which the binary for production is built.
func init() {
	if dir := os.Getenv("PROFILE_DIR"); dir != "" {
		go profile(dir)
	}
}

func profile(dir string) {
	for n := 0; ; n++ {
		f, err := os.Create(filepath.Join(dir, fmt.Sprintf("%d.%d.cpu", os.Getpid(), n)))
		if err != nil {
			return // the test has ended, and its folder with it
		}
		if pprof.StartCPUProfile(f) == nil {
			time.Sleep(profileFor)
			pprof.StopCPUProfile()
		}
		_ = f.Close()
	}
}
