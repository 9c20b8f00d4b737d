package peers

import (
	"regexp"
	"strings"
	"testing"
	"time"
)

// patience is the longest wait for one thing that a phone says or hears, on a busy machine.
const patience = 30 * time.Second

// transcript is what a phone says, in lines. Waiting for a line forgets those before it, so that a
// story reads the lines in the order in which it needs them.
type transcript struct {
	who  string
	said func() string // all lines so far
	at   int           // where the lines begin that nobody has waited for
}

// await waits for the next line that a pattern matches and returns its groups.
func (s *transcript) await(t testing.TB, pattern string) []string {
	t.Helper()
	re := regexp.MustCompile("(?m)" + pattern)
	var groups []string
	deadline := time.Now().Add(patience)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for groups == nil {
		text := s.said()
		if at := re.FindStringSubmatchIndex(text[s.at:]); at != nil {
			groups = re.FindStringSubmatch(text[s.at:])
			s.at += at[1]
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s has not said %q after %v; since the line before:\n%s", s.who, pattern, patience, text[s.at:])
		}
		<-tick.C
	}
	return groups
}

// last is the end of the transcript, for the log of a failed test.
func (s *transcript) last() string {
	lines := strings.Split(s.said(), "\n")
	return strings.Join(lines[max(0, len(lines)-40):], "\n")
}
