package queue

import (
	"flag"
	"os"
	"strings"
	"testing"
	"time"
)

// Each kind of fact has one form in a queue_log, or none.
func TestLinesOfFacts(t *testing.T) {
	f := Fact{At: time.Unix(1795304596, 5e8), Queue: "sales", Caller: "a-1.7", Agent: "Agent/101", Number: "5551234", Name: "Ada",
		URL: "http://x", Position: 2, Original: 5, Waited: 12900 * time.Millisecond, Talked: 61 * time.Second,
		Rang: 3100 * time.Millisecond, Tries: 2, Key: "23", Text: "text", Args: []string{"1005", "default"}}
	var got strings.Builder
	for k := Entered; k <= Moved; k++ {
		f.Kind = k
		if k == CallbackFailed {
			f.Args = f.Args[:1]
		}
		l, ok := f.Line(true)
		_, usual := f.Line(false)
		switch {
		case !ok:
			got.WriteString("none\n")
		case !usual:
			got.WriteString(l.String() + "    (on wish)\n")
		default:
			got.WriteString(l.String() + "\n")
		}
	}
	f.Kind, f.Args = AttendedTransferred, []string{"LINK", "leg-1", "leg-2"}
	l, _ := f.Line(false)
	f.Kind, f.Args = BlindTransferred, nil
	l2, _ := f.Line(false)
	got.WriteString(l.String() + "\n" + l2.String() + "\n")
	if f := flag.Lookup("update"); f != nil && f.Value.String() == "true" {
		_ = os.WriteFile("testdata/lines.golden", []byte(got.String()), 0o644)
	}
	want, err := os.ReadFile("testdata/lines.golden")
	if err != nil || got.String() != string(want) {
		t.Errorf("%v; got\n%s", err, got.String())
	}
}
