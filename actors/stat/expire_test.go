package stat

import (
	"fmt"
	"testing"
	"time"

	"tandem/actors/stat/reader"
	"tandem/actors/store"
)

// TestManyRunOut: registrations that all run out at once are all told at once.
func TestManyRunOut(t *testing.T) {
	h := newHamlet(t, "a")
	for i := range 2*maxDefining + 100 {
		body := fmt.Appendf(nil, `{"Bindings":[{"Contact":"x","Expires":%q}],"Epoch":1}`, h.time().Add(time.Minute).UTC().Format(time.RFC3339))
		f := store.Fact{Kind: reader.RegisteredKind, Subject: fmt.Sprintf("%d@t.local", i), At: h.time(), Body: body}
		if err := h.Append(f, nil); err != nil {
			t.Fatal(err)
		}
	}
	h.values("a")
	h.pass(2 * time.Minute)
	a := h.halls["a"]
	a.expire(t.Context())
	if left := len(a.runOut(h.time().UnixMilli())); left != 0 {
		t.Errorf("of %d nobody has said so", left)
	}
}
