package actors

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tandem/actors/acttest"
	"tandem/actors/msg"
)

// TestQueueLogFile: each start has its line, and what happens follows it once, whatever is started anew.
func TestQueueLogFile(t *testing.T) {
	c := settingsOf(t.TempDir())
	for life := range 3 {
		h := start(t, c)
		if err := h.writeLogLine(&msg.FactLine{Call: "c", Queue: "sales", Verb: "INFO", Args: []string{string(rune('a' + life))}}, nil); err != nil {
			t.Fatal(err)
		}
		verbs := func() string {
			text, err := os.ReadFile(filepath.Join(c.Member.Data, "queue_log"))
			if err != nil && !errors.Is(err, os.ErrNotExist) {
				t.Fatal(err)
			}
			var out []string
			for l := range strings.Lines(string(text)) {
				_, after, _ := strings.Cut(strings.TrimSpace(l), "|")
				out = append(out, after)
			}
			return strings.Join(out, " ")
		}
		want := strings.Repeat(" NONE|NONE|NONE|QUEUESTART| c|sales|NONE|INFO|x", life+1)[1:]
		for i := range life + 1 {
			want = strings.Replace(want, "|x", "|"+string(rune('a'+i)), 1)
		}
		acttest.Until(t, "the log is "+want, func() bool { return verbs() == want })
		stop(t, h)
	}
}
