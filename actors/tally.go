package actors

import (
	"sync"
	"time"

	"tandem/actors/msg"
	"tandem/signal"
)

// tally counts what accounts do, since the member started or the count was reset: GETACCOUNTSTAT. The sum
// over a domain is kept apart, so that it outlives accounts.
type tally struct {
	mu    sync.Mutex
	began time.Time
	now   func() time.Time
	by    map[string]*counts // by AOR; domains by "@domain"
}

// counts are those of one account or domain.
type counts struct {
	reset    time.Time
	received int64 // answered calls that reached it
	sent     int64 // calls that it made
	logins   int64
}

// maxTallied bounds what is counted apart: accounts come and go.
const maxTallied = 1 << 20

func newTally(now func() time.Time) *tally {
	return &tally{began: now(), now: now, by: map[string]*counts{}}
}

// count changes the counts of an account and of its domain.
func (t *tally) count(aor signal.AOR, f func(*counts)) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, name := range []string{string(aor), "@" + aor.Domain()} {
		c := t.by[name]
		if c == nil {
			if len(t.by) >= maxTallied {
				continue
			}
			c = &counts{reset: t.began}
			t.by[name] = c
		}
		f(c)
	}
}

// call counts a leg that has ended. Of the devices that rang only the one that answered counts.
func (t *tally) call(r *msg.LegRecord) {
	switch {
	case r.Account == "":
	case !r.Outgoing:
		t.count(signal.AOR(r.Account), func(c *counts) { c.sent++ })
	case r.Answered != 0:
		t.count(signal.AOR(r.Account), func(c *counts) { c.received++ })
	}
}

func (t *tally) login(aor signal.AOR) { t.count(aor, func(c *counts) { c.logins++ }) }

// read is what was counted of an account, or of "@domain".
func (t *tally) read(name string) counts {
	t.mu.Lock()
	defer t.mu.Unlock()
	if c := t.by[name]; c != nil {
		return *c
	}
	return counts{reset: t.began}
}

// reset begins anew; with a key only that count does.
func (t *tally) reset(name, key string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	c := t.by[name]
	if c == nil {
		c = &counts{}
		t.by[name] = c
	}
	switch key {
	case "":
		*c = counts{reset: t.now()}
	case "CallsReceived":
		c.received = 0
	case "CallsSent":
		c.sent = 0
	case "Logins":
		c.logins = 0
	}
}

// drop forgets an account that has gone.
func (t *tally) drop(name string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.by, name)
}
