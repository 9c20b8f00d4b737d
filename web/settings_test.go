package web

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"tandem/conf"
)

func TestLiveSettings(t *testing.T) {
	file := filepath.Join(t.TempDir(), "tandem.yaml")
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("sip:\n  user_agent: One\n")
	live, err := conf.NewLive(conf.Sources{File: file})
	if err != nil {
		t.Fatal(err)
	}
	s := LiveSettings(live)
	want := Setting{Key: "sip.user_agent", Value: "One", Origin: file + ":2"}
	if all := s.Effective(); !slices.Contains(all, want) {
		t.Errorf("%v", all)
	}

	write("http:\n  max_body: 2MiB\nsip:\n  user_agent: One\n")
	done, err := s.Reload(t.Context())
	if err != nil || len(done.Changes) != 1 || done.Changes[0].Key != "http.max_body" ||
		done.Changes[0].Effect != "now" || done.Changes[0].Origin != file+":2" {
		t.Errorf("%+v %v", done, err)
	}

	write("sip:\n  udp: many\n")
	_, err = s.Reload(t.Context())
	if e, ok := err.(*Error); !ok || e.Status != 400 || !strings.Contains(e.Message, file+":2") {
		t.Errorf("%v", err)
	}
}
