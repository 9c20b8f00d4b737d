package account

import (
	"time"

	"tandem/conf"
	"tandem/signal"
	"tandem/sip/registrar"
)

// Account is the pure machine of one account's registrations. Changes count at once for the next
// REGISTER, and are answered when they are durable.
type Account struct {
	bindings []registrar.Binding
	pending  map[uint64]*signal.Response // answers that wait for their fact, by its number
	last     uint64                      // number of the last fact
}

// change is a fact to write: Number names it in Written and TimedOut.
type change struct {
	number   uint64
	bindings []registrar.Binding
}

// newAccount makes the machine with the registrations that the member knows.
func newAccount(known []registrar.Binding) *Account {
	return &Account{bindings: known, pending: map[uint64]*signal.Response{}}
}

// Register judges a REGISTER. Either it is answered at once, or a change must be written first.
func (a *Account) Register(r *signal.Request, g registrar.Registrar, now time.Time) (*signal.Response, *change) {
	result := g.Register(r, a.bindings, now)
	if len(result.Changes) == 0 {
		return result.Response, nil
	}
	c := a.changed(result.Bindings)
	a.pending[c.number] = result.Response
	return nil, c
}

// Kick removes one contact, or all of them when it is "".
func (a *Account) Kick(contact string) (removed int, c *change) {
	var rest []registrar.Binding
	for _, b := range a.bindings {
		if contact == "" || b.Contact.String() == contact {
			removed++
		} else {
			rest = append(rest, b)
		}
	}
	if removed == 0 {
		return 0, nil
	}
	return removed, a.changed(rest)
}

func (a *Account) changed(b []registrar.Binding) *change {
	a.bindings = b
	a.last++
	return &change{a.last, b}
}

// Written: a change is durable; the answer that waited for it, if one did.
func (a *Account) Written(number uint64) *signal.Response { return a.take(number) }

// Late: a change is not durable in time, or was not taken. The phone is told to try again; what it
// then finds is as good as what it asked for.
func (a *Account) Late(number uint64) *signal.Response {
	r := a.take(number)
	if r == nil {
		return nil
	}
	return &signal.Response{Request: r.Request, Method: r.Method, Status: 503, To: r.To,
		Headers: signal.Headers{{Name: "Retry-After", Value: "5"}}}
}

func (a *Account) take(number uint64) *signal.Response {
	r := a.pending[number]
	delete(a.pending, number)
	return r
}

// limits are the member's with the account's own where it has one.
func limits(c conf.Accounts, r *Record) conf.Accounts {
	if r != nil && r.MaxContacts > 0 {
		c.MaxContacts = r.MaxContacts
	}
	return c
}
