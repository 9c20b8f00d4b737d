// Package tally keeps the numbers that nobody's state depends on: what accounts did, and the statistics elements
// that programs and operators keep for themselves. They live as long as the member does.
//
//	tally.go    calls and logins by account and domain
//	element.go  elements: the member's own numbers, which only it changes, and custom ones
package tally

import (
	"sync"
	"time"

	"tandem/actors/msg"
	"tandem/signal"
)

// Tally counts what accounts do, since the member started or the count was reset: GETACCOUNTSTAT. The sum
// over a domain is kept apart, so that it outlives accounts.
type Tally struct {
	mu    sync.Mutex
	began time.Time
	now   func() time.Time
	by    map[string]*Counts // by AOR; domains by "@domain"
}

// Counts are those of one account or domain.
type Counts struct {
	Reset    time.Time // of the count
	Received int64     // answered calls that reached it
	Sent     int64     // calls that it made
	Logins   int64
}

// maxTallied bounds what is counted apart: accounts come and go.
const maxTallied = 1 << 20

// New begins to count, by that clock.
func New(now func() time.Time) *Tally {
	return &Tally{began: now(), now: now, by: map[string]*Counts{}}
}

// count changes the counts of an account and of its domain.
func (t *Tally) count(aor signal.AOR, f func(*Counts)) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, name := range []string{string(aor), "@" + aor.Domain()} {
		c := t.by[name]
		if c == nil {
			if len(t.by) >= maxTallied {
				continue
			}
			c = &Counts{Reset: t.began}
			t.by[name] = c
		}
		f(c)
	}
}

// Call counts a leg that has ended. Of the devices that rang only the one that answered counts.
func (t *Tally) Call(r *msg.LegRecord) {
	switch {
	case r.Account == "":
	case !r.Outgoing:
		t.count(signal.AOR(r.Account), func(c *Counts) { c.Sent++ })
	case r.Answered != 0:
		t.count(signal.AOR(r.Account), func(c *Counts) { c.Received++ })
	}
}

// Login counts a login of an account.
func (t *Tally) Login(aor signal.AOR) { t.count(aor, func(c *Counts) { c.Logins++ }) }

// Read is what was counted of an account, or of "@domain".
func (t *Tally) Read(name string) Counts {
	t.mu.Lock()
	defer t.mu.Unlock()
	if c := t.by[name]; c != nil {
		return *c
	}
	return Counts{Reset: t.began}
}

// Reset begins anew; with a key only that count does.
func (t *Tally) Reset(name, key string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	c := t.by[name]
	if c == nil {
		c = &Counts{}
		t.by[name] = c
	}
	switch key {
	case "":
		*c = Counts{Reset: t.now()}
	case "CallsReceived":
		c.Received = 0
	case "CallsSent":
		c.Sent = 0
	case "Logins":
		c.Logins = 0
	}
}

// Drop forgets an account that has gone.
func (t *Tally) Drop(name string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.by, name)
}
