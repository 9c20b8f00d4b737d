package leg

import (
	"fmt"
	"strings"

	"tandem/actors/msg"
)

// scribeActs are what partners and scribes can say of recording servers.
var scribeActs = map[string]func(*stage, map[string]string){
	// met: the partner says who it is, by which recorders it wants to be recorded, and is.
	"met": func(s *stage, a map[string]string) {
		s.leg.PartnerMet(&msg.LegMet{Party: &msg.Talker{Leg: a["stream"], Aor: "sip:" + a["stream"] + "@t.local"},
			Wants: names(a["wants"]), Has: names(a["has"])}, a["stream"], s.now)
	},
	"scribe-failed": func(s *stage, a map[string]string) {
		s.leg.ScribeFailed(&msg.ScribeFailed{Recorder: a["recorder"], Status: 503, Reason: "none takes it"}, s.now)
	},
}

func names(list string) []string {
	if list == "" {
		return nil
	}
	return strings.Split(list, ",")
}

// recordersOf are those that a story names, one that must record with a '!'; nil where it names none.
func recordersOf(list string) func(*msg.LegRecord) []Recorder {
	if list == "" {
		return nil
	}
	return func(*msg.LegRecord) (out []Recorder) {
		for _, w := range names(list) {
			name, required := strings.CutSuffix(w, "!")
			out = append(out, Recorder{name, required})
		}
		return out
	}
}

func tellScribe(e effect) string {
	tell := func(t *msg.ScribeTalk) string {
		return fmt.Sprintf("with=%q held=%v codec=%s", t.Partner.GetAor(), t.Held, t.Codec)
	}
	switch e := e.(type) {
	case beginScribe:
		return fmt.Sprintf("scribe %s begins: %s %s", e.recorder, e.party.Aor, tell(e.talk))
	case tellScribes:
		return "scribes hear " + tell(e.talk)
	}
	return "scribes end"
}
