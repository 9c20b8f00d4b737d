package crash

import (
	"sync"
	"testing"
	"time"

	"tandem/test/lab"
)

// mendTime is how long after a start the last record of a crash may take to appear.
const mendTime = 20 * time.Second

// journalTime is how long before a kill a call must have been answered to be sure of a record: a
// call is not held up until the journal has its beginning. A younger one may have none, never two.
const journalTime = 100 * time.Millisecond

// ledger holds what the member has acknowledged, over all rounds.
type ledger struct {
	mu       sync.Mutex
	accounts map[string]bool      // AOR, after 201
	contacts map[string]bool      // contact URI, after 200 to REGISTER
	calls    map[string]bool      // Call-ID, after 200 to INVITE
	answered map[string]time.Time // the same Call-IDs: when
	killed   time.Time            // the last time
	records  map[string]bool      // handler of a leg, once its record was shown
}

func newLedger() *ledger {
	return &ledger{accounts: map[string]bool{}, contacts: map[string]bool{},
		calls: map[string]bool{}, answered: map[string]time.Time{}, records: map[string]bool{}}
}

// note enters something acknowledged into one of the ledger's books.
func (l *ledger) note(book map[string]bool, what string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	book[what] = true
}

// called enters a call that was answered.
func (l *ledger) called(callID string) {
	l.note(l.calls, callID)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.answered[callID] = time.Now()
}

// settled are the calls that were answered long enough before the last kill.
func (l *ledger) settled() map[string]bool {
	old := map[string]bool{}
	for id := range l.calls {
		if l.killed.Sub(l.answered[id]) >= journalTime {
			old[id] = true
		}
	}
	return old
}

// forget strikes calls out that no later round can find.
func (l *ledger) forget(calls []string) {
	for _, id := range calls {
		delete(l.calls, id)
	}
}

func (l *ledger) size() (accounts, contacts, calls, records int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.accounts), len(l.contacts), len(l.calls), len(l.records)
}

// compare demands that everything in the ledger is there after a restart, and nothing twice.
func (l *ledger) compare(t *testing.T, m *lab.Member) {
	t.Helper()
	accounts := map[string]int{}
	for _, a := range m.Accounts() {
		accounts[a.AOR]++
	}
	demandOnce(t, "account", l.accounts, accounts)

	contacts := map[string]int{}
	for _, r := range m.Registrations() {
		contacts[r.Contact]++
	}
	demandOnce(t, "registration", l.contacts, contacts)

	settled := l.settled()
	var calls, handlers map[string]int
	read := func() bool {
		calls, handlers = map[string]int{}, map[string]int{}
		for _, r := range m.Records() {
			calls[r.SIPCallID]++
			handlers[r.Handler]++
		}
		return len(missing(settled, calls)) == 0
	}
	if !eventually(read) {
		for _, id := range missing(settled, calls) {
			t.Errorf("the call %s, answered %v before the kill, has no record", id, l.killed.Sub(l.answered[id]))
		}
	}
	if young := missing(l.calls, calls); len(young) > 0 {
		t.Logf("%d calls answered within %v of the kill left no record", len(young), journalTime)
		l.forget(young)
	}
	for id, n := range calls {
		if n > 1 {
			t.Errorf("the call %s has %d records", id, n)
		}
	}
	demandOnce(t, "record that was shown before", l.records, handlers)
	for handler, n := range handlers {
		if n != 1 {
			t.Errorf("the leg %s has %d records", handler, n)
		}
	}
}

// eventually asks until ok or mendTime is over.
func eventually(ok func() bool) bool {
	over := time.After(mendTime)
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for !ok() {
		select {
		case <-tick.C:
		case <-over:
			return false
		}
	}
	return true
}

func missing(book map[string]bool, found map[string]int) (names []string) {
	for name := range book {
		if found[name] == 0 {
			names = append(names, name)
		}
	}
	return names
}

func demandOnce(t *testing.T, what string, book map[string]bool, found map[string]int) {
	t.Helper()
	for name := range book {
		if n := found[name]; n != 1 {
			t.Errorf("%s %s: acknowledged, and there %d times", what, name, n)
		}
	}
}
