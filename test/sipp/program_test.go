package sipp

import (
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"tandem/test/lab"
)

// capture is one of the files of captured telephone events that come with SIPp, where Debian has them.
const capture = "/usr/share/sip-tester/dtmf_2833_1.pcap"

// tonesAfter is how long the phone that sends tones is silent first: what it sends before the media of the
// call are there is lost.
const tonesAfter = time.Second

// TestPrograms lets SIPp call programs: a menu, by keys in each form; one that refuses; the attendant, who
// asks who calls.
func TestPrograms(t *testing.T) {
	s := newStage(t)
	if _, err := os.Stat(capture); err != nil {
		t.Skip("needs captured telephone events: install the Debian package sip-tester")
	}
	for _, name := range []string{"menu", "refuses"} {
		s.ProgramFile(name+".sppr", filepath.Join("testdata", name+".sppr"))
		if err := s.Ask(http.MethodPost, "accounts", map[string]any{"aor": name + "@" + lab.Domain, "password": "pass-" + name,
			"forward": map[string]string{"all": name + "#" + name}}, nil); err != nil {
			t.Fatal(err)
		}
	}
	tones := lab.Silence(8000, tonesAfter).Then(lab.Keys("1#")).Then(lab.Silence(8000, tonesAfter)).Mulaw()
	for _, r := range []struct {
		caller, target string
		tcp            bool
	}{
		{"menu-info-expect-bye", "menu", false},
		{"menu-info-expect-bye", "menu", true},
		{"menu-events-expect-bye", "menu", false},
		{"menu-tones-expect-bye", "menu", false},
		{"call-expect-486", "refuses", false},
		{"invite-401-expect-200-bye", "200", false},
		{"invite-401-expect-200-bye", "5000", true},
		{"invite-401-expect-200-bye", "*98", false},
		{"invite-401-expect-200-bye", "5901", false},
		{"invite-expect-200-bye", "5900", false},
	} {
		t.Run(r.caller+"/"+r.target, func(t *testing.T) {
			caller := s.play(t, party{file: r.caller, account: "1000", tcp: r.tcp,
				keys: map[string]string{"target": r.target}, files: map[string][]byte{"keys.ul": tones}}, lab.Port(t))
			caller.succeed(t, "caller")
			s.clear(t, "1000")
		})
	}
	lab.Wait(t, 60*time.Second, "all tasks have ended", func() bool {
		var list struct{ Tasks []struct{ Program string } }
		return s.Ask(http.MethodGet, "tasks", nil, &list) == nil && len(list.Tasks) == 0
	})
}
