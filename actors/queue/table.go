package queue

import (
	"slices"
	"strings"
	"sync"
	"time"
)

// Table shows the queues whose owner this member is to lists. Each queue writes its own row when something has changed,
// not more often than lookEvery; rows are never changed.
type Table struct {
	mu   sync.RWMutex
	rows map[string]*Row
}

// lookEvery is how often a row is made anew at most. It costs a look at all callers.
const lookEvery = 250 * time.Millisecond

// Row is a queue as lists show it.
type Row struct {
	View
	At    time.Time // of this look: durations count up to it
	Epoch uint64    // under which it speaks
}

// NewTable makes an empty table.
func NewTable() *Table { return &Table{rows: map[string]*Row{}} }

func (t *Table) show(r *Row) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.rows[r.Name] = r
}

// drop forgets the row of a queue that has ended; one of a later actor of that name stays.
func (t *Table) drop(name string, epoch uint64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if r := t.rows[name]; r != nil && r.Epoch <= epoch {
		delete(t.rows, name)
	}
}

// Row is the row of one queue.
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
