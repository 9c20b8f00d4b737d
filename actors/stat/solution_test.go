package stat

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"tandem/actors/msg"
)

// TestSeats: of each solution every place leads to a seat of one of its members, the next one, and as long as nobody moves to the
// same one.
func TestSeats(t *testing.T) {
	whose := func(seat string) (solution, member string, ok bool) {
		var n int
		_, _ = fmt.Sscanf(seat, "seat/%d", &n)
		switch {
		case n%7 == 0:
			return "west", "m1", true
		case n%50 == 3:
			return "east", "m2", n != 53 // of that one nobody knows the owner
		}
		return "", "m3", true
	}
	s := &seating{}
	s.take(whose)
	for solution, member := range map[string]string{"west": "m1", "east": "m2", "": "m3"} {
		for place := range seats {
			want := place
			for {
				if of, by, ok := whose(seatNames[want]); ok && of == solution && by == member {
					break
				}
				want = (want + 1) % seats
			}
			if got := int(s.at[solution][place]); got != want {
				t.Fatalf("%q: from place %d the first seat is %d, want %d", solution, place, got, want)
			}
		}
	}
	if s.at["north"] != nil {
		t.Error("a solution without members has a seat")
	}
	again := &seating{}
	if again.take(whose); again.sum != s.sum {
		t.Error("the same seats have another sum")
	}
}

// owners are the members that compute what is open, by the solution.
func (h *hamlet) owners(by string) map[string][]string {
	h.Helper()
	out := map[string][]string{}
	open, _ := h.halls[by].List(Search{Limit: maxPool})
	for _, l := range open {
		if of := l.Request.Solution; !slices.Contains(out[of], l.Owner) {
			out[of] = append(out[of], l.Owner)
		}
	}
	for of := range out {
		slices.Sort(out[of])
	}
	return out
}

// TestSolutions: what is asked for at a member of a solution is computed by members of that solution alone, by its names; any
// member tells it all the same, and opens what it is asked for in another one's name. When a member dies its solution goes on.
func TestSolutions(t *testing.T) {
	h := newHamlet(t)
	h.split = map[string]string{"w1": "west", "w2": "west", "n1": "north"}
	for _, m := range []string{"w1", "w2", "n1", "free"} {
		h.start(m)
	}
	h.queue("c1", msg.QueueFact_ENTERED, 0, "")
	var ids []string
	for i := range 40 { // different objects have different owners
		r := Request{Object: fmt.Sprintf("Queue:Q%d", i), Category: "TotalNumberInTimeRange", Main: "CallAnswered"}
		for by, want := range map[string]string{"w1": "west 0-60", "w2": "west 0-60", "n1": "north 0-20", "free": " 0-20"} {
			v := h.open(by, r)
			if got := v.Definition.Solution + " " + v.Definition.Range; got != want {
				t.Fatalf("%s opens %q, want %q", by, got, want)
			}
			ids = append(ids, v.ID)
		}
		r.Solution = "west"
		if v := h.open("free", r); v.Definition.Range != "0-60" || !slices.Contains(ids, v.ID) {
			t.Fatalf("asked elsewhere it is another statistic: %+v", v)
		}
	}
	want := "map[:[free] north:[n1] west:[w1 w2]]"
	for by := range h.halls {
		if got := fmt.Sprint(h.owners(by)); got != want {
			t.Errorf("%s says that %s compute, want %s", by, got, want)
		}
	}
	before := h.values("n1")
	h.stop("w1")
	h.until("the other one computes all of its solution", func() bool {
		return fmt.Sprint(h.owners("n1")) == "map[:[free] north:[n1] west:[w2]]"
	})
	if after := h.values("n1"); !slices.Equal(before, after) {
		t.Errorf("values changed with the owner:\n%s\n%s", strings.Join(before, "\n"), strings.Join(after, "\n"))
	}
}

// TestSolutionsRefuse: what can not be asked for in a solution is refused with the reason.
func TestSolutionsRefuse(t *testing.T) {
	h := newHamlet(t)
	h.split = map[string]string{"w1": "west"}
	h.start("w1")
	h.start("free")
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	r := Request{Object: "Queue:Q", Category: "TotalNumber", Main: "CallAnswered", Solution: "east"}
	_, err := h.halls["free"].Open(ctx, "", r)
	var refused *Refusal
	if !errors.As(err, &refused) || !strings.Contains(err.Error(), `"east"`) {
		t.Errorf("a solution that is not there: %v", err)
	}
	if _, err := h.halls["free"].Profile("east"); !errors.As(err, &refused) {
		t.Errorf("its names: %v", err)
	}
	r.Solution = "north"
	if _, err := h.halls["free"].Open(ctx, "", r); !errors.Is(err, ErrEmpty) {
		t.Errorf("a solution without members: %v", err)
	}
}

// TestHomeless: statistics of a solution that has no members any more are left out of a backup, which has all others, and are
// dropped when nobody has asked for them for long. A backup that has some of a solution that is none is refused.
func TestHomeless(t *testing.T) {
	h := newHamlet(t)
	h.split = map[string]string{"w": "west"}
	for _, m := range []string{"w", "free", "too"} {
		h.start(m)
	}
	r := Request{Object: "Queue:Q", Type: "Total_Calls_Entered"}
	west, free := h.open("w", r), h.open("free", r)
	backup := func(want ...string) []byte {
		t.Helper()
		var file bytes.Buffer
		h.until("all that has an owner can be written", func() bool {
			file.Reset()
			return h.halls["too"].Backup(t.Context(), &file) == nil
		})
		all, err := readBackup(file.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, x := range all {
			got = append(got, x.ID)
		}
		slices.Sort(got)
		if slices.Sort(want); !slices.Equal(got, want) {
			t.Errorf("the backup has %q, want %q", got, want)
		}
		return file.Bytes()
	}
	both := backup(west.ID, free.ID)
	h.stop("w")
	h.mu.Lock()
	h.split = map[string]string{"nobody": "west"}
	h.mu.Unlock()
	backup(free.ID)

	h.pass(DefaultKeep - time.Hour)
	drop := func() (left int) {
		for _, x := range h.halls {
			x.dropOld(t.Context())
		}
		_, left = h.halls["free"].List(Search{Limit: maxPool})
		return left
	}
	h.open("free", r)
	if drop() != 2 {
		t.Error("it is dropped too early")
	}
	h.pass(2 * time.Hour)
	h.until("the one of the solution without members is dropped", func() bool { return drop() == 1 })

	other := newHamlet(t, "x")
	other.halls["x"].Names = func(solution string) *Catalogue {
		if solution != "" {
			return nil
		}
		return Predefined()
	}
	_, _, err := other.halls["x"].Restore(t.Context(), bytes.NewReader(both))
	var refused *Refusal
	if !errors.As(err, &refused) || !strings.Contains(err.Error(), `"west"`) || other.Last() > 0 {
		t.Errorf("a solution that is none here: %v", err)
	}
}
