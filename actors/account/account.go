package account

import (
	"slices"
	"time"

	"tandem/conf"
	"tandem/signal"
	"tandem/sip/registrar"
)

// Account is the pure machine of one account's registrations. Changes count at once for the next
// REGISTER, and are answered when they are durable.
type Account struct {
	bindings []registrar.Binding         // as the last change made them
	durable  []registrar.Binding         // as the journal has them
	waiting  []*change                   // on their way into the journal, oldest first
	pending  map[uint64]*signal.Response // answers that wait for their fact, by its number
	last     uint64                      // number of the last fact
	budget   int                         // changes that may still be made in this minute
	minute   time.Time                   // since when the budget counts
}

// changesPerDevice bounds how often in a minute an account may change its registrations, for each of
// the devices that it may have: every change is a fact for ever.
const changesPerDevice = 6

// change is a fact to write: Number names it in Written and Late.
type change struct {
	number   uint64
	bindings []registrar.Binding
}

// newAccount makes the machine with the registrations that the member knows.
func newAccount(known []registrar.Binding) *Account {
	return &Account{bindings: known, durable: known, pending: map[uint64]*signal.Response{}}
}

// Recalled: the journal has these registrations, by an earlier owner of the name. Changes on their way stay.
func (a *Account) Recalled(b []registrar.Binding) {
	a.durable = b
	if len(a.waiting) == 0 {
		a.bindings = b
	}
}

// Register judges a REGISTER. Either it is answered at once, or a change must be written first.
func (a *Account) Register(r *signal.Request, g registrar.Registrar, now time.Time) (*signal.Response, *change) {
	result := g.Register(r, a.bindings, now)
	if len(result.Changes) == 0 {
		return result.Response, nil
	}
	if !a.afford(g.Limits.MaxContacts, now) {
		return busy(r.ID, r.Method, r.To), nil
	}
	c := a.changed(result.Bindings)
	a.pending[c.number] = result.Response
	return nil, c
}

// afford takes a change from the minute's budget.
func (a *Account) afford(devices int, now time.Time) bool {
	if now.Sub(a.minute) >= time.Minute {
		a.minute, a.budget = now, changesPerDevice*devices
	}
	a.budget--
	return a.budget >= 0
}

// Kick removes one contact, or all of them when it is "".
func (a *Account) Kick(contact string, now time.Time) (removed int, c *change) {
	return a.remove(now, func(b registrar.Binding) bool { return contact == "" || b.Contact.String() == contact })
}

// Lost removes the registrations over a connection that has ended.
func (a *Account) Lost(f signal.Flow, now time.Time) (removed int, c *change) {
	return a.remove(now, func(b registrar.Binding) bool {
		return b.Flow.Conn != 0 && b.Flow.Conn == f.Conn && b.Flow.Edge == f.Edge
	})
}

// LostWith removes the registrations over connections of a member that is gone. Those made or refreshed since are over
// connections of its next life.
func (a *Account) LostWith(member string, since, now time.Time) (removed int, c *change) {
	return a.remove(now, func(b registrar.Binding) bool {
		return b.Flow.Conn != 0 && b.Flow.Edge == member && b.Updated.Before(since)
	})
}

func (a *Account) remove(now time.Time, gone func(registrar.Binding) bool) (removed int, c *change) {
	live, _ := registrar.Expire(a.bindings, now)
	rest := slices.DeleteFunc(slices.Clone(live), gone)
	if len(rest) == len(live) {
		return 0, nil
	}
	return len(live) - len(rest), a.changed(rest)
}

func (a *Account) changed(b []registrar.Binding) *change {
	a.bindings = b
	a.last++
	c := &change{a.last, b}
	a.waiting = append(a.waiting, c)
	return c
}

// Written: a change is durable; the answer that waited for it, if one did.
func (a *Account) Written(number uint64) *signal.Response {
	if c := a.settled(number); c != nil {
		a.durable = c.bindings
	}
	return a.take(number)
}

// Failed: a change was not taken, so it never happened, unless another one was made upon it meanwhile.
func (a *Account) Failed(number uint64) *signal.Response {
	a.settled(number)
	a.bindings = a.durable
	if n := len(a.waiting); n > 0 {
		a.bindings = a.waiting[n-1].bindings
	}
	return a.Late(number)
}

// settled takes a change from those that wait.
func (a *Account) settled(number uint64) *change {
	i := slices.IndexFunc(a.waiting, func(c *change) bool { return c.number == number })
	if i < 0 {
		return nil
	}
	c := a.waiting[i]
	a.waiting = slices.Delete(a.waiting, i, i+1)
	return c
}

// Late: a change is not durable in time. The phone is told to try again; what it then finds is as good
// as what it asked for.
func (a *Account) Late(number uint64) *signal.Response {
	r := a.take(number)
	if r == nil {
		return nil
	}
	return busy(r.Request, r.Method, r.To)
}

// busy tells a phone to try again.
func busy(id string, m signal.Method, to signal.Party) *signal.Response {
	return &signal.Response{Request: id, Method: m, Status: 503, To: to,
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

// arrived are the contacts of devices that were not there before, or have begun again: their Call-ID says so
// (RFC 3261 section 10.2.4).
func arrived(before, now []registrar.Binding) (contacts []string) {
	for _, b := range now {
		if !slices.ContainsFunc(before, func(old registrar.Binding) bool {
			return old.CallID == b.CallID && old.Contact.String() == b.Contact.String()
		}) {
			contacts = append(contacts, b.Contact.String())
		}
	}
	return contacts
}
