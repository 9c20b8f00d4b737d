package app

import (
	"strings"
	"testing"
)

// A program must end or wait for ever on purpose: one that runs off its end would leave a caller
// in a call that nobody ends.
func TestProgramsHaveAnEnd(t *testing.T) {
	for name, program := range Programs {
		steps := program("07")
		switch last := steps[len(steps)-1].(type) {
		case Forever, Hangup:
		default:
			t.Errorf("%s ends with %T", name, last)
		}
		answered := false
		for i, s := range steps {
			switch s := s.(type) {
			case Answer:
				answered = true
			case Ring, Progress:
				if answered {
					t.Errorf("%s: step %d, %T after the answer", name, i, s)
				}
			case Play, Say, Echo, Mute, Conference, Hangup:
				if !answered {
					t.Errorf("%s: step %d, %T before the answer", name, i, s)
				}
			}
		}
	}
}

func TestConferenceRoomsAreApart(t *testing.T) {
	narrow, wide := Programs["conference"]("07")[1], Programs["conference-wide"]("07")[1]
	if narrow != (Conference{"3007", 8000}) || wide != (Conference{"3307", 16000}) {
		t.Errorf("rooms %v and %v", narrow, wide)
	}
}

func TestFactsAreSaid(t *testing.T) {
	got := strings.Join(sayFacts(Facts{Codec: "PCMU", Address: "127.0.0.1", Port: 4000, Member: "tandem1"}), " ")
	want := "this-call-uses PCMU your-address-is 127.0.0.1 port 4000 you-are-on-member tandem1 goodbye"
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
