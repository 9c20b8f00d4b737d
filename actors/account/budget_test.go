package account

import (
	"fmt"
	"testing"
	"time"

	"tandem/conf"
	"tandem/signal"
	"tandem/sip/registrar"
)

// An account that moves its devices about without end does not fill the journal.
func TestChangesHaveABudget(t *testing.T) {
	a, now := newAccount(nil), time.Date(2030, 1, 1, 12, 0, 0, 0, time.UTC)
	g := registrar.Registrar{Limits: conf.DefaultAccounts()}
	budget := changesPerDevice * g.Limits.MaxContacts
	move := func(i int) (*signal.Response, *change) {
		r := &signal.Request{ID: fmt.Sprint(i), Method: signal.REGISTER, CallID: "c", CSeq: uint32(i + 1),
			Contacts: []signal.Party{{URI: signal.URI{Scheme: "sip", User: "x", Host: "192.0.2.1"},
				Params: signal.Params{{Name: "expires", Value: fmt.Sprint(60 + i)}}}}}
		return a.Register(r, g, now)
	}
	for i := range budget {
		if res, c := move(i); c == nil {
			t.Fatalf("change %d is refused: %+v", i, res)
		}
	}
	if res, c := move(budget); c != nil || res.Status != 503 || res.Headers.Get("Retry-After") == "" {
		t.Errorf("one too many: %+v, %+v", res, c)
	}
	now = now.Add(time.Minute)
	if res, c := move(budget + 1); c == nil {
		t.Errorf("in the next minute: %+v", res)
	}
}
