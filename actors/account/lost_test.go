package account

import (
	"testing"
	"time"

	"tandem/signal"
	"tandem/sip/registrar"
)

// A browser's page that was closed is not a device any more; the account's other devices stay.
func TestLostConnectionEndsItsRegistration(t *testing.T) {
	now := time.Date(2030, 1, 1, 12, 0, 0, 0, time.UTC)
	over := func(user string, f signal.Flow) registrar.Binding {
		return registrar.Binding{Contact: signal.URI{Scheme: "sip", User: user, Host: "x.invalid"},
			Flow: f, Expires: now.Add(time.Hour)}
	}
	page := signal.Flow{Edge: "m1", Transport: "WS", Conn: 7}
	desk := signal.Flow{Edge: "m1", Transport: "UDP"}
	known := []registrar.Binding{over("page", page), over("desk", desk)}
	d := NewDirectory(func() time.Time { return now })
	d.SetBindings("1000@t.local", Bindings{Bindings: known})
	d.SetBindings("1001@t.local", Bindings{Bindings: known[:1]}) // a second account of the same page
	if aors := d.FlowOwners(page); len(aors) != 2 {
		t.Errorf("the page belongs to %q", aors)
	}
	for _, f := range []signal.Flow{desk, {Edge: "m2", Conn: 7}, {Edge: "m1", Conn: 8}} {
		if aors := d.FlowOwners(f); len(aors) > 0 {
			t.Errorf("%+v belongs to %q", f, aors)
		}
	}
	a := newAccount(known)
	if n, c := a.Lost(desk, now); c != nil {
		t.Errorf("%d registrations went with a flow that is no connection", n)
	}
	n, c := a.Lost(page, now)
	if n != 1 || len(c.bindings) != 1 || c.bindings[0].Contact.User != "desk" {
		t.Fatalf("%d went, left is %+v", n, c)
	}
	d.SetBindings("1000@t.local", Bindings{Bindings: c.bindings})
	if aors := d.FlowOwners(page); len(aors) != 1 || aors[0] != "1001@t.local" {
		t.Errorf("the page still belongs to %q", aors)
	}
	if n, c := a.Lost(page, now); c != nil {
		t.Errorf("%d went a second time", n)
	}
}
