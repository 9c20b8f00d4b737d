package agent

import (
	"slices"
	"strings"
	"sync"
)

// Table shows the agents whose owner this member is to lists. Each agent writes his own row when something has changed;
// rows are never changed.
type Table struct {
	mu   sync.RWMutex
	rows map[string]*Row
}

// Row is an agent as lists show him.
type Row struct {
	Name string
	View
	Record  Record
	Account string
	Display string
	Devices []string // AORs at which he works, there or not
	Epoch   uint64   // under which he speaks
}

// NewTable makes an empty table.
func NewTable() *Table { return &Table{rows: map[string]*Row{}} }

func (t *Table) show(r *Row) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.rows[r.Name] = r
}

// drop forgets the row of an agent whose actor has ended; that of a later one stays.
func (t *Table) drop(name string, epoch uint64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if r := t.rows[name]; r != nil && r.Epoch <= epoch {
		delete(t.rows, name)
	}
}

// Row is the row of one agent.
func (t *Table) Row(name string) (*Row, bool) {
	t.mu.RLock()
	defer t.mu.RUnlock()
	r, ok := t.rows[name]
	return r, ok
}

// Rows are all, by name.
func (t *Table) Rows() []*Row {
	t.mu.RLock()
	out := make([]*Row, 0, len(t.rows))
	for _, r := range t.rows {
		out = append(out, r)
	}
	t.mu.RUnlock()
	slices.SortFunc(out, func(a, b *Row) int { return strings.Compare(a.Name, b.Name) })
	return out
}

// States counts them by state.
func (t *Table) States() map[State]int {
	t.mu.RLock()
	defer t.mu.RUnlock()
	out := map[State]int{}
	for _, r := range t.rows {
		out[r.State]++
	}
	return out
}
