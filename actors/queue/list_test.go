package queue

import (
	"fmt"
	"log/slog"
	"math/rand/v2"
	"testing"
	"time"
)

// A long line is read part by part, and any caller of it is found.
func TestALongLine(t *testing.T) {
	now := time.Unix(1e9, 0)
	q := New("sales", 1, Default(), rand.NewPCG(1, 2), slog.New(slog.DiscardHandler))
	q.Gathered(now)
	for i := range 450 {
		q.Join(Join{Caller: CallerID(fmt.Sprintf("c%03d", i+1))}, now)
	}
	if n := q.Show(now).Waiting; n != 450 {
		t.Fatalf("%d wait", n)
	}
	seen, last := 0, 0
	for {
		part := q.List(last, 200, "", now)
		if len(part) == 0 {
			break
		}
		for _, c := range part {
			if last++; c.Position != last || c.Caller != CallerID(fmt.Sprintf("c%03d", last)) {
				t.Fatalf("at %d there is %+v", last, c)
			}
		}
		seen += len(part)
	}
	if seen != 450 {
		t.Errorf("%d were seen", seen)
	}
	part := q.List(0, 1, "c333", now)
	if len(part) != 2 || part[1].Caller != "c333" || part[1].Position != 333 {
		t.Errorf("c333 is %+v", part)
	}
	if part := q.List(0, 1, "nobody", now); len(part) != 1 {
		t.Errorf("%+v", part)
	}
	if part := q.List(1e6, 1e6, "", now); len(part) != 0 {
		t.Errorf("%d behind the end", len(part))
	}
}
