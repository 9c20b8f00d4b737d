package store

import (
	"os"
	"path/filepath"
	"testing"
)

// An engine that could not be brought back says that it is out of service, and comes back when what hindered it is gone.
func TestFailedRevivalLeavesTheEngineOut(t *testing.T) {
	s := openStore(t, t.TempDir())
	appendAll(t, s.Journal(), numbered(0, 3)...)
	if err := s.engine.srv.ShutdownJetStream(); err != nil {
		t.Fatal(err)
	}
	files := filepath.Join(s.dir, "jetstream")
	if err := os.Rename(files, files+"-away"); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(files, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := s.engine.revive(); err == nil {
			t.Fatal("it comes back without a directory")
		}
		if s.engine.srv.JetStreamEnabled() || s.engine.ready() == nil {
			t.Fatal("it says that it is in service")
		}
	}
	if err := os.Remove(files); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(files+"-away", files); err != nil {
		t.Fatal(err)
	}
	if err := s.engine.revive(); err != nil {
		t.Fatal(err)
	}
	if got := subjects(t, s.Journal(), 0); len(got) != 3 {
		t.Errorf("facts: %v", got)
	}
	appendAll(t, s.Journal(), numbered(3, 1)...)
	closeStore(t, s)
}
