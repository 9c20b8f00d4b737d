package report

import (
	"bytes"
	"compress/gzip"
	"io"
	"runtime"
	"strings"
	"testing"
)

// TestHostileLogs: whatever stands between the lines of a call, the call is what it was, and what can not be read is counted.
func TestHostileLogs(t *testing.T) {
	for _, tt := range []struct {
		name, text string
		malformed  int64
		verb       string // that is counted by name
	}{
		{"a line of ten million bytes", strings.Repeat("x", 10<<20) + "\n", 1, ""},
		{"ten million bytes of bars", "3|" + strings.Repeat("|", 10<<20) + "\n", 1, ""},
		{"nothing but NUL", strings.Repeat("\x00", 100) + "\n", 0, ""},
		{"NUL in a name", "3|c\x009|q\x00|NONE|WEIRD|1\n", 0, "WEIRD"},
		{"no UTF-8", "3|c9|q\xff\xfe|\xc3\x28|WEIRD|\xf0\x28\n", 0, "WEIRD"},
		{"a time of the future", "4102444800|c9|q|NONE|WEIRD|1\n", 0, "WEIRD"},
		{"a time beyond all numbers", "99999999999999999999|c9|q|NONE|WEIRD|1\n", 1, ""},
		{"a time before all times", "-3|c9|q|NONE|WEIRD|1\n", 1, ""},
		{"bars without an end", "3|c9|q|NONE|WEIRD" + strings.Repeat("|", 1000) + "\n", 0, "WEIRD"},
		{"a verb that nobody knows", "3|c9|q|NONE|WEIRD|1\n", 0, "WEIRD"},
		{"a verb that is none", "3|c9|q|NONE||1\n", 1, ""},
		{"half a line", "3|c9|q|NO\n", 1, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			l := &list{}
			f := NewFold(Part{Name: "A"}, Source{}, Names{}, l)
			text := "1|c1|q|NONE|ENTERQUEUE||100|1\n" + tt.text + "5|c1|q|NONE|ABANDON|1|1|4\n7|c2|q|NONE|ENTERQUEUE||1" // cut off
			if err := f.File(strings.NewReader(text)); err != nil {
				t.Fatal(err)
			}
			if len(l.stints) != 1 || l.stints[0].CallID != "c1" || l.stints[0].Wait != 4 || f.stays != 1 {
				t.Errorf("calls: %+v, %d open", l.stints, f.stays)
			}
			if r := f.Read(); r.Malformed != tt.malformed || tt.verb != "" && r.Other[tt.verb] != 1 {
				t.Errorf("%+v", r)
			}
		})
	}
}

// bomb is a little file that is large when it is unpacked.
func bomb(t *testing.T, part string, bytesOf int) []byte {
	t.Helper()
	var packed bytes.Buffer
	z, _ := gzip.NewWriterLevel(&packed, gzip.BestSpeed)
	for range bytesOf / len(part) {
		_, _ = io.WriteString(z, part)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return packed.Bytes()
}

// TestGzipBomb: what is squeezed is read as it comes, and is never in memory as a whole.
func TestGzipBomb(t *testing.T) {
	const size = 16 << 20
	for name, part := range map[string]string{"one line": strings.Repeat("0", 1<<20), "no lines": strings.Repeat("\n", 1<<20),
		"lines that are none": strings.Repeat("x\n", 1<<19)} {
		packed := bomb(t, part, size)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		f := NewFold(Part{Name: "A"}, Source{}, Names{}, &list{})
		if err := f.File(bytes.NewReader(packed)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if runtime.ReadMemStats(&after); after.TotalAlloc-before.TotalAlloc > 4<<20 {
			t.Errorf("%s: %d bytes of memory for %d", name, after.TotalAlloc-before.TotalAlloc, len(packed))
		}
	}
}
