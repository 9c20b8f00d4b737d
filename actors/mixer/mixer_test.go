package mixer

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"tandem/actors/acttest"
	"tandem/actors/msg"
)

func TestStories(t *testing.T) {
	acttest.Play(t, "testdata", func(t *testing.T) acttest.Player {
		return &stage{t, newMixer(slog.New(slog.DiscardHandler))}
	})
}

// stage is a mixer without its shell.
type stage struct {
	t     *testing.T
	mixer *Mixer
}

// Do acts one event and tells the effects and the state.
func (s *stage) Do(line string) (out []string) {
	before := s.mixer.state
	word, reason, _ := strings.Cut(line, " ")
	switch word {
	case "play":
		s.mixer.Play(&msg.LegPlay{Play: 1})
	case "tape":
		s.mixer.Tape(&msg.LegTape{Record: 2})
	case "set":
		s.mixer.Set(&msg.MixerSet{SilenceLevel: 100})
	case "hangup":
		s.mixer.Hangup(0, reason)
	case "failed":
		s.mixer.Hangup(503, reason)
	case "owner-gone":
		s.mixer.OwnerGone()
	case "settled":
		s.mixer.Settled()
	default:
		s.t.Fatalf("no act %q", word)
	}
	for _, e := range s.mixer.effects() {
		text := strings.TrimSuffix(strings.TrimPrefix(fmt.Sprintf("%T", e), "mixer."), " {}")
		if told, ok := e.(tellOwner); ok {
			text = fmt.Sprintf("owner %s %s", told.message.ProtoReflect().Descriptor().Name(),
				strings.Join(strings.Fields(fmt.Sprint(told.message)), " "))
		}
		out = append(out, text)
	}
	if s.mixer.state != before {
		out = append(out, "state "+s.mixer.state.String())
	}
	return out
}
