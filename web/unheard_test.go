package web

import (
	"context"
	"strings"
	"testing"
)

// half is a house one of whose members does not answer.
type half struct{ *house }

func (h half) Legs(ctx context.Context, q LegQuery) ([]Leg, error) {
	NoteUnheard(ctx, "tandem3")
	NoteUnheard(ctx, "tandem2")
	NoteUnheard(ctx, "tandem2")
	return h.house.Legs(ctx, q)
}

// A list in which something is missing says whose, over REST and on its page.
func TestWhatIsMissingIsSaid(t *testing.T) {
	NoteUnheard(t.Context(), "nobody") // nobody listens
	s := inTownWith(t, newTown(), newHouse())
	s.services.Calls = half{newHouse()}
	if body := ask(s, "GET", "/api/v1/legs", "").Body.String(); !strings.Contains(body, `"unheard":["tandem2","tandem3"]`) {
		t.Errorf("REST says %s", body)
	}
	if body := as(t, s, "admin").get("/monitors/legs").Body.String(); !strings.Contains(body, "tandem2, tandem3 did not answer: legs there are not shown.") {
		t.Error("the page does not say it")
	}
	s.services.Calls = newHouse()
	if body := as(t, s, "admin").get("/monitors/legs").Body.String(); strings.Contains(body, "did not answer") {
		t.Error("the page says it although all have answered")
	}
}
