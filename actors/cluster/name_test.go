package cluster

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"

	"tandem/actors/cluster/slot"
	"tandem/actors/msg"
)

// An actor that does not stop holds up the next owner of its name for a while only, and is told of.
func TestSlowActorsAreNotWaitedFor(t *testing.T) {
	p := &probe{hold: make(chan struct{})}
	m := lab(t, p)
	var log bytes.Buffer
	m.log = slog.New(slog.NewTextHandler(&log, nil))
	for _, name := range []string{"anna", "bert"} {
		if err := m.Tell("account", name, &msg.AccountKick{}); err != nil {
			t.Fatal(err)
		}
	}
	m.putAwaySlot(slot.Of("account", "anna")) // while it still has its message
	if !strings.Contains(log.String(), "slow to stop") {
		t.Errorf("logged is %q", log.String())
	}
	m.mu.Lock()
	_, anna := m.named[slot.Of("account", "anna")][nameKey{"account", "anna"}]
	_, bert := m.named[slot.Of("account", "bert")][nameKey{"account", "bert"}]
	m.mu.Unlock()
	if anna || bert != (slot.Of("account", "anna") != slot.Of("account", "bert")) {
		t.Errorf("names that are known: anna %v, bert %v", anna, bert)
	}
	close(p.hold)
	until(t, "both end", func() bool { m.putAwaySlot(slot.Of("account", "bert")); return m.Alive("account") == 0 })
}
