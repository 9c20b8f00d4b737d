package guard

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
)

// A fault is told with where it was, and the caller goes on.
func TestRun(t *testing.T) {
	var told bytes.Buffer
	log := slog.New(slog.NewTextHandler(&told, nil))
	if Run(log, "broken", func() {}, "a", 1) || told.Len() != 0 {
		t.Errorf("without a fault it says %q", told.String())
	}
	if !Run(log, "broken", faulty, "a", 1) {
		t.Error("a fault is none")
	}
	for _, part := range []string{"level=ERROR", "msg=broken", "a=1", `fault="no luck"`, "guard.faulty"} {
		if !strings.Contains(told.String(), part) {
			t.Errorf("%s is not in %s", part, told.String())
		}
	}
}

func faulty() { panic("no luck") }
