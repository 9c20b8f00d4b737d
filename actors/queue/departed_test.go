package queue

import (
	"fmt"
	"testing"
	"time"
)

// Who has left hears it again for a while, and may come back in the meantime.
func TestDeparted(t *testing.T) {
	d, now := newDeparted(), time.Unix(1e9, 0)
	d.note(Left{Caller: "a", Why: Abandoned}, now)
	d.note(Left{Caller: "b", Why: CallbackTaken}, now)
	d.note(Left{Caller: "c", Why: Served}, now)
	d.back("c")
	for id, want := range map[CallerID]bool{"a": true, "b": false, "c": false, "x": false} {
		if l, ok := d.has(id); ok != want || ok && l.Caller != id {
			t.Errorf("%s: %v, %v", id, l, ok)
		}
	}
	d.note(Left{Caller: "b"}, now.Add(time.Second))
	d.back("b")
	d.note(Left{Caller: "b"}, now.Add(departedLife/2))
	d.note(Left{Caller: "e"}, now.Add(departedLife+2*time.Second))
	if _, ok := d.has("b"); !ok {
		t.Error("b is forgotten though it has left again since")
	}
	if _, ok := d.has("a"); ok {
		t.Error("a is known for ever")
	}
	for i := range maxDeparted + 10 {
		d.note(Left{Caller: CallerID(fmt.Sprint(i))}, now.Add(departedLife+time.Second))
	}
	if len(d.left) > maxDeparted {
		t.Errorf("%d are known", len(d.left))
	}
}
