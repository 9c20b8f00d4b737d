package signal

import (
	"strings"
	"testing"
)

func TestWordsOfPresence(t *testing.T) {
	for word, want := range map[string]Presence{
		"online": PresenceOnline, " Busy ": PresenceBusy, "out-lunch": PresenceAway, "DND": PresenceBusy, "offline": PresenceOffline,
	} {
		if got, ok := ParsePresence(word); !ok || got != want {
			t.Errorf("%q is %q, %v", word, got, ok)
		}
	}
	if p, ok := ParsePresence("juggling"); ok {
		t.Errorf("juggling is %q", p)
	}
}

func TestCutStatus(t *testing.T) {
	for text, want := range map[string]string{
		" at lunch ": "at lunch", "a\xffb": "ab", strings.Repeat("é", 200): strings.Repeat("é", MaxStatus/2),
		"x" + strings.Repeat("é", 200): "x" + strings.Repeat("é", (MaxStatus-1)/2),
	} {
		if got := CutStatus(text); got != want {
			t.Errorf("%.20q becomes %q", text, got)
		}
	}
}
