package session

import (
	"cmp"
	"slices"
	"strings"
	"sync"
	"time"
)

// Table shows the sessions of this member to lists. Each session writes its own row when what it shows changes; rows
// are never changed.
type Table struct {
	mu       sync.RWMutex
	rows     map[string]*Row // by handler
	accounts map[string]int  // rows of each account
}

// Row is a session as lists show it.
type Row struct {
	Session string // handler
	URLID   string // a secret
	Account string
	State   string
	Binding string
	Remote  string // address and port of the client
	Secure  bool
	Version string // of the client
	Client  string // its name
	Method  string // of the login
	Calls   int
	Started time.Time
}

// NewTable makes an empty table.
func NewTable() *Table { return &Table{rows: map[string]*Row{}, accounts: map[string]int{}} }

func (t *Table) show(r *Row) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.rows[r.Session] == nil {
		t.accounts[r.Account]++
	}
	t.rows[r.Session] = r
}

func (t *Table) drop(session string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	r := t.rows[session]
	if r == nil {
		return
	}
	delete(t.rows, session)
	if t.accounts[r.Account]--; t.accounts[r.Account] == 0 {
		delete(t.accounts, r.Account)
	}
}

// Of is how many sessions an account has.
func (t *Table) Of(account string) int {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.accounts[account]
}

// Row is the row of one session.
func (t *Table) Row(session string) (*Row, bool) {
	t.mu.RLock()
	defer t.mu.RUnlock()
	r, ok := t.rows[session]
	return r, ok
}

// Rows are all, the oldest first.
func (t *Table) Rows() []*Row {
	t.mu.RLock()
	out := make([]*Row, 0, len(t.rows))
	for _, r := range t.rows {
		out = append(out, r)
	}
	t.mu.RUnlock()
	slices.SortFunc(out, func(a, b *Row) int {
		return cmp.Or(a.Started.Compare(b.Started), strings.Compare(a.Session, b.Session))
	})
	return out
}

// row is what lists show of a session.
func (s *Session) row() Row {
	return Row{Session: s.Handler, URLID: s.URLID, Account: string(s.AOR), State: s.state.String(),
		Binding: string(s.client.Binding), Remote: s.client.Remote, Secure: s.client.Secure,
		Version: s.client.Version, Client: s.client.Name, Method: s.Method, Calls: s.calls}
}
