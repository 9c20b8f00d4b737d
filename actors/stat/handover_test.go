package stat

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"tandem/actors/msg"
	"tandem/actors/store"
)

// forget has the journal begin here: what was before is no more, as after store.max_age.
func (h *hamlet) forget() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for i := range h.facts {
		h.facts[i] = store.Fact{Kind: "gone", Position: h.facts[i].Position}
	}
}

// TestHandedOver: statistics go from one member to another and on to a third, who cannot read the beginning of the journal.
// Wherever in between a member dies, the last one has what they had counted: no checkpoint that has it is overwritten before
// another one has.
func TestHandedOver(t *testing.T) {
	write := func(member string) func(h *hamlet) {
		return func(h *hamlet) {
			if x := h.halls[member]; x != nil {
				if err := x.Checkpoint(h.Context()); err != nil {
					h.Fatal(err)
				}
			}
		}
	}
	enter := func(h *hamlet) {
		h.queue(fmt.Sprint("d", h.Last()), msg.QueueFact_ENTERED, 0, "")
		h.pass(time.Second)
	}
	gives := func(h *hamlet) {
		h.until("a has given them up", func() bool {
			return !slices.ContainsFunc(h.halls["a"].places(), func(x place) bool { return x.here })
		})
	}
	steps := []func(*hamlet){enter, func(h *hamlet) { h.own("b") }, gives, enter, write("a"), write("c"), enter, func(h *hamlet) { h.values("b") },
		write("a"), write("b"), enter, write("a"), write("c"), enter}
	for dies := range len(steps) + 1 {
		t.Run(fmt.Sprint(dies), func(t *testing.T) {
			h := newHamlet(t, "a", "b", "c")
			entered := Request{Object: "Queue:Q", Type: "Total_Calls_Entered"}
			for _, r := range []Request{entered, waiting, oldest} {
				h.open("a", r)
			}
			enter(h)
			h.values("a")
			for _, m := range []string{"a", "b", "c"} {
				write(m)(h)
			}
			h.forget()
			late := h.open("a", Request{Object: "Queue:R", Type: "Total_Calls_Entered"}) // no checkpoint has it
			for _, step := range steps[:dies] {
				step(h)
			}
			for _, m := range []string{"a", "b"} { // both at once, and a comes back
				h.stop(m)
			}
			h.own("c")
			h.start("a")
			if got := h.open("c", entered); int(got.Number) != h.entered() || got.Complete != begun {
				t.Errorf("%g have entered, complete since %d; there were %d", got.Number, got.Complete-begun, h.entered())
			}
			if got := h.open("c", Request{Object: "Queue:R", Type: "Total_Calls_Entered"}); got.Complete != late.Complete {
				t.Errorf("the late one is complete since %d, not %d", got.Complete, late.Complete)
			}
			h.values("c")
		})
	}
}

// entered is how many callers have entered the queue, one of whom the journal has forgotten.
func (h *hamlet) entered() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	n := 1
	for _, f := range h.facts {
		if f.Kind == "queue.fact" {
			n++
		}
	}
	return n
}

// TestSeedsStay: a backup that was read in is kept as long as a statistic counts on from it, and then goes.
func TestSeedsStay(t *testing.T) {
	h := newHamlet(t, "a")
	v := h.open("a", waiting)
	var backup bytes.Buffer
	if err := h.halls["a"].Backup(t.Context(), &backup); err != nil {
		t.Fatal(err)
	}
	if err := h.halls["a"].Drop(t.Context(), v.ID); err != nil {
		t.Fatal(err)
	}
	if _, _, err := h.halls["a"].Restore(t.Context(), &backup); err != nil {
		t.Fatal(err)
	}
	seeds := func() (n int) {
		h.mu.Lock()
		defer h.mu.Unlock()
		for name := range h.files {
			if strings.HasPrefix(name, restored) {
				n++
			}
		}
		return n
	}
	h.pass(oldCheckpoint + time.Hour)
	h.halls["a"].weed(t.Context())
	if seeds() != 1 {
		t.Error("the backup is gone, and the statistic has nothing to begin with")
	}
	if err := h.halls["a"].Drop(t.Context(), v.ID); err != nil {
		t.Fatal(err)
	}
	h.halls["a"].weed(t.Context())
	if seeds() != 0 {
		t.Error("the backup is there though nobody needs it")
	}
}

// TestPieces: a file of any size is written and read; what it was before goes, and so do pieces of files that are no more.
func TestPieces(t *testing.T) {
	h := newHamlet(t, "a")
	x := h.halls["a"]
	for _, size := range []int{10, pieceSize, pieceSize + 1, 3*pieceSize + 5, 20} {
		b := bytes.Repeat([]byte{byte(size), 7}, size/2+1)[:size]
		if err := x.put(t.Context(), restored+"x", b); err != nil {
			t.Fatal(err)
		}
		if got, err := x.get(t.Context(), restored+"x"); err != nil || !bytes.Equal(got, b) {
			t.Errorf("of %d bytes %d are read: %v", size, len(got), err)
		}
		want := (size + pieceSize - 1) / pieceSize
		if size <= pieceSize {
			want = 0
		}
		if n := len(x.Files.List(pieces)); n != want {
			t.Errorf("%d pieces of %d bytes", n, size)
		}
	}
	x.MaxFile = 1000 // the store takes no more
	if err := x.put(t.Context(), restored+"x", make([]byte, 2500)); err != nil {
		t.Fatal(err)
	}
	if n := len(x.Files.List(pieces)); n != 3 {
		t.Errorf("%d pieces where the store takes 1000 bytes", n)
	}
	x.MaxFile = 0
	if err := x.put(t.Context(), restored+"x", make([]byte, 2*pieceSize)); err != nil {
		t.Fatal(err)
	}
	h.pass(oldCheckpoint + time.Hour)
	for range 2 { // the whole, and then its pieces
		x.weed(t.Context())
	}
	if all := x.Files.List("stat/"); len(all) != 0 {
		t.Errorf("%v", all)
	}
}
