package media

import (
	"flag"
	"os"
	"testing"
)

// TestMain lets many tests run at once: nearly all of their time is waiting for packets.
func TestMain(m *testing.M) {
	flag.Parse()
	if err := flag.Set("test.parallel", "8"); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}
