package agent

import (
	"flag"
	"os"
	"strings"
	"testing"
	"time"
)

// Each kind of fact has one form in a queue_log.
func TestLinesOfFacts(t *testing.T) {
	var got strings.Builder
	for k := LoggedOnFact; k <= RingInUseSet; k++ {
		f := Fact{Kind: k, At: time.Unix(1795304596, 5e8), Agent: "Agent/101", Queue: "sales", Source: "MANAGER", Text: "text", Number: 3,
			Time: 3700 * time.Second}
		got.WriteString(f.Line().String() + "\n")
		f.Queue, f.Source, f.Text, f.Number = "", "", "", 0
		got.WriteString(f.Line().String() + "\n")
	}
	if f := flag.Lookup("update"); f != nil && f.Value.String() == "true" {
		_ = os.WriteFile("testdata/lines.golden", []byte(got.String()), 0o644)
	}
	want, err := os.ReadFile("testdata/lines.golden")
	if err != nil || got.String() != string(want) {
		t.Errorf("%v; got\n%s", err, got.String())
	}
}
