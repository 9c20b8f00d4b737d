package pbx

import (
	"slices"
	"strings"
	"sync"
	"time"
)

// Table shows the Tasks of this member to lists, and to READNODESTATUS. Each Task writes its own row when
// what it shows changes; rows are never changed.
type Table struct {
	mu   sync.RWMutex
	rows map[string]*Row
}

// Row is a living Task as lists show it.
type Row struct {
	Task    string // handler
	Program string
	Account string // in whose name it acts now
	Owner   string // whom it was started for
	Mode    string
	Waiting string // the function it is blocked in
	Where   string // the line of the program
	Party   string // address of its party
	Leg     string // handler of its party's leg
	With    string // handler of the Task that its party is joined with
	Parties int    // in its mixer
	Call    string
	Started time.Time
	Status  string // SetApplicationStatus, in text form
}

// NewTable makes an empty table.
func NewTable() *Table { return &Table{rows: map[string]*Row{}} }

func (t *Table) show(r *Row) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.rows[r.Task] = r
}

func (t *Table) drop(task string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.rows, task)
}

// Row is the row of one Task.
func (t *Table) Row(task string) (*Row, bool) {
	t.mu.RLock()
	defer t.mu.RUnlock()
	r, ok := t.rows[task]
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
		if c := a.Started.Compare(b.Started); c != 0 {
			return c
		}
		return strings.Compare(a.Task, b.Task)
	})
	return out
}
