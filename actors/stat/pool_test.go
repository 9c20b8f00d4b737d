package stat

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"testing"
)

// TestFull: no more statistics are open than may be, whether they are asked for, come by the journal or with a backup; what
// is open can be asked for still.
func TestFull(t *testing.T) {
	other, h := newHamlet(t, "z"), newHamlet(t, "a")
	other.open("z", ready)
	var backup bytes.Buffer
	if err := other.halls["z"].Backup(t.Context(), &backup); err != nil {
		t.Fatal(err)
	}
	a := h.halls["a"]
	h.open("a", waiting)
	a.alone(func() {
		for i := range maxPool - 2 {
			a.pool[fmt.Sprint(i)] = &pooled{Asked: h.now, here: true}
		}
	})
	h.open("a", answered)
	h.open("a", waiting)
	if _, err := a.Open(t.Context(), "", ready); !errors.Is(err, ErrFull) {
		t.Errorf("one more: %v", err)
	}
	if _, _, err := a.Restore(t.Context(), &backup); !errors.Is(err, ErrFull) || len(h.files) > 0 {
		t.Errorf("a backup: %v", err)
	}
	body, err := json.Marshal(ready)
	if err != nil {
		t.Fatal(err)
	}
	position, err := a.append(t.Context(), openedKind, "late", h.now, body)
	if err != nil || a.reach(t.Context(), position, 0) != nil || a.knows("late") {
		t.Errorf("one that was on its way: %v, open: %v", err, a.knows("late"))
	}
}

// TestEach: one account has no more statistics open than it may, and nobody else has fewer for it; a member that begins again
// knows how many it has.
func TestEach(t *testing.T) {
	h := newHamlet(t, "a", "b")
	h.halls["a"].alone(func() { h.halls["a"].each["ann@east"] = maxEach - 1 })
	first, err := h.halls["a"].Open(t.Context(), "ann@east", waiting)
	if err != nil {
		t.Fatal(err)
	}
	var refusal *Refusal
	if _, err := h.halls["a"].Open(t.Context(), "ann@east", answered); !errors.As(err, &refusal) || !errors.Is(err, ErrEach) {
		t.Errorf("one more: %v", err)
	}
	for _, by := range []string{"ann@east", "bob@east", ""} {
		if _, err := h.halls["a"].Open(t.Context(), by, waiting); err != nil {
			t.Errorf("%q asks for what is open: %v", by, err)
		}
	}
	if _, err := h.halls["a"].Open(t.Context(), "bob@east", ready); err != nil {
		t.Errorf("another one: %v", err)
	}
	if err := h.halls["a"].Drop(t.Context(), first.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := h.halls["a"].Open(t.Context(), "ann@east", answered); err != nil {
		t.Errorf("when one is dropped: %v", err)
	}
	h.values("b")
	if err := h.halls["b"].Checkpoint(t.Context()); err != nil {
		t.Fatal(err)
	}
	h.stop("b")
	h.start("b")
	b := h.halls["b"]
	b.alone(func() {
		if b.each["ann@east"] != 1 || b.each["bob@east"] != 1 || len(b.each) != 2 {
			t.Errorf("open are %v", b.each)
		}
	})
}
