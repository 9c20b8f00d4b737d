package stat

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"testing"
	"time"

	"tandem/actors/msg"
)

// TestBackup: a backup of one installation gives another one, with other members, the same values, however its statistics look
// back; what goes on is counted as far as it was, and a death does not lose it.
func TestBackup(t *testing.T) {
	from, to := newHamlet(t, "a", "b", "c"), newHamlet(t, "x", "y")
	all := []Request{answered, talked, {Object: "Queue:Q", Type: "Average_Speed_Of_Answer", Profile: "LastQuarter"},
		{Object: "Queue:Q", Type: "Average_Handle_Time"}, {Object: "Agent:ann", Type: "Occupancy"},
		{Object: "Queue:Q", Category: "MaxTime", Main: "CallAnswered", Profile: "LastTen"}, {Object: "Queue:Q", Type: "ServiceFactor1"},
		{Object: "Queue:Q", Category: "MaxNumber", Main: "CallWait"},
		{Object: "Queue:Q", Category: "TotalNumber", Main: "CallEntered", BackFill: true}}
	for _, r := range all {
		from.open("b", r)
	}
	for i := range 30 {
		caller, offer := fmt.Sprint("c", i), uint64(i+1)
		from.agent("ann", "ready", "")
		from.queue(caller, msg.QueueFact_ENTERED, 0, "")
		from.pass(1300 * time.Millisecond)
		from.queue(caller, msg.QueueFact_OFFERED, offer, "ann")
		from.agent("ann", "talking", caller)
		from.queue(caller, msg.QueueFact_JOINED, offer, "ann")
		from.pass(2700 * time.Millisecond)
		from.queue(caller, msg.QueueFact_COMPLETED_BY_AGENT, offer, "ann")
	}
	from.agent("ann", "logged out", "")
	from.pass(time.Second)
	from.values("a")
	var file bytes.Buffer
	if err := from.halls["c"].Backup(t.Context(), &file); err != nil {
		t.Fatal(err)
	}
	to.pass(time.UnixMilli(from.now).Sub(to.time()) + time.Millisecond)
	text := bytes.Clone(file.Bytes())
	opened, open, err := to.halls["y"].Restore(t.Context(), &file)
	if err != nil || opened != len(all) || open != 0 {
		t.Fatal(opened, open, err)
	}
	same := func(when string) {
		t.Helper()
		to.values("y")
		for _, r := range all {
			a, b := from.open("a", r), to.open("y", r)
			if a.Number != b.Number || b.Restored == 0 || b.Problem != "" || a.Since > b.Since {
				t.Errorf("%s: %+v is %+v, and was %+v", when, r, b, a)
			}
		}
	}
	from.pass(time.Millisecond)
	same("restored")
	to.stop("x")
	to.own("y")
	same("after the owner's death, without any checkpoint")
	if opened, open, err = to.halls["y"].Restore(t.Context(), bytes.NewReader(text)); opened != 0 || open != len(all) || err != nil {
		t.Error("again:", opened, open, err)
	}
	facts := to.Last()
	damaged := bytes.Clone(text)
	damaged[len(damaged)/2] ^= 1
	for what, b := range map[string][]byte{"nothing": nil, "half of it": text[:len(text)/2], "damaged": damaged} {
		var refusal *Refusal
		if _, _, err := to.halls["y"].Restore(t.Context(), bytes.NewReader(b)); !errors.As(err, &refusal) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if to.Last() != facts || len(maps.Clone(to.files)) == 0 {
		t.Error("a refused backup was written down")
	}
}

// TestAutoBackup: one member writes a backup by itself when it is time to, keeps the one before, and another one can read it.
func TestAutoBackup(t *testing.T) {
	h, other := newHamlet(t, "a", "b"), newHamlet(t, "x")
	h.open("a", answered)
	file := filepath.Join(t.TempDir(), "statistics.backup")
	for _, m := range h.halls {
		m.Backups = func() (time.Duration, string) { return time.Minute, file }
	}
	if err := errors.Join(h.halls["b"].autoBackup(t.Context()), h.halls["a"].autoBackup(t.Context())); err != nil {
		t.Fatal(err)
	}
	first, err := os.Stat(file)
	if err != nil {
		t.Fatal(err)
	}
	h.pass(first.ModTime().Sub(h.time()) + 59*time.Second)
	if err := h.halls["a"].autoBackup(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(file + ".old"); err == nil {
		t.Error("it was written too early")
	}
	h.pass(2 * time.Second)
	if err := h.halls["a"].autoBackup(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(file + ".old"); err != nil {
		t.Error(err)
	}
	from, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = from.Close() }()
	if opened, _, err := other.halls["x"].Restore(t.Context(), from); opened != 1 || err != nil {
		t.Error(opened, err)
	}
}
