package leg

import (
	"sync"

	"google.golang.org/protobuf/proto"

	"tandem/actors/msg"
)

// Table shows the legs of this member to lists: those that live, and the last ones that ended. Each
// leg writes its own row when its state changes; readers get copies.
type Table struct {
	mu    sync.RWMutex
	live  map[string]*msg.LegFound
	ended []*msg.LegRecord // ring, oldest at next
	next  int
	total uint64
}

// Recent is how many ended legs a member remembers beside the journal.
const Recent = 10000

// NewTable makes an empty table.
func NewTable() *Table { return &Table{live: map[string]*msg.LegFound{}} }

// show sets a live leg's row.
func (t *Table) show(r *msg.LegRecord, s state) {
	row := &msg.LegFound{Record: proto.CloneOf(r), State: s.String()}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.live[r.Leg] = row
}

// drop removes a live leg's row.
func (t *Table) drop(leg string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.live, leg)
}

// Add notes an ended leg whose record is durable. Records are never changed after it.
func (t *Table) Add(r *msg.LegRecord) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.total++
	if len(t.ended) < Recent {
		t.ended = append(t.ended, r)
		return
	}
	t.ended[t.next] = r
	t.next = (t.next + 1) % Recent
}

// Live are the legs that live now, in no order.
func (t *Table) Live() []*msg.LegFound {
	t.mu.RLock()
	defer t.mu.RUnlock()
	out := make([]*msg.LegFound, 0, len(t.live))
	for _, r := range t.live {
		out = append(out, r)
	}
	return out
}

// Ended are the last records, newest first, as many as keep returns true for, at most n.
func (t *Table) Ended(n int, keep func(*msg.LegRecord) bool) []*msg.LegRecord {
	t.mu.RLock()
	defer t.mu.RUnlock()
	var out []*msg.LegRecord
	for i := range t.ended {
		r := t.ended[(t.next-1-i+2*len(t.ended))%len(t.ended)]
		if len(out) == n {
			break
		}
		if keep(r) {
			out = append(out, r)
		}
	}
	return out
}

// Total is how many records became durable since the start.
func (t *Table) Total() uint64 {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.total
}
